"""E06: the dot product, its four products and its arrows."""

from math import acos, cos

import numpy as np
import pytest

from exhibiting import do, refuses, shown, told
from fishformer.charts.drawing import Rect, Text
from fishformer.config import Config
from fishformer.exhibits.e06_dot import MOST, DotProduct
from fishformer.sums import cosine, dot, length


@pytest.fixture
def exhibit():
    return shown(DotProduct(Config(), None))


def test_the_article_s_pair(exhibit):
    assert [round(p, 2) for p in exhibit.sum.products] == [0.56, 0.12, 0.30, 0.72]
    assert told(exhibit, "e06.total") == "1.70"
    assert told(exhibit, "e06.line") == "0.56 + 0.12 + 0.30 + 0.72 = 1.70"
    assert told(exhibit, "e06.cosine") == f"{cosine(exhibit.a, exhibit.b):.3f}"
    assert exhibit.view()["state"]["e06.pair"] == "first"


def test_dot_length_and_cosine_against_numpy():
    rng = np.random.default_rng(0)
    for _ in range(20):
        a, b = rng.normal(size=(2, 7))
        assert dot(a, b).total == pytest.approx(a @ b)
        assert length(a) == pytest.approx(np.linalg.norm(a))
        expected = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
        assert cosine(a, b) == pytest.approx(expected)


def test_every_number_can_be_changed(exhibit):
    for name in (f"{letter}{n}" for letter in "ab" for n in range(1, 5)):
        before = exhibit.sum.total
        do(exhibit, name, -1.5)
        assert exhibit.sum.total != before
        assert exhibit.view()["state"][f"e06.{name}"] == -1.5
        assert told(exhibit, f"e06.{name}") == "−1.5"
    assert exhibit.view()["state"]["e06.pair"] is None


def test_doubling_doubles_the_sum_and_leaves_the_cosine(exhibit):
    total, angle = exhibit.sum.total, exhibit.cosine
    do(exhibit, "pair", "double")
    assert exhibit.sum.total == pytest.approx(2 * total)
    assert exhibit.cosine == pytest.approx(angle)
    after = told(exhibit, "e06.after")
    assert "1.70" in after
    assert "3.40" in after


def test_turning_round_changes_the_sign(exhibit):
    total = exhibit.sum.total
    do(exhibit, "pair", "turned")
    assert exhibit.sum.total == pytest.approx(-total)
    assert "below zero" in told(exhibit, "e06.finding")
    reds = [m for m in exhibit.draw("e06.sum", 400, 160).marks if isinstance(m, Rect)]
    assert [m.fill for m in reds[:4]] == ["div-2"] * 4


def test_nothing_in_common_adds_up_to_nothing(exhibit):
    do(exhibit, "pair", "apart")
    assert told(exhibit, "e06.total") == "0.00"
    assert told(exhibit, "e06.angle") == "90°"
    assert "right angle" in told(exhibit, "e06.finding")


def test_a_list_of_zeros_has_no_cosine(exhibit):
    for n in range(1, 5):
        do(exhibit, f"a{n}", 0)
    assert exhibit.cosine is None
    assert told(exhibit, "e06.cosine") == "none"
    assert "no direction" in told(exhibit, "e06.finding")
    for canvas in exhibit.canvases:
        assert exhibit.draw(canvas, 300, 200).marks
    assert "without a direction" in exhibit.labels()["e06.arrows"]


def test_the_arrows_have_the_true_angle(exhibit):
    do(exhibit, "pair", "apart")
    tips = {
        mark.text: (mark.x, mark.y)
        for mark in exhibit.draw("e06.arrows", 384, 220).marks
        if isinstance(mark, Text)
    }
    assert tips["a"][0] == pytest.approx(192, abs=1)  # straight up
    assert tips["b"][0] > 192 + 50
    assert cos(acos(exhibit.cosine)) == pytest.approx(0, abs=1e-9)


def test_bars_span_the_sums(exhibit):
    bars = [m for m in exhibit.draw("e06.sum", 680, 160).marks if isinstance(m, Rect)]
    assert len(bars) == 5
    whole = bars[-1].width
    for bar, product in zip(bars, exhibit.sum.products, strict=False):
        assert bar.width / whole == pytest.approx(product / 1.70, abs=0.01)
    assert max(bar.x + bar.width for bar in bars) <= 680


@pytest.mark.parametrize(
    ("name", "value"),
    [("a1", MOST + 0.1), ("b4", "much"), ("a5", 1), ("c1", 1), ("pair", "none")],
)
def test_refusals_leave_everything(exhibit, name, value):
    refuses(exhibit, name, value)


def test_table_and_labels(exhibit):
    (table,) = exhibit.tables()
    assert table.rows[0] == ["1", "0.8", "0.7", "0.56"]
    assert table.rows[-1][-1] == "1.70"
    assert set(exhibit.labels()) == set(exhibit.canvases)
