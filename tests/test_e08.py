"""E08: the dinner party, its erratum, and the rows that do not sum to 1."""

from math import e, sqrt

import numpy as np
import pytest

from exhibiting import do, matrix, shown, told
from fishformer.config import Config
from fishformer.exhibits.e08_dinner import PRINTED, SCORES, DinnerParty
from fishformer.exhibits.edits import EditError, Edits, read_number


@pytest.fixture
def exhibit():
    return shown(DinnerParty(Config(), None))


def test_scores_shares_and_blend_of_bank(exhibit):
    assert exhibit.scores[1].tolist() == [1, 2, 1]
    assert matrix(exhibit, "scores").values[1] == ["1.00", "2.00", "1.00"]
    assert [f"{score / sqrt(2):.2f}" for score in exhibit.scores[1]] == [
        "0.71",
        "1.41",
        "0.71",
    ]
    exps = [e ** (score / sqrt(2)) for score in (1, 2, 1)]
    expected = [f"{100 * each / sum(exps):.2f}" for each in exps]
    assert expected == ["24.83", "50.35", "24.83"]
    assert matrix(exhibit, "shares").values[1] == expected
    assert matrix(exhibit, "blends").values[1] == ["0.50", "0.50"]


def test_the_printed_percentages_cannot_be(exhibit):
    printed = matrix(exhibit, "printed")
    assert printed.values[0] == ["26", "48", "26"]
    assert printed.marks[0] == ["differs"] * 3
    says = told(exhibit, "e08.why")
    ratio = exhibit.shares[1, 1] / exhibit.shares[1, 0]
    assert f"{ratio:.2f} times" in says
    low, high = 47.5 / 26.5, 48.5 / 25.5
    assert f"{low:.2f} to {high:.2f}" in says
    assert not low <= ratio <= high


def test_the_slip_leaves_the_blend(exhibit):
    blend = np.array(PRINTED) / 100 @ exhibit.edits["v"]
    assert blend == pytest.approx([0.5, 0.5])
    assert "(0.50, 0.50)" in told(exhibit, "e08.kept")


def test_every_row_sums_to_one(exhibit):
    assert exhibit.shares.sum(axis=1) == pytest.approx([1, 1, 1])


def test_the_table_s_rows(exhibit):
    table = matrix(exhibit, "table")
    assert [row[-1] for row in table.values] == ["1.80", "2.14", "2.26"]
    assert {row[-1] for row in table.marks} == {"differs"}
    do(exhibit, "through", True)
    table = matrix(exhibit, "table")
    assert [row[-1] for row in table.values] == ["1.00"] * 3
    assert {row[-1] for row in table.marks} == {"same"}
    exps = np.exp(SCORES[0])
    assert table.values[0][2] == f"{exps[2] / exps.sum():.2f}"
    assert "every row sums to 1.00" in told(exhibit, "e08.rows")


@pytest.mark.parametrize(
    ("name", "row", "column"),
    [
        (name, row, column)
        for name, wide in (("scores", 3), ("shares", 3), ("blends", 2))
        for row in range(3)
        for column in range(wide)
    ],
)
def test_any_number_opens_with_its_operands_lit(exhibit, name, row, column):
    do(exhibit, "open", [name, row, column])
    assert matrix(exhibit, name).opened == (row, column)
    lit = {k for k in ("q", "k", "v", "scores", "shares") if matrix(exhibit, k).lit}
    assert lit == {"scores": {"q", "k"}, "shares": {"scores"}}.get(
        name, {"shares", "v"}
    )
    canvas = "e08.softmax" if name == "shares" else "e08.sum"
    assert exhibit.view()["state"]["e08.shares"] == (name == "shares")
    assert exhibit.draw(canvas, 680, 120).marks
    array = {"scores": exhibit.scores, "blends": exhibit.blends}.get(name)
    if array is not None:
        assert exhibit._sum().total == pytest.approx(array[row, column])


def test_a_change_flows_through_and_can_be_undone(exhibit):
    assert exhibit.view()["state"]["e08.undo.off"]
    do(exhibit, "edit", ["k", 0, 0, "2"])
    assert exhibit.scores[1].tolist() == [2, 2, 1]
    assert matrix(exhibit, "k").marks[0][0] == "edited"
    assert not exhibit.view()["state"]["e08.undo.off"]
    do(exhibit, "edit", ["k", 0, 1, "-1,5"])
    assert matrix(exhibit, "k").values[0] == ["2", "−1.5"]
    do(exhibit, "undo", None)
    assert matrix(exhibit, "k").values[0] == ["2", "0"]
    do(exhibit, "reset", None)
    assert exhibit.scores[1].tolist() == [1, 2, 1]
    assert exhibit.view()["state"]["e08.reset.off"]


@pytest.mark.parametrize("typed", ["", "two", "3.01", "nan", "inf", "1e3", "0.5.5"])
def test_bad_input_is_told_and_keeps_the_old_value(exhibit, typed):
    count = exhibit.view()["state"]["e08.edits"]
    do(exhibit, "edit", ["v", 0, 0, typed])
    assert exhibit.edits["v"][0, 0] == 0.9
    assert "It is still 0.9." in told(exhibit, "e08.error")
    assert exhibit.view()["state"]["e08.edits"] > count  # so that the field is reset
    do(exhibit, "edit", ["v", 0, 0, "1"])
    assert told(exhibit, "e08.error") == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("edit", ["scores", 0, 0, "1"]),
        ("edit", ["q", 3, 0, "1"]),
        ("open", ["blends", 0, 2]),
        ("open", ["q", 0, 0]),
        ("leave", None),
    ],
)
def test_refusals(exhibit, name, value):
    with pytest.raises(ValueError):
        exhibit.handle(name, value)


def test_numbers_as_people_type_them():
    assert read_number(" 0,25 ", 3) == 0.25
    assert read_number("−1", 3) == -1
    with pytest.raises(EditError, match="not a number"):
        read_number("−", 3)


def test_edits_do_not_touch_what_they_were_given():
    first = np.zeros((1, 1))
    edits = Edits({"x": first}, 1)
    edits.change("x", 0, 0, "1")
    assert first[0, 0] == 0
    edits.undo()
    edits.undo()  # nothing left: no harm
    assert not edits.changed


def test_table_and_labels(exhibit):
    pairs, blends = exhibit.tables()
    assert ["bank", "bank", "2.00", "1.41", "50.35%"] in pairs.rows
    assert blends.rows[1] == ["bank", "0.500", "0.500"]
    assert set(exhibit.labels()) == set(exhibit.canvases)
