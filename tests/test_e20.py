"""E20: one model, three tasks; only the first word says which."""

import numpy as np
import pytest

from exhibiting import do, finish, said, shown, told, work
from fishformer.charts.svg import to_svg
from fishformer.config import Config
from fishformer.datasets import PREFIXES, load_prefixes
from fishformer.exhibits.e20_tasks import (
    END_STEP,
    EXAMPLES,
    NONE,
    SLOW_FROM,
    TASKS,
    TextToText,
)
from fishformer.sampling import translate


@pytest.fixture
def fresh(fish):
    return shown(TextToText(Config(), fish))


@pytest.fixture(scope="module")
def _trained(fish):
    return finish(do(shown(TextToText(Config(), fish)), "train"))


@pytest.fixture
def trained(_trained):
    """After 800 steps, with the king's sentence."""
    for name, value in (
        ("step", END_STEP), ("task", "reverse"), ("sentence", EXAMPLES[0])
    ):  # fmt: skip
        do(_trained, name, value)
    return finish(_trained)


def test_the_same_weights_do_three_tasks(trained):
    for task in PREFIXES:
        shares = trained.run.right[task]
        assert list(shares) == list(range(0, END_STEP + 1, 50))
        assert shares[0] == 0 and shares[END_STEP] > 0.9
    assert trained.rewrites["translate"].words == ("my", "cat", "is", "king")
    assert trained.rewrites["reverse"].words == ("roi", "est", "chat", "mon")
    assert trained.rewrites["classify"].words == ("animal",)
    texts = trained.texts()
    for task in PREFIXES:
        assert said(texts[f"e20.out.{task}"]).endswith("= right")
    assert "= right" not in said(texts["e20.out.none"])  # nobody knows what is
    size = trained.run.model_at(END_STEP).params.buffer.size
    assert f"{size:,} numbers are the same" in texts["e20.finding"]


def test_all_of_a_sentence_is_held_out(trained):
    train = {pair.source[1:] for pair in load_prefixes().train}
    assert len(trained.held_out) == 60
    for text in EXAMPLES:
        words = tuple(text.split())
        assert words in trained.held_out and words not in train


def test_what_it_writes_is_what_the_model_says(trained):
    model, tokenizer = trained.run.model_at(END_STEP), trained.run.tokenizer
    for task in TASKS:
        one = trained.rewrites[task]
        assert one.source == (("mon", "chat", "est", "roi") if task == NONE
                              else (task, "mon", "chat", "est", "roi"))  # fmt: skip
        assert one.words == translate(model, tokenizer, one.source).words


def test_to_reverse_it_reads_backwards(trained):
    do(trained, "sentence", EXAMPLES[2])
    finish(trained)
    looks = trained.looks()[:-1, 1:]  # without the end, and without the first word
    backwards = np.arange(looks.shape[1])[::-1]
    assert (looks.argmax(axis=1) == backwards).mean() > 0.8
    do(trained, "task", "translate")
    finish(trained)
    assert trained.looks().shape == (8, 8)
    assert "of the attention goes to translate" in told(trained, "e20.look")
    do(trained, "task", NONE)
    assert "Nobody trained that" in told(trained, "e20.look")


def test_the_last_steps_are_small(trained):
    kept = trained.run.kept
    moved = [np.linalg.norm(kept[k + 50] - kept[k]) for k in range(0, END_STEP, 50)]
    slow = SLOW_FROM // 50
    assert max(moved[slow:]) < 0.4 * moved[slow - 1]


def test_a_typed_sentence_goes_through_all_tasks(trained):
    do(trained, "typed", "La vieille reine chante")
    finish(trained)
    assert trained.rewrites["reverse"].words == ("chante", "reine", "vieille", "la")
    assert trained.rewrites["classify"].words == ("person",)
    before = trained.sentence
    for text, reason in {
        "la girafe dort": "girafe",
        "": "a word or more",
        "la " * 12: "1 to 10 words",
        "la ___ dort": "leave out the ___",
    }.items():
        do(trained, "typed", text)
        assert reason in trained.texts()["e20.error"]
        assert trained.sentence == before
    do(trained, "another")
    place = trained.held_out.index(before)
    assert trained.sentence == trained.held_out[place + 1] and not trained.error


def test_it_trains_in_pieces_and_can_be_cancelled(fresh):
    finish(fresh)  # what the untrained model writes
    assert all(one.ended for one in fresh.rewrites.values())
    assert fresh.view()["state"]["e20.idle"]
    do(fresh, "train")
    work(fresh, 120)
    state = fresh.view()["state"]
    assert state["e20.training"] and 0 < state["e20.progress"] < 1
    assert "s to go" in fresh.texts()["e20.left"]
    do(fresh, "stop")
    finish(fresh)
    assert fresh.step == 50 and fresh.rewrites[NONE].step == 50
    do(fresh, "step", 0)
    finish(fresh)
    assert fresh.rewrites["reverse"].step == 0
    do(fresh, "again")
    assert fresh.seed == 8 and fresh.run.step == 0 and fresh.training


def test_it_refuses_what_it_does_not_know(fresh):
    for name, value in (("task", "sing"), ("sentence", "zèbre"), ("fly", None)):
        with pytest.raises(ValueError, match=f"{name}|{value}"):
            fresh.handle(name, value)


def test_all_charts_and_tables(trained, fresh):
    for exhibit in (trained, fresh):
        for name in exhibit.canvases:
            for size in ((328, 280), (680, 360)):
                to_svg(exhibit.draw(name, *size))
        assert set(exhibit.labels()) == set(exhibit.canvases)
        assert exhibit.tables()
