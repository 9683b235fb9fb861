"""E09: its walk through the example, step by step, and what can be changed."""

import pytest

from exhibiting import do, matrix, refuses, shown, state, told
from fishformer.charts.drawing import Rect, Text
from fishformer.config import Config
from fishformer.exhibits.e09_helmet import Helmet
from fishformer.exhibits.e09_walk import DIVISOR, LISTS, MADE_IN, STEPS


@pytest.fixture
def exhibit():
    return shown(Helmet(Config(), None))


# ---- step by step --------------------------------------------------------------------


def test_next_and_back_walk_through_all_steps(exhibit):
    seen = [state(exhibit, "step")]
    assert state(exhibit, "back.off")
    for _ in STEPS[1:]:
        do(exhibit, "next")
        seen.append(state(exhibit, "step"))
    assert tuple(seen) == STEPS
    assert state(exhibit, "next.off")
    do(exhibit, "next")
    assert state(exhibit, "step") == STEPS[-1]
    for _ in STEPS[1:]:
        do(exhibit, "back")
    assert state(exhibit, "step") == STEPS[0]


@pytest.mark.parametrize("scaled", [True, False])
@pytest.mark.parametrize("head", [1, 2])
@pytest.mark.parametrize("step", STEPS)
def test_every_step_can_be_shown(exhibit, step, head, scaled):
    do(exhibit, "head", str(head))
    do(exhibit, "scaled", scaled)
    do(exhibit, "step", step)
    for width in (328, 460):
        drawings = {c: exhibit.draw(c, width, 224) for c in exhibit.canvases}
        drawn = {c for c, drawing in drawings.items() if drawing.marks}
        block = "project" if step in LISTS else step
        assert drawn == ({f"e09.sum.{block}"} if step != "heads" else set())
        for drawing in drawings.values():
            for mark in drawing.marks:
                if isinstance(mark, Rect):
                    assert 0 <= mark.x <= mark.x + mark.width <= width + 1
    assert set(exhibit.labels()) == set(exhibit.canvases)
    assert told(exhibit, "e09.finding")
    assert [table.caption for table in exhibit.tables()]
    for shape in exhibit.view()["matrices"].values():
        assert len({len(row) for row in shape.values}) == 1
        for marks in (shape.marks, shape.shade):
            assert not marks or len(marks) == len(shape.values)


@pytest.mark.parametrize("head", [1, 2])
@pytest.mark.parametrize(
    ("step", "name"),
    [("query", "P"), ("key", "P"), ("value", "P"), ("scores", "S"), ("mix", "H"),
     ("join", "O")],
)  # fmt: skip
def test_any_number_opens_with_its_sum_and_its_operands(exhibit, head, step, name):
    do(exhibit, "step", step)
    do(exhibit, "head", head)
    left, above = {
        "scores": ("Q", "Kt"), "mix": ("A2", "V"), "join": ("M", "WO"),
    }.get(step, ("X", "W"))  # fmt: skip
    result = matrix(exhibit, name)
    for row, line in enumerate(result.values):
        for column, number in enumerate(line):
            do(exhibit, "open", [name, row, column])
            assert matrix(exhibit, name).opened == (row, column)
            opened = exhibit.walk.opened_sum()
            assert (
                f"{opened.total:.2f}".replace("-0.00", "0.00")
                == number.replace("−", "-")
                or abs(opened.total - float(number.replace("−", "-"))) < 0.00501
            )
            assert {r for r, _ in matrix(exhibit, left).lit} == {row}
            assert {c for _, c in matrix(exhibit, above).lit} == {column}
            assert len(matrix(exhibit, left).lit) == len(opened.left)
            assert len(matrix(exhibit, above).lit) == len(opened.right)


def test_the_opened_sum_is_written_out(exhibit):
    do(exhibit, "open", ["P", 2, 2])
    assert told(exhibit, "e09.opened") == (
        "smacked, query number 3: eight products, 0.610"
    )
    texts = [
        mark.text
        for mark in exhibit.draw("e09.sum.project", 460, 224).marks
        if isinstance(mark, Text)
    ]
    assert texts[:5] == ["0.68", "×", "−0.2", "=", "−0.136"]
    assert "0.680 × −0.200" in exhibit.labels()["e09.sum.project"]


@pytest.mark.parametrize(
    ("at", "name", "row", "column", "step", "cell", "head"),
    [
        ("scores", "Q", 1, 3, "query", (1, 3), 1),
        ("scores", "Kt", 3, 1, "key", (1, 3), 1),
        ("shares", "S2", 0, 5, "scores", (0, 5), 1),
        ("mix", "A2", 4, 5, "shares", (4, 5), 1),
        ("mix", "V", 4, 1, "value", (4, 1), 1),
        ("heads", "H2", 3, 1, "mix", (3, 1), 2),
        ("join", "M", 3, 6, "mix", (3, 2), 2),
    ],
)
def test_an_earlier_number_opens_where_it_was_made(
    exhibit, at, name, row, column, step, cell, head
):
    do(exhibit, "step", at)
    number = matrix(exhibit, name).values[row][column]
    do(exhibit, "open", [name, row, column])
    assert state(exhibit, "step") == step
    assert state(exhibit, "head") == head
    made = next(
        n for n in ("P", "S", "A", "H") if f"e09.{n}" in exhibit.view()["matrices"]
    )
    assert matrix(exhibit, made).opened == cell
    assert matrix(exhibit, made).values[cell[0]][cell[1]] == number


