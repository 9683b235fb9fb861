"""E14: eight numbers, and saturation; test_e14_lacking.py has models without a part."""

import json

import numpy as np
import pytest

from exhibiting import go_on, told
from fishformer.config import Config
from fishformer.corpus import load_fish
from fishformer.exhibits.e14_norm import AddAndNormalise
from fishformer.exhibits.e14_numbers import PRINTED
from fishformer.grammar import read_data
from fishformer.lessons.normalising import D_KS, add_and_normalise, random_rows
from fishformer.timeline import Timeline

FISH = load_fish()
SMALL = Config(d_model=8, n_heads=2, d_ff=8, batch_size=8)
X = np.array([0.68, 0.23, 0.91, 0.45, 0.12, 0.77, 0.34, 0.56])
Y = np.array([0.59, 1.02, 0.81, 1.23, 0.74, 0.74, 0.72, 0.98])


@pytest.fixture
def exhibit():
    made = AddAndNormalise(SMALL, FISH)
    made.compute(Timeline(SMALL, FISH))
    return made


# ---- the eight numbers ---------------------------------------------------------------


def test_the_numbers_of_the_article():
    found = add_and_normalise(X, Y)
    printed = np.array([float(text) for text in PRINTED])
    assert round(float(printed.mean()), 3) == 0
    assert printed.var() == pytest.approx(1, abs=0.005)
    np.testing.assert_allclose(
        found.added, [1.27, 1.25, 1.72, 1.68, 0.86, 1.51, 1.06, 1.54]
    )
    assert np.abs(found.normed - printed).max() < 0.015
    assert found.normed.mean() == pytest.approx(0, abs=1e-12)
    assert found.normed.var() == pytest.approx(1, abs=1e-3)


def test_rounding_explains_what_differs_from_print():
    """Sums that round to the printed ones give the printed results exactly."""
    found = add_and_normalise(X, Y)
    sums = found.mean + found.std * np.array([float(text) for text in PRINTED])
    assert np.abs(sums - found.added).max() < 0.005
    normed = add_and_normalise(sums, np.zeros(8)).normed
    assert [f"{n:.2f}" for n in normed] == [f"{float(text):.2f}" for text in PRINTED]


def test_what_the_article_calls_before_would_give_other_numbers():
    rounded = np.round(X + Y, 1)
    normed = add_and_normalise(rounded, np.zeros(8)).normed
    assert [f"{n:.2f}" for n in normed[:2]] == ["-0.23", "-0.60"]  # as the page says


def test_size_and_mean_do_not_get_through(exhibit):
    plain = add_and_normalise(X, Y).normed
    np.testing.assert_allclose(add_and_normalise(X, Y, 10).normed, plain, atol=2e-4)
    np.testing.assert_allclose(add_and_normalise(X, Y, 1, 5).normed, plain, atol=1e-9)
    assert float(exhibit.texts()["e14.unmoved"]) <= 2e-4
    before = exhibit.view()["matrices"]["e14.steps"].values
    exhibit.handle("before", "times")
    after = exhibit.view()["matrices"]["e14.steps"].values
    assert [row[2] for row in after] == [row[2] for row in before]
    assert after[0][0] == "12.70"
    exhibit.handle("before", "plus")
    assert exhibit.view()["matrices"]["e14.steps"].values[0][0] == "6.27"


def test_every_number_opens_its_arithmetic(exhibit):
    sums = {
        (0, 0): "0.68 + 0.59 = 1.27",
        (2, 1): "1.72 − 1.361 = 0.359",
        (4, 2): "(0.86 − 1.361) ÷ 0.284 = −1.76",
    }
    for (row, column), text in sums.items():
        exhibit.handle("open", ["steps", row, column])
        assert exhibit.texts()["e14.arith"] == text
        assert exhibit.view()["matrices"]["e14.steps"].opened == (row, column)
    for row, column, start, end in (
        (0, 0, "(1.27 + 1.25", "= 1.361"),
        (1, 0, "((−0.09)² +", "= 0.0809"),
        (2, 0, "√(0.0809 + 0.00001) = 0.284", "by zero"),
        (0, 1, "((−0.32) + (−0.39)", "= 0.000"),
        (1, 1, "((−0.32)² +", "= 0.9999"),
        (2, 1, "√0.9999", "= 1.000"),
    ):
        exhibit.handle("open", ["stats", row, column])
        text = exhibit.texts()["e14.arith"]
        assert text.startswith(start) and text.endswith(end)
        assert exhibit.view()["matrices"]["e14.stats"].opened == (row, column)
        assert exhibit.view()["matrices"]["e14.steps"].opened is None
    for bad in (["steps", 8, 0], ["stats", 3, 0], ["put", 0, 0]):
        with pytest.raises(ValueError, match="no number"):
            exhibit.handle("open", bad)
    exhibit.handle("before", "times")
    exhibit.handle("open", ["steps", 0, 0])
    assert exhibit.texts()["e14.arith"] == "(0.68 + 0.59) × 10 = 12.70"


