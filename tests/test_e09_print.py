"""E09: every digit that the helmet's article prints, and the ones it should have."""

import numpy as np
import pytest

from exhibiting import do, matrix, shown, state, told
from fishformer.attention import attention_forward
from fishformer.config import Config
from fishformer.exhibits.e09_helmet import Helmet
from fishformer.exhibits.e09_puzzle import ANSWER, ROWS
from fishformer.lessons.helmet import agreeing, attend, load_helmet, written

SMACKED = 2


@pytest.fixture
def exhibit():
    return shown(Helmet(Config(), None))


def ours(scaled):
    """Everything that the article prints, computed with the division or without."""
    helmet = load_helmet()
    _, cache = attend(helmet.x, helmet.weights, scaled)
    q, k, v = cache.q[0, 0], cache.k[0, 0], cache.v[0, 0]
    shares = cache.attn_weights[0, 0]
    smacked = slice(SMACKED, SMACKED + 1)
    return {
        "X": helmet.x,
        "Q": q,
        "K": k,
        "V": v,
        "q_smacked": q[smacked],
        "keys": k,
        "v_smacked": v[smacked],
        "scores": q[smacked] @ k.T,
        "first": 100 * shares[smacked],
        "second": 100 * shares[smacked],
        "weighted": shares[SMACKED][:, None] * v,
        "head_1": shares @ v,
        "head_2": cache.mixed[0, :, 4:],
        "side_by_side": cache.mixed[0],
        "added": cache.mixed[0, smacked],
    }


def agree(name, scaled):
    marks = agreeing(ours(scaled)[name], load_helmet().printed[name])
    return sum(map(sum, marks)), sum(map(len, marks))


# ---- every printed digit -----------------------------------------------------------

UNTOUCHED = ["X", "Q", "V", "q_smacked", "keys", "v_smacked", "scores"]
UNDIVIDED = ["second", "weighted", "head_1", "head_2", "side_by_side"]


@pytest.mark.parametrize("name", UNTOUCHED)
def test_what_comes_before_the_division(name):
    count, of = agree(name, True)
    assert count == of == agree(name, False)[0]


@pytest.mark.parametrize("name", UNDIVIDED)
def test_what_the_article_did_not_divide(name):
    count, of = agree(name, False)
    assert count == of
    assert agree(name, True)[0] < of


def test_what_the_article_divided():
    assert agree("first", True) == (6, 6)
    assert agree("first", False) == (1, 6)
    assert agree("second", True) == (1, 6)


def test_the_corrected_results_are_these():
    divided = ours(True)
    assert [f"{n:.1f}" for n in divided["first"][0]] == [
        "17.1", "17.4", "16.3", "15.3", "15.7", "18.2",
    ]  # fmt: skip
    assert [f"{n:.2f}" for n in divided["head_1"][SMACKED]] == [
        "0.60", "1.01", "0.80", "1.23",
    ]  # fmt: skip
    assert agree("head_1", True) == (7, 24)
    assert agree("weighted", True) == (12, 24)


def test_three_keys_of_the_rounder_table_do_not_follow():
    assert agree("K", True) == (21, 24)
    marks = np.array(agreeing(ours(True)["K"], load_helmet().printed["K"]))
    assert np.argwhere(~marks).tolist() == [[3, 0], [3, 1], [4, 0]]


def test_what_the_article_adds_is_not_its_head_2():
    helmet = load_helmet()
    assert helmet.printed["head_2"][SMACKED] == ["0.43", "0.35", "0.33", "0.45"]
    assert helmet.printed["added"][0][4:] == ["0.74", "0.74", "0.72", "0.98"]
    assert helmet.printed["added"][0][:4] == helmet.printed["head_1"][SMACKED]
    assert agree("added", False) == (4, 8)


def test_the_model_s_own_attention_does_it():
    helmet = load_helmet()
    for scaled in (True, False):
        x, weights = helmet.x, helmet.weights
        q, k, v = (x @ weights[f"w_{n}"][:, :4] for n in "qkv")
        scores = q @ k.T / (2 if scaled else 1)
        exps = np.exp(scores)
        expected = exps / exps.sum(axis=1, keepdims=True) @ v
        out, cache = attend(x, weights, scaled)
        assert out[:, :4] == pytest.approx(expected)
        assert cache.attn_weights.sum(axis=-1) == pytest.approx(1)
    assert attention_forward in Helmet.shows_code


