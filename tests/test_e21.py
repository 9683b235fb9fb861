"""E21: pairs are counted, seconds are measured, and the two are told apart."""

import numpy as np
import pytest

from exhibiting import finish, told
from fishformer.attention import attention_forward
from fishformer.charts.drawing import Rect, Text
from fishformer.charts.square import square
from fishformer.charts.svg import to_svg
from fishformer.config import Config
from fishformer.corpus import load_fish
from fishformer.exhibits import e21_cost
from fishformer.exhibits.e21_cost import Cost
from fishformer.lessons import cost
from fishformer.lessons.cost import (
    LENGTHS,
    Timing,
    bytes_of_scores,
    fitted_exponent,
    length_where_pairs_lead,
    measurements,
    pairs,
    passes,
    work_of_layer,
)
from fishformer.lessons.counting import GPT_3


@pytest.fixture
def fresh():
    return Cost(Config(), load_fish())


def timed_as(attention, elman):
    """A stand-in for the clock: seconds as functions of the length."""

    def made(config, lengths=LENGTHS, rounds=e21_cost.ROUNDS):
        for _ in range(rounds):
            for n in lengths:
                yield Timing("attention", n, attention(n))
                yield Timing("elman", n, elman(n))

    return made


def measure(exhibit):
    exhibit.handle("measure", None)
    finish(exhibit)


# ---- counted ---------------------------------------------------------------------


def test_the_sources_numbers_of_pairs():
    assert pairs(512) == 262_144
    assert pairs(32_768) == 1_073_741_824
    assert pairs(1024) == 256 * pairs(64)


def test_pairs_and_room_are_those_of_the_scores_that_attention_makes():
    config = Config()
    once = passes(48, config)["attention"]
    _, cache = once()
    assert cache.scores.size == config.n_heads * pairs(48)
    assert cache.scores.nbytes == bytes_of_scores(48, config.n_heads)
    assert cache.x.shape == (1, 48, config.d_model)
    assert attention_forward.__name__ in once.__code__.co_names


@pytest.mark.parametrize(("D", "F"), [(32, 128), (GPT_3.d_model, GPT_3.d_ff)])
def test_from_a_certain_length_on_the_pairs_lead(D, F):
    n = length_where_pairs_lead(D, F)
    at = work_of_layer(n, D, F)
    assert at.pairs == at.projections + at.feed_forward
    after = work_of_layer(n + 1, D, F)
    assert after.pairs > after.projections + after.feed_forward


def test_where_the_pairs_lead_here_and_in_gpt_3(fresh):
    assert fresh.texts()["e21.lead"] == "192"
    assert fresh.texts()["e21.lead3"] == "73,728"
    assert GPT_3.d_model // Config().d_model == 384  # as the prose has it


# ---- measured --------------------------------------------------------------------


@pytest.mark.parametrize("power", [1, 1.5, 2])
def test_an_exponent_is_found_again(power):
    seconds = [3e-5 * n**power for n in LENGTHS]
    assert fitted_exponent(LENGTHS, seconds) == pytest.approx(power)


def test_measurements_come_one_by_one_at_every_length(monkeypatch):
    monkeypatch.setattr(cost, "AT_LEAST", 1e-4)
    found = list(measurements(Config(), (16, 32), 3))
    assert [(t.kind, t.n_words) for t in found[:4]] == [
        ("attention", 16), ("elman", 16), ("attention", 32), ("elman", 32),
    ]  # fmt: skip
    assert len(found) == 12 and all(t.seconds > 0 for t in found)


def test_attention_really_grows_faster_than_a_network_that_steps():
    """Not a benchmark: between 128 and 1,024 words the gap is wide on any machine."""
    of = {n: passes(n, Config()) for n in (128, 1024)}
    seconds = {
        (kind, n): min(cost.timed(of[n][kind]) for _ in range(5))
        for n in of
        for kind in ("attention", "elman")
    }
    growth = {k: seconds[k, 1024] / seconds[k, 128] for k in ("attention", "elman")}
    assert growth["attention"] > 1.5 * growth["elman"]


# ---- the exhibit ------------------------------------------------------------------


