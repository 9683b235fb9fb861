"""What cannot be done is said, on one line, and nothing else happens."""

import pytest
from running import QUICK

RUNAWAY = [*QUICK, "--lr", "1", "--clip", "1e6", "--warmup", "0"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["train", "--layers", "99"], "layers = 99 is not allowed"),
        (["train", "--lr", "fast"], "lr = 'fast' is not allowed"),
        (["train", "--heads", "3"], "heads = 3 does not divide d_model = 32"),
        (["train", "--load", "none.npz"], "none.npz"),
        (["train", "--corpus", "none.txt"], "none.txt"),
        (["train", "--attention", "the zebra"], "zebra"),
        (["train", "--attention", ""], "1 to 16 words; this one has 0"),
        (["train", "--attention", "a", "--model", "lstm"], "or a decoder, not lstm"),
        (["complete", "the bass sleeps"], "needs one gap"),
        (["complete", "the ___ zebra quokka"], "zebra, quokka"),
        (["complete", "the ___", "--model", "lstm"], "model = lstm cannot do this"),
        (["generate", "the zebra"], "zebra"),
        (["generate", "the ___ swims"], "leave out the ___"),
        (["generate", "--temperature", "-1"], "temperature = -1.0 is not allowed"),
        (["generate", "--top_k", "0"], "top_k = 0 is not allowed"),
        (["generate", "--top_p", "2"], "top_p = 2.0 is not allowed"),
        (["generate", "--top_k", "few"], "--top_k: invalid int value: 'few'"),
        (["generate", "--n", "0"], "n = 0 is not allowed"),
        (["generate", "--model", "encoder"], "it takes decoder or elman or lstm"),
        (["translate", "mon chat est requin"], "requin"),
        (["translate", "!"], "has 1 to"),
        (["translate", "mon chat", "--corpus", "a.txt"], "--corpus"),
        (["compare", "rnn", "zebra"], "invalid choice: 'zebra'"),
        (["compare", "rnn", "--distances", "0"], "distance = 0 is not allowed"),
        (["compare", "rnn", "--n", "0"], "n = 0 is not allowed"),
        (["compare", "rnn", "--model", "lstm"], "leave out --model"),
        (["train", "--bogus"], "--bogus"),
        ([], "COMMAND"),
        (["train", *RUNAWAY], "stopped at step 1. The loss has run away"),
        (["train", *RUNAWAY], "Try a"),
    ],
)
def test_what_cannot_be_done_is_said_on_one_line(here, arguments, says):
    done = here(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    *progress, last = done.stderr.splitlines()
    assert all(line.startswith("step ") for line in progress)
    assert last.startswith("fishformer: ")
    assert says in last


@pytest.mark.parametrize(
    ("arguments", "too_much"),
    [
        (["train", "--layers", "1"], "--layers"),
        (["train", "--seed", "1"], "--seed"),
        (["complete", "the ___", "--save", "b.npz", "--steps", "9"], "--save, --steps"),
        (["complete", "the ___", "--corpus", "mine.txt"], "--corpus"),
    ],
)
def test_settings_of_a_loaded_run_are_its_own(here, arguments, too_much):
    here("train", "--steps", "1", *QUICK, "--save", "a.npz")
    done = here(*arguments, "--load", "a.npz")
    assert done.returncode == 2
    assert f"leave out {too_much}." in done.stderr


@pytest.mark.parametrize("asked", [["generate", "the"], ["translate", "mon chat"]])
def test_a_loaded_run_of_another_kind_is_refused(here, asked):
    here("train", "--steps", "1", *QUICK, "--save", "a.npz")
    done = here(*asked, "--load", "a.npz")
    assert done.returncode == 2
    assert "model = encoder cannot do this" in done.stderr


def test_a_corpus_that_is_not_text_is_refused(here, tmp_path):
    (tmp_path / "mine.txt").write_bytes(b"\xff\xfe\x00\x01" * 50)
    done = here("train", "--corpus", "mine.txt")
    assert done.returncode == 2
    assert "mine.txt" in done.stderr.splitlines()[-1]