def test_the_example_cannot_be_written_over():
    helmet = load_helmet()
    for array in (helmet.x, *helmet.weights.values()):
        with pytest.raises(ValueError):
            array[0, 0] = 1


def test_numbers_as_in_print():
    assert written(0.6431, "1.16") == "0.64"
    assert written(17.13, "17") == "17"
    assert written(-0.001, "0.00") == "0.00"


# ---- beside ours ---------------------------------------------------


def test_printed_numbers_stand_beside_ours(exhibit):
    expected = {
        "query": "= all 24", "key": "= all 24", "value": "= all 24",
        "scores": "= all 6", "mix": "≠ 7 of 24",
    }  # fmt: skip
    for step, says in expected.items():
        do(exhibit, "step", step)
        assert told(exhibit, "e09.agrees").startswith(says)
        flat = [m for line in matrix(exhibit, "printed").marks for m in line]
        assert set(flat) <= {"same", "differs"}
    do(exhibit, "scaled", False)
    assert told(exhibit, "e09.agrees").startswith("= all 24")
    do(exhibit, "head", 2)
    assert told(exhibit, "e09.agrees").startswith("= all 24")
    do(exhibit, "step", "key")
    assert "prints nothing" in told(exhibit, "e09.agrees")
    do(exhibit, "head", 1)
    assert "21 of those 24" in told(exhibit, "e09.about")


def test_head_2_as_printed_and_as_added(exhibit):
    do(exhibit, "step", "heads")
    do(exhibit, "scaled", False)
    for name in ("H1p", "H2p"):
        assert {m for line in matrix(exhibit, name).marks for m in line} == {"same"}
    added = matrix(exhibit, "added")
    assert added.values[2] == added.values[3] == ["0.43", "0.35", "0.33", "0.45"]
    assert added.values[4] == ["0.74", "0.74", "0.72", "0.98"]
    assert added.marks[1] == ["same"] * 4
    assert added.marks[4] == ["differs"] * 4


# ---- the riddle ---------------------------------------------------


def test_the_riddle_starts_as_the_text_has_it_and_can_be_solved(exhibit):
    assert all(state(exhibit, f"divide.{row}") for row in ROWS)
    assert not exhibit.puzzle.solved
    assert told(exhibit, "e09.verdict.first") == "= 6 of 6 agree"
    assert told(exhibit, "e09.verdict.second") == "≠ 1 of 6 agree"
    assert told(exhibit, "e09.verdict.head") == "≠ 7 of 24 agree"
    assert told(exhibit, "e09.puzzle").startswith("Two rows do not agree yet.")
    do(exhibit, "divide.second", False)
    assert told(exhibit, "e09.verdict.second") == "= 6 of 6 agree"
    assert told(exhibit, "e09.puzzle").startswith("One row does not agree yet.")
    do(exhibit, "divide.head", False)
    assert exhibit.puzzle.divided == ANSWER
    assert told(exhibit, "e09.verdict.head") == "= 24 of 24 agree"
    assert told(exhibit, "e09.puzzle").startswith("Found. ")
    assert "24 of 24 weighted values" in told(exhibit, "e09.puzzle")


def test_each_printed_digit_is_marked(exhibit):
    first = matrix(exhibit, "first")
    assert first.values[0] == ["17", "17", "16", "15", "16", "18"]
    assert first.marks[0] == ["same"] * 6
    second = matrix(exhibit, "second")
    assert second.values[0] == ["18", "18", "16", "14", "15", "20"]
    assert second.marks[0] == [
        "differs", "differs", "same", "differs", "differs", "differs",
    ]  # fmt: skip
    assert second.values[1] == ["17.1", "17.4", "16.3", "15.3", "15.7", "18.2"]


def test_the_riddle_does_not_hang_on_what_is_edited(exhibit):
    before = exhibit.puzzle.matrices()
    do(exhibit, "edit", ["X", 2, 0, "-2"])
    do(exhibit, "scaled", False)
    assert exhibit.puzzle.matrices() == before


def test_the_prediction_s_answer(exhibit):
    after = told(exhibit, "e09.after")
    assert "from 19.9% to 18.2%" in after