def test_edits_undo_reset_and_refusals(exhibit):
    exhibit.handle("edit", ["put", 0, 0, "−1,5"])
    assert exhibit.edits["put"][0, 0] == -1.5
    assert exhibit.view()["matrices"]["e14.put"].marks[0][0] == "edited"
    assert not any(mark for (mark,) in exhibit.view()["matrices"]["e14.print"].marks)
    for text, why in (("abc", "“abc” is not a number"), ("11", "from −10 to 10")):
        before = exhibit.view()["state"]["e14.edits"]
        exhibit.handle("edit", ["put", 3, 1, text])
        assert why in exhibit.texts()["e14.error"]
        assert "still 1.23" in exhibit.texts()["e14.error"]
        assert exhibit.view()["state"]["e14.edits"] > before  # so the field is reset
    exhibit.handle("undo", None)
    assert exhibit.edits["put"][0, 0] == 0.68
    assert exhibit.texts()["e14.error"] == ""
    assert exhibit.view()["state"]["e14.undo.off"]
    exhibit.handle("edit", ["put", 2, 1, "3"])
    exhibit.handle("before", "plus")
    exhibit.handle("reset", None)
    assert not exhibit.edits.changed and exhibit.before == "as"
    assert exhibit.view()["state"]["e14.reset.off"]


def test_eight_equal_numbers_become_zeros(exhibit):
    for row in range(8):
        exhibit.handle("edit", ["put", row, 0, "0.5"])
        exhibit.handle("edit", ["put", row, 1, "0.5"])
    assert np.abs(exhibit.steps.normed).max() < 1e-9
    assert "Eight equal numbers" in exhibit.texts()["e14.finding"]
    exhibit.draw("e14.dots", 328, 220)


def test_beside_the_print(exhibit):
    printed = exhibit.view()["matrices"]["e14.print"]
    assert [row[0].replace("−0", "−").lstrip("0") for row in printed.values] == [
        text.replace("-", "−") for text in PRINTED
    ]
    marks = [mark for (mark,) in printed.marks]
    assert (marks.count("same"), marks.count("differs")) == (2, 6)
    assert exhibit.texts()["e14.apart"] == "0.01"
    exhibit.handle("before", "times")
    assert not any(mark for (mark,) in exhibit.view()["matrices"]["e14.print"].marks)


# ---- saturation ----------------------------------------------------------------------


def test_large_heads_saturate_unless_divided(exhibit):
    plain = [float(random_rows(d_k).mean.unscaled[0, 0]) for d_k in D_KS]
    divided = [float(random_rows(d_k).mean.scaled[0, 0]) for d_k in D_KS]
    assert plain == sorted(plain)
    assert plain[0] == divided[0]  # the root of 1
    assert plain[-1] > 0.9
    assert max(divided) < 0.4
    found = json.loads(read_data("findings.json"))["findings"]["saturation"]["measured"]
    for d_k in (8, 512):
        at = D_KS.index(d_k)
        assert plain[at] == pytest.approx(
            found[f"d_k {d_k}, as it is"]["mean"], abs=0.05
        )
        assert divided[at] == pytest.approx(
            found[f"d_k {d_k}, divided"]["mean"], abs=0.05
        )
    for d_k in D_KS:
        rows = random_rows(d_k)
        assert rows.plain.sum() == pytest.approx(1)
        assert rows.divided.sum() == pytest.approx(1)
        assert (np.diff(rows.plain) <= 0).all()


def test_the_slider_of_d_k(exhibit):
    exhibit.handle("d_k", 9)
    assert exhibit.texts()["e14.d_k"] == "512"
    assert "dₖ = 512" in told(exhibit, "e14.saturated")
    row = exhibit.view()["matrices"]["e14.row"]
    assert float(row.values[0][0]) > float(row.values[1][0])
    with pytest.raises(ValueError, match="from 1 to 512"):
        exhibit.handle("d_k", 10)


def test_the_live_model_follows_the_run(exhibit):
    timeline = Timeline(SMALL, FISH)
    exhibit.compute(timeline)
    before = exhibit.texts()["e14.live"]
    go_on(timeline, 5)
    exhibit.compute(timeline)
    assert exhibit.live is True
    assert exhibit.texts()["e14.live"] != before
    assert "step 5" in exhibit.texts()["e14.live"]


def test_labels_tables_and_unknown_events(exhibit):
    assert set(exhibit.labels()) == set(exhibit.canvases)
    captions = [table.caption for table in exhibit.tables()]
    assert len(captions) == 3
    for canvas in exhibit.canvases:
        for width in (328, 680):
            assert exhibit.draw(canvas, width, 300).marks
    with pytest.raises(ValueError, match="no event 'fly'"):
        exhibit.handle("fly", None)
    with pytest.raises(ValueError, match="no event 'kind'"):
        exhibit.handle("kind", "heads")
