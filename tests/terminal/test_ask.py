"""generate, translate, compare."""

import os
import re
import signal
from dataclasses import replace

import pytest
from running import QUICK, process_of

from fishformer.config import Config
from fishformer.datasets import KING, load_french, recall
from fishformer.storage import load
from fishformer.terminal.compare import matched
from fishformer.training import Trainer


def test_generate_writes_sentences_from_their_first_words(here):
    asked = ["generate", "the old", "--n", "3"]
    first = here(*asked, "--steps", "20", *QUICK, "--seed", "5", "--save", "a.npz")
    assert first.returncode == 0, first.stderr
    assert "step 20 of 20" in first.stderr
    assert load("a.npz").config.model == "decoder"
    sentences = first.stdout.splitlines()
    assert len(sentences) == 3
    assert all(sentence.startswith("the old ") for sentence in sentences)
    assert "[" not in first.stdout

    def again(*more):
        done = here(*asked, "--load", "a.npz", *more)
        assert done.returncode == 0
        assert done.stderr == ""
        return done.stdout.splitlines()

    assert again() == again("--seed", "5") == sentences
    assert again("--seed", "6") != sentences
    assert len({*again("--temperature", "0")}) == 1
    assert {*again("--top_k", "1")} == {*again("--top_p", "1e-6")}


def test_a_recurrent_model_writes_too(here):
    done = here("generate", "--model", "lstm", "--steps", "2", *QUICK)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1


def test_translate_learns_french_and_shows_where_it_looked(here):
    king, english = (" ".join(words) for words in KING)
    assert KING in load_french().held_out
    small = ["--layers", "1", "--d_model", "16", "--d_ff", "32", "--lr", "0.01"]
    done = here("translate", king, *small, "--steps", "250", "--save", "a.npz")
    assert done.stdout == f"{english}\n"
    done = here("translate", king.title(), "--load", "a.npz", "--attention")
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == english
    assert [line.split()[0] for line in lines[3:8]] == [*KING.target, "[end]"]
    assert f"Columns: {king}." in lines


def test_compare_prints_a_table(here):
    asked = ["compare", "rnn", "transformer", "--distances", "2", "9", "--n", "2"]
    done = here(*asked, *QUICK, "--steps", "20")
    assert done.returncode == 0, done.stderr
    ends = re.findall(r"step 20 of 20   loss (\S+) .* right (\S+)", done.stderr)
    for seed_7, seed_8 in zip(ends[::2], ends[1::2], strict=True):
        assert seed_7 != seed_8
    top, *rows = (line.split() for line in done.stdout.splitlines())
    assert top == ["distance", "2", "9"]
    assert [row[0] for row in rows] == ["rnn", "transformer"]
    right = [right for _, right in ends]
    assert [row[1:] for row in rows] == [right[:2] + right[4:6], right[2:4] + right[6:]]


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent as a POSIX signal")
def test_ctrl_c_ends_a_comparison_with_what_is_known(tmp_path):
    asked = ["compare", "rnn", "--distances", "1", "300"]
    process = process_of(*asked, *QUICK, cwd=tmp_path)
    for line in process.stderr:
        if line.startswith("rnn, distance 300"):
            break
    process.send_signal(signal.SIGINT)
    out, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in said
    top, row = out.splitlines()
    assert top.split() == ["distance", "1", "300"]
    assert len(row.split()) == 2


def test_a_comparison_matches_the_number_of_parameters():
    base = Config(n_layers=1)
    data = recall(10)
    sizes = [
        Trainer(matched(replace(base, model=kind), data), data).model.params.buffer.size
        for kind in ("encoder", "elman", "lstm")
    ]
    assert max(sizes) < 1.05 * min(sizes)
