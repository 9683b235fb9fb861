"""E04: what is left of a word, by the package's own gradient, and what is said."""

import json

import numpy as np
import pytest

from exhibiting import finish, said, shown, told
from fishformer.charts.drawing import Line, Text
from fishformer.config import Config
from fishformer.corpus import load_fish
from fishformer.exhibits.e04_ghost import SENTENCES, STAND, Ghost, part
from fishformer.experiments import state_input_gradient
from fishformer.grammar import read_data
from fishformer.lessons.ghost import NETS, Reading


def exhibit_of(seed=7):
    return shown(Ghost(Config(seed=seed), load_fish()))


def read(exhibit):
    return finish(shown(exhibit))


@pytest.fixture(scope="module")
def ghost():
    exhibit = exhibit_of()
    for sentence in reversed(SENTENCES):
        exhibit.handle("sentence", sentence)
        read(exhibit)
    return exhibit


def numbers(seed):
    """What is left of the first word at the last, by network, for both sentences."""
    for sentence in SENTENCES.values():
        reading = Reading(sentence, seed)
        while reading.done < 1:
            reading.read_on()
        yield {net: shares[-1, 0] for net, shares in reading.shares.items()}


# ---- the numbers ------------------------------------------------


@pytest.mark.parametrize("net", NETS)
def test_reading_to_a_word_is_reading_the_whole_sentence(ghost, net):
    """No state depends on words that come later, so the rest need not be read."""
    reading = ghost._reading
    for place in (1, 9, len(reading.words) - 1):
        model = reading._model(net)
        left = state_input_gradient(model, reading.token_ids, place)
        expected = left[: place + 1] / left[place]
        assert np.allclose(reading.shares[net][place, : place + 1], expected, rtol=1e-3)
        assert np.allclose(left[place + 1 :], 0)


def test_what_is_not_read_yet_is_told_as_such():
    assert told(exhibit_of(), "e04.readout").endswith("LSTM …, Attention …")


def test_two_seeds_tell_the_same_story(ghost):
    """And the numbers are of the size that the study measured."""
    measured = json.loads(read_data("findings.json"))["findings"]["gradient"]
    for seed in (7, 8):
        for left in numbers(seed):
            assert left["default"] < 1e-4 and left["lstm"] < 1e-3
            assert left["orthogonal"] > 0.4 and left["attention"] > 0.05
    means = {name: of["mean"] for name, of in measured["measured"].items()}
    assert means["Elman"] < 1e-4 and means["Elman orthogonal"] > 0.4
    assert means["LSTM"] < 1e-3 and means["transformer"] > 0.05


def test_the_answer_to_the_question_is_less_than_a_ten_thousandth(ghost):
    """For both sentences: the page offers that as an answer."""
    for sentence in SENTENCES:
        ghost.handle("sentence", sentence)
        share = ghost._reading.shares["default"][STAND - 1, 0]
        assert share < 1e-4
        assert part(share) in ghost.texts()["e04.answer"]
    ghost.handle("sentence", "1")


def test_each_word_leaves_a_little_over_one_half(ghost):
    """As the prose says of nineteen words."""
    for sentence in SENTENCES:
        ghost.handle("sentence", sentence)
        share = ghost._reading.shares["default"][STAND - 1, 0]
        assert 0.5 < share ** (1 / (STAND - 1)) < 0.65
        assert "19 times in a row" in ghost.texts()["e04.factor"]
    ghost.handle("sentence", "1")


def test_both_sentences_have_their_verb_at_word_20():
    for sentence, verb in zip(SENTENCES.values(), ("ate", "are"), strict=True):
        words = sentence.split()
        assert len(words) == 22 and words[STAND - 1] == verb


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (1, "100%"), (0.555, "56%"), (0.1, "10%"), (0.0512, "5.1%"),
        (0.001, "0.1%"), (0.0005, "1 in 2,000"), (1 / 26431, "1 in 26,000"),
        (1 / 76543, "1 in 77,000"),
    ],
)  # fmt: skip
def test_shares_are_told_for_everybody(share, told):
    assert part(share) == told


# ---- the job ------------------------------------------------


def test_it_reads_in_pieces_and_only_once():
    exhibit = exhibit_of()
    pieces, seen = 0, []
    while exhibit.busy:
        seen.append(exhibit.view()["state"]["e04.progress"])
        exhibit.work()
        pieces += 1
    assert pieces == 22 * len(NETS) and seen == sorted(seen) and seen[0] == 0
    exhibit.handle("sentence", "2")
    exhibit.compute(None)
    assert exhibit.busy
    exhibit.handle("sentence", "1")
    exhibit.compute(None)
    assert not exhibit.busy


