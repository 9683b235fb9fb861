"""E07: the soft dictionary, from hard to even, and softmax with exp and without."""

from math import log10

import numpy as np
import pytest

from exhibiting import do, refuses, shown, told
from fishformer.charts.blend import LEFT, place_of
from fishformer.charts.drawing import Circle, Line, Text, text_width
from fishformer.config import Config
from fishformer.exhibits.e07_dictionary import (
    COLUMNS,
    LOG,
    SoftDictionary,
    direction,
)
from fishformer.lessons.lookup import divided_by_sum, hard_lookup, soft_lookup
from fishformer.softmax import softmax_forward


@pytest.fixture
def exhibit():
    return shown(SoftDictionary(Config(), None))


def cells(exhibit, name):
    return exhibit.view()["matrices"][f"e07.{name}"].values


def test_the_scores_are_cosines_of_headings(exhibit):
    for (_, heading, _), score in zip(LOG, exhibit.found.scores, strict=True):
        expected = np.cos(np.radians(heading - exhibit.heading))
        assert score == pytest.approx(expected)


def test_shares_sum_to_one_and_blend(exhibit):
    assert exhibit.found.weights.sum() == pytest.approx(1)
    assert exhibit.blend == pytest.approx(exhibit.found.weights @ exhibit.values)
    parts = [float(line[COLUMNS.index("part")]) for line in cells(exhibit, "lookup")]
    assert sum(parts) == pytest.approx(exhibit.blend, abs=0.3)


def test_cold_is_hard(exhibit):
    for heading in (3, 75, 120, 200, 300):
        do(exhibit, "heading", heading)
        do(exhibit, "log_temperature", -2)
        assert exhibit.blend == pytest.approx(exhibit.hard, abs=0.01)
    assert "takes everything" in told(exhibit, "e07.finding")


def test_hot_is_even(exhibit):
    do(exhibit, "log_temperature", 2)
    assert np.allclose(exhibit.found.weights, 1 / len(LOG), atol=0.005)
    assert exhibit.blend == pytest.approx(exhibit.values.mean(), abs=0.5)
    assert "nearly alike" in told(exhibit, "e07.finding")


def test_the_best_share_shrinks_as_it_warms(exhibit):
    largest = []
    for log in np.linspace(-2, 2, 9):
        do(exhibit, "log_temperature", log)
        largest.append(exhibit.found.weights.max())
    assert largest == sorted(largest, reverse=True)
    assert told(exhibit, "e07.temperature") == "100"


def test_many_queries_at_once():
    keys, values = direction(np.array([0.0, 90.0])), np.array([1.0, 3.0])
    queries = direction(np.array([0.0, 45.0, 90.0]))
    found = soft_lookup(queries, keys, values, 0.01)
    assert found.weights.shape == (3, 2)
    assert found.blend == pytest.approx([1, 2, 3])
    assert list(hard_lookup(queries[[0, 2]], keys, values)) == [1, 3]


def test_softmax_needs_exp(exhibit):
    wrong = divided_by_sum(exhibit.found.scores)
    assert wrong.sum() == pytest.approx(1)
    assert wrong.min() < 0
    right = softmax_forward(exhibit.found.scores)
    assert right.min() > 0
    rows = cells(exhibit, "wrong")
    assert [row[1] for row in rows] == [f"{100 * share:.0f}" for share in right]
    assert any(row[0].startswith("−") for row in rows)
    assert "less than nothing" in told(exhibit, "e07.erratum")
    assert divided_by_sum(np.array([1.0, -1.0])) is None


def test_a_sum_of_nothing_is_said(exhibit):
    exhibit.wrong = None
    assert "no dividing" in told(exhibit, "e07.erratum")
    assert cells(exhibit, "wrong")[0][0] == "none"


@pytest.mark.parametrize("column", range(len(COLUMNS)))
def test_every_number_opens(exhibit, column):
    do(exhibit, "open", ["lookup", 1, column])
    table = exhibit.view()["matrices"]["e07.lookup"]
    assert table.opened == (1, column)
    number = table.values[1][column].removesuffix("%")
    assert told(exhibit, "e07.opened").startswith("north-east")
    assert number.replace("−", "") in told(exhibit, "e07.opened").replace("−", "")


def test_the_curve_passes_through_the_query(exhibit):
    drawing = exhibit.draw("e07.curve", 680, 260)
    point = [m for m in drawing.marks if isinstance(m, Circle)][-1]
    curve = next(m for m in drawing.marks if isinstance(m, Line) and m.width == 2)
    at = place_of((680, 260), exhibit.heading)
    assert point.x == pytest.approx(at)
    assert np.interp(at, *curve.xy.T) == pytest.approx(point.y, abs=1)


def test_pressing_the_chart_turns_the_query(exhibit):
    exhibit.draw("e07.curve", 680, 260)
    press = {"canvas": "e07.curve", "x": place_of((680, 260), 200), "y": 9}
    do(exhibit, "at", press | {"kind": "hover"})
    assert exhibit.heading != 200
    do(exhibit, "at", press | {"kind": "press"})
    assert exhibit.view()["state"]["e07.heading"] == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("heading", 361),
        ("heading", "home"),
        ("log_temperature", 2.1),
        ("open", ["lookup", 5, 0]),
        ("open", ["lookup", 0, 6]),
        ("sail", None),
    ],
)
def test_refusals_leave_everything(exhibit, name, value):
    refuses(exhibit, name, value)


def test_ends_of_the_scale_can_be_drawn_and_told(exhibit):
    for log in (log10(0.01), log10(100)):
        for heading in (0, 360):
            do(exhibit, "heading", heading)
            do(exhibit, "log_temperature", log)
            assert exhibit.draw("e07.curve", 328, 260).marks
            assert exhibit.texts() and exhibit.labels() and exhibit.tables()


@pytest.mark.parametrize("width", [328, 680])
def test_names_keep_off_the_curves(exhibit, width):
    marks = exhibit.draw("e07.curve", width, 260).marks
    curve, hard = (m for m in marks if isinstance(m, Line) and len(m.xy) > 2)
    for mark in marks:
        if isinstance(mark, Text) and mark.fill == "key":
            right = mark.x + text_width(mark.text, 12, 600)
            for line in (curve, hard):
                near = line.xy[(line.xy[:, 0] > mark.x)]
                near = near[near[:, 0] < right, 1]
                assert not ((near > mark.y - 9) & (near < mark.y + 2)).any(), mark.text


@pytest.mark.parametrize("width", [328, 680])
def test_names_keep_off_the_scale_and_the_query(exhibit, width):
    for heading in range(0, 361, 5):
        do(exhibit, "heading", heading)
        line = place_of((width, 260), heading)
        for mark in exhibit.draw("e07.curve", width, 260).marks:
            if isinstance(mark, Text) and mark.fill == "key":
                right = mark.x + text_width(mark.text, 12, 600)
                assert mark.x > LEFT and right < width
                assert not mark.x < line < right