def test_before_measuring_it_counts(fresh):
    texts = fresh.texts()
    assert texts["e21.pairs"] == "262,144" and texts["e21.room"] == "4.2 MB"
    assert "262,144 at 512 words, 1,073,741,824 at 32,768" in texts["e21.finding"]
    assert "256 times the pairs" in texts["e21.answer"]
    assert "Measure it below" in texts["e21.answer"]
    assert fresh.view()["state"]["e21.measured"] is False
    for canvas in fresh.canvases:
        to_svg(fresh.draw(canvas, 328, 280))


@pytest.mark.parametrize(
    ("event", "words"),
    [(("length", 15), 32_768), (("length", "4"), 16), (("words", "1048576"), 2**20)],
)
def test_any_length_by_range_or_button(fresh, event, words):
    fresh.handle(*event)
    assert fresh.n_words == words
    assert fresh.texts()["e21.pairs"] == f"{words**2:,}"
    assert fresh.view()["state"]["e21.words"] == str(words)
    assert fresh.view()["state"]["e21.length"] == np.log2(words)
    to_svg(fresh.draw("e21.square", 680, 420))


@pytest.mark.parametrize(
    ("name", "value"),
    [("length", 3), ("length", 21), ("length", "many"), ("words", 100), ("race", 1)],
)
def test_refusals(fresh, name, value):
    with pytest.raises(ValueError, match=f"{name}|{value}"):
        fresh.handle(name, value)


def test_what_was_measured_is_what_is_said(fresh, monkeypatch):
    monkeypatch.setattr(
        e21_cost,
        "measurements",
        timed_as(lambda n: 2e-8 * n**2, lambda n: 4e-6 * n),
    )
    measure(fresh)
    assert fresh.exponent("attention") == pytest.approx(2)
    assert fresh.exponent("elman") == pytest.approx(1)
    verdict = told(fresh, "e21.verdict")
    assert "power of 2.00 for attention, 1.00 for the Elman" in verdict
    assert "At 1,024 words attention takes 5.1 times" in verdict
    assert "takes 256 times as long" in fresh.texts()["e21.answer"]
    assert "takes 256 times as long" in fresh.texts()["e21.erratum"]
    assert "256 times as long in this browser" in fresh.texts()["e21.finding"]
    shown = fresh.view()["matrices"]["e21.times"].values
    assert shown[0] == ["0.005", "0.064"] and shown[-1] == ["21.0", "4.1"]
    labels = [m.text for m in fresh.draw("e21.time", 680, 320).marks
              if isinstance(m, Text)]  # fmt: skip
    assert {"attention", "Elman", "n²", "n"} <= set(labels)


def test_on_a_machine_where_it_is_the_other_way_round_it_says_so(fresh, monkeypatch):
    monkeypatch.setattr(
        e21_cost, "measurements", timed_as(lambda n: 1e-9 * n**2, lambda n: 4e-6 * n)
    )
    measure(fresh)
    assert "the Elman network takes 3.9 times" in told(fresh, "e21.verdict")


def test_medians_are_not_moved_by_an_interruption(fresh):
    fresh.measured = {("attention", 64): [1e-3, 1e-3, 1.1e-3, 0.9e-3, 5.0]}
    assert fresh.median("attention", 64) == pytest.approx(1e-3)


def test_it_can_be_stopped_and_keeps_what_it_had(fresh):
    fresh.handle("measure", None)
    for _ in range(4):
        fresh.work()
    fresh.handle("stop", None)
    assert not fresh.busy and len(fresh.measured) == 4
    assert 0 < fresh.progress < 1
    to_svg(fresh.draw("e21.time", 680, 320))
    assert "come with the last length" in told(fresh, "e21.verdict")
    assert fresh.tables()[1].rows[0][1] != "–" and fresh.tables()[1].rows[-1][1] == "–"
    fresh.handle("measure", None)
    assert not fresh.measured


def test_the_square_holds_a_quarter_of_itself():
    marks = square((400, 424), 512).marks
    areas = [m.width * m.height for m in marks if isinstance(m, Rect)][:-1]
    assert areas[0] == 400**2
    np.testing.assert_allclose(np.divide(areas[1:], areas[:-1]), 0.25)
    texts = [m.text for m in marks if isinstance(m, Text)]
    assert "512 words, 262,144 pairs" in texts and "256 words, 65,536 pairs" in texts


def test_gpt_3_is_compared_with_the_model_of_the_page(fresh):
    texts = fresh.texts()
    assert (texts["e21.wider"], texts["e21.reads3"]) == ("384", "2,048")
