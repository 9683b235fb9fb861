"""The terminal: as a person runs it where that matters, else in this process."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from fishformer.__main__ import main
from fishformer.config import Config
from fishformer.datasets import KING, load_french, recall
from fishformer.storage import load
from fishformer.terminal.compare import matched
from fishformer.training import Trainer

QUICK = ["--d_model", "8", "--heads", "2", "--d_ff", "8", "--batch", "8"]


def command(*arguments):
    return [sys.executable, "-m", "fishformer", *arguments]


def environment():
    return {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}


def run(*arguments, cwd):
    return subprocess.run(
        command(*arguments),
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )


@pytest.fixture
def here(tmp_path, monkeypatch, capsys):
    """Run a command in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run_here(*arguments):
        try:
            status = main(list(arguments))
        except SystemExit as error:
            status = error.code
        said = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, status, said.out, said.err)

    return run_here


def test_train_prints_its_progress_and_saves(tmp_path, fish):
    sentence = " ".join(fish.train[0])
    done = run(
        "train", "--steps", "20", *QUICK, "--save", "a.npz", "--attention", sentence,
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "step 20 of 20   loss " in done.stderr
    assert "held-out" in done.stderr
    assert (tmp_path / "a.npz").exists()
    for layer in ("layer 1  head 1", "layer 2  head 1"):
        assert layer in done.stdout
    assert f"{fish.train[0][0]}  " in done.stdout


def test_the_same_command_gives_the_same_losses(here):
    def losses():
        return here("train", "--steps", "10", *QUICK).stderr.rpartition("   ")[0]

    assert losses() == losses()


def test_a_run_goes_on_from_its_file_and_completes_a_sentence(here, fish):
    here("train", "--steps", "30", *QUICK, "--save", "a.npz")
    on = here("train", "--load", "a.npz", "--steps", "40", "--save", "b.npz")
    assert "step 40 of 40" in on.stderr
    gapped = " ".join(["___", *fish.train[0][1:]])
    done = here("complete", gapped, "--load", "b.npz")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 5
    shares = [float(line.split("%")[0]) for line in lines]
    assert shares == sorted(shares, reverse=True)


def test_complete_trains_when_it_has_no_file(here, fish):
    gapped = " ".join(["___", *fish.train[0][1:]])
    done = here("complete", gapped, "--steps", "5", *QUICK)
    assert "step 5 of 5" in done.stderr
    assert len(done.stdout.splitlines()) == 5


def test_a_decoder_shows_its_attention_from_the_start_on(here):
    settings = ["--model", "decoder", "--steps", "1", *QUICK]
    done = here("train", "--attention", "the bass sleeps", *settings)
    assert done.returncode == 0, done.stderr
    rows = [line.split()[0] for line in done.stdout.splitlines()[2:6]]
    assert rows == ["[start]", "the", "bass", "sleeps"]


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent as a POSIX signal")
def test_ctrl_c_leaves_a_run_that_goes_on(tmp_path):
    process = subprocess.Popen(
        command("train", "--steps", "100000", *QUICK),
        cwd=tmp_path,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr.readline().startswith("step 0 of 100,000")
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Go on with: python3 -m fishformer train --load fishformer-run.npz" in said
    stopped = int(said.split("Stopped at step ")[1].split(".")[0].replace(",", ""))
    on = run(
        "train", "--load", "fishformer-run.npz", "--steps", str(stopped + 1),
        cwd=tmp_path,
    )  # fmt: skip
    assert f"step {stopped + 1:,} of {stopped + 1:,}" in on.stderr


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
        (["train", *QUICK, "--lr", "1", "--clip", "1e6", "--warmup", "0"], "Try a"),
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


def test_a_corpus_of_ones_own(here, tmp_path):
    lines = ["one fish", "two fish", "red fish", "blue fish", "old fish", "fish"]
    (tmp_path / "mine.txt").write_text("\n".join(lines))
    done = here("train", "--corpus", "mine.txt", "--steps", "3", *QUICK)
    assert done.returncode == 0, done.stderr
    assert "line 6 left out" in done.stderr
    assert "by heart" in done.stderr


def test_a_corpus_that_is_not_text_is_refused(here, tmp_path):
    (tmp_path / "mine.txt").write_bytes(b"\xff\xfe\x00\x01" * 50)
    done = here("train", "--corpus", "mine.txt")
    assert done.returncode == 2
    assert "mine.txt" in done.stderr.splitlines()[-1]


# ---- generate, translate, compare ------------------------------------------------


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
    assert "rnn, distance 9, seed 8: step 20 of 20" in done.stderr
    top, *rows = (line.split() for line in done.stdout.splitlines())
    assert top == ["distance", "2", "9"]
    assert [row[0] for row in rows] == ["rnn", "transformer"]
    for row in rows:
        assert len(row) == 1 + 2 * 2
        assert all(0 <= int(share.rstrip("%")) <= 100 for share in row[1:])


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent as a POSIX signal")
def test_ctrl_c_ends_a_comparison_with_what_is_known(tmp_path):
    process = subprocess.Popen(
        command("compare", "rnn", "--distances", "1", "300", *QUICK),
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
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