@pytest.mark.parametrize("column", range(8))
def test_every_column_of_the_last_step_is_told(exhibit, column):
    """W_O has more columns than there are words."""
    do(exhibit, "step", "join")
    do(exhibit, "open", ["O", 2, column])
    assert f"number {column + 1} after W" in told(exhibit, "e09.opened")


def test_a_share_is_opened_as_softmax(exhibit):
    do(exhibit, "step", "shares")
    do(exhibit, "open", ["A", 2, 5])
    assert told(exhibit, "e09.opened").endswith("18.2%")
    do(exhibit, "scaled", False)
    assert told(exhibit, "e09.opened").endswith("19.9%")
    assert exhibit.walk.now.shares.sum(axis=1) == pytest.approx(1)


# ---- what can be changed ---------------------------------------------------


def test_an_edit_of_x_flows_through_everything(exhibit):
    before = exhibit.walk.out.copy()
    do(exhibit, "edit", ["X", 2, 0, "−1.25"])
    assert matrix(exhibit, "X").values[2][0] == "−1.25"
    assert matrix(exhibit, "X").marks[2][0] == "edited"
    assert (exhibit.walk.out != before).all()
    assert not state(exhibit, "undo.off")
    do(exhibit, "undo")
    assert (exhibit.walk.out == before).all()
    assert state(exhibit, "undo.off")


def test_undo_is_last_first_and_reset_is_all(exhibit):
    do(exhibit, "edit", ["X", 0, 0, "1"])
    do(exhibit, "edit", ["WO", 0, 1, "0.5"])
    do(exhibit, "undo")
    assert exhibit.walk.edits["WO"][0, 1] == 0
    assert exhibit.walk.edits["X"][0, 0] == 1
    do(exhibit, "edit", ["WO", 0, 1, "0.5"])
    do(exhibit, "reset")
    assert state(exhibit, "reset.off")
    assert exhibit.walk.edits["X"][0, 0] == 0.44


@pytest.mark.parametrize("typed", ["", "abc", "4", "-3.5", "NaN"])
def test_bad_input_is_told_and_keeps_the_old_value(exhibit, typed):
    do(exhibit, "edit", ["X", 2, 0, typed])
    assert exhibit.walk.edits["X"][2, 0] == 0.68
    assert "It is still 0.68." in told(exhibit, "e09.error")


def test_w_o_starts_as_the_identity_and_mixes_when_changed(exhibit):
    do(exhibit, "step", "join")
    assert (exhibit.walk.out == exhibit.walk.mixed).all()
    assert "as it is" in told(exhibit, "e09.finding")
    do(exhibit, "edit", ["WO", 7, 2, "1"])
    expected = exhibit.walk.mixed[:, 2] + exhibit.walk.mixed[:, 7]
    assert exhibit.walk.out[:, 2] == pytest.approx(expected)
    assert "draws on 2" in told(exhibit, "e09.finding")


def test_the_largest_numbers_can_be_drawn(exhibit):
    for row in range(6):
        for column in range(8):
            exhibit.handle("edit", ["X", row, column, "3"])
    do(exhibit, "scaled", False)
    for step in STEPS:
        do(exhibit, "step", step)
        for canvas in exhibit.canvases:
            for mark in exhibit.draw(canvas, 328, 224).marks:
                assert "nan" not in getattr(mark, "text", "")
                assert "inf" not in getattr(mark, "text", "")


# ---- the formula, refusals ---------------------------------------------------


def test_each_term_of_the_formula_goes_to_its_step(exhibit):
    steps = {"scale": "shares", "softmax": "shares", "output": "join"}
    for term in Helmet.terms:
        do(exhibit, "term", term)
        assert state(exhibit, "step") == steps.get(term, term)
    do(exhibit, "term", None)
    assert state(exhibit, "step") == "join"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("step", "dance"), ("head", 3), ("divide.third", True), ("open", ["X", 0, 0]),
        ("open", ["S", 6, 0]), ("open", ["S", 0, -1]), ("open", ["P", 0, 4]),
        ("open", ["M", 0, 8]), ("edit", ["Q", 0, 0, "1"]), ("edit", ["X", 0, 8, "1"]),
        ("sing", None),
    ],
)  # fmt: skip
def test_refusals_leave_everything(exhibit, name, value):
    refuses(exhibit, name, value)


def test_constants_agree():
    assert DIVISOR == 2
    assert set(MADE_IN.values()) == set(STEPS) - {"heads"}