def test_before_it_has_read_it_says_no_numbers():
    exhibit = exhibit_of()
    texts = {key: said(words) for key, words in exhibit.texts().items()}
    assert "still reading" in texts["e04.answer"] and "…" in texts["e04.readout"]
    assert "%" not in texts["e04.finding"] and texts["e04.factor"] == ""
    for canvas in exhibit.canvases:
        assert exhibit.draw(canvas, 680, 280).marks
    exhibit.work()
    exhibit.draw("e04.fall", 680, 280)


# ---- the visitor ------------------------------------------------


def test_another_word_can_be_followed(ghost):
    ghost.handle("word", "3")
    left = ghost.left("attention")
    assert left[3] == 1 and np.isnan(left[:3]).all() and np.isfinite(left[4:]).all()
    assert "is left of fished" in told(ghost, "e04.readout")
    ghost.handle("stand", 2)  # before the followed word: nothing to be seen there
    assert ghost.stand == 3
    ghost.handle("sentence", "1")
    assert ghost.followed == 0 and ghost.stand == STAND - 1


def test_the_orthogonal_start_takes_the_place_of_the_usual_one(ghost):
    names = [ghost._shown()[0]]
    ghost.handle("start", "orthogonal")
    names.append(ghost._shown()[0])
    assert names == ["default", "orthogonal"]
    texts = [
        m.text for m in ghost.draw("e04.ink", 680, 280).marks if isinstance(m, Text)
    ]
    assert "Elman network, orthogonal start" in texts and "Elman network" not in texts
    ghost.handle("start", "default")


def test_pointing_at_the_lines_moves_the_reader(ghost):
    ghost.draw("e04.fall", 384, 280)
    plot = ghost._plot
    for place in (0, 10, 21):
        at = {"x": float(plot.x(place + 1)), "y": 50, "kind": "press"}
        ghost.handle("at", at | {"canvas": "e04.fall"})
        assert ghost.stand == place
        assert ghost.texts()["e04.stand"].startswith(f"{place + 1}, ")
    at = {"canvas": "e04.fall", "x": float(plot.x(3)), "y": 50, "kind": "hover"}
    ghost.handle("at", at)
    assert ghost.texts()["e04.stand"] == "3, had"
    assert ghost.view()["state"]["e04.stand"] == 22
    ghost.handle("at", at | {"kind": "leave"})
    assert ghost.texts()["e04.stand"] == "22, trout"
    ghost.handle("stand", STAND)


@pytest.mark.parametrize(
    ("name", "value"),
    [("sentence", "3"), ("start", "x"), ("word", 22), ("word", None), ("stand", "a"),
     ("sing", 1)],
)  # fmt: skip
def test_what_it_cannot_do_is_refused(ghost, name, value):
    with pytest.raises(ValueError, match="E04 has no"):
        ghost.handle(name, value)


# ---- what is drawn ------------------------------------------------


@pytest.mark.parametrize("size", [(680, 280), (328, 410), (288, 410), (1000, 280)])
@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_ink_fades_and_all_of_it_is_on_the_sheet(ghost, size, sentence):
    ghost.handle("sentence", sentence)
    words = SENTENCES[sentence].split()
    drawing = ghost.draw("e04.ink", *size)
    written = [m for m in drawing.marks if isinstance(m, Text) and m.family == "serif"]
    assert [m.text for m in written] == words * 3
    assert all(m.x < size[0] and 0 < m.y < size[1] - 4 for m in written)
    elman, lstm, attention = (written[n : n + 22] for n in (0, 22, 44))
    for row in (elman, lstm, attention):
        assert row[0].fill == "seq-9"
    assert elman[-1].fill == lstm[-1].fill == "seq-1" != attention[-1].fill
    ghost.handle("sentence", "1")


def test_a_word_lit_up_elsewhere_is_lit_here(ghost):
    before = ghost.draw("e04.ink", 680, 280).marks
    ghost.lit = "word:river"
    marks = ghost.draw("e04.ink", 680, 280).marks
    ghost.lit = None
    assert len(marks) == len(before) + 3  # once for each reader


def test_the_lines_fall_as_the_numbers_do(ghost):
    drawing = ghost.draw("e04.fall", 384, 280)
    lines = [m for m in drawing.marks if isinstance(m, Line)]
    assert len(lines) == len(NETS) and all(len(line.xy) == 22 for line in lines)
    falls = sorted(float(line.xy[-1, 1] - line.xy[0, 1]) for line in lines)
    assert falls[0] < falls[1] < 60 < 150 < falls[2] < falls[3]


def test_tables_and_labels(ghost):
    [table] = ghost.tables()
    assert len(table.rows) == 22 and table.rows[0][2:] == ["100%"] * 4
    assert {len(row) for row in table.rows} == {len(table.columns)}
    assert set(ghost.labels()) == set(ghost.canvases)
    assert part(float(ghost.left("attention")[-1])) == table.rows[-1][-1]
