"""train and complete: progress, files, Ctrl-C, a corpus of one's own."""

import os
import signal

import numpy as np
import pytest
from running import QUICK, process_of, run

from fishformer.terminal.console import print_attention


def test_train_prints_its_progress_and_saves(tmp_path, fish):
    sentence = " ".join(fish.train[0])
    done = run(
        "train", "--steps", "20", *QUICK, "--save", "a.npz", "--attention", sentence,
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "step 20 of 20   loss " in done.stderr
    assert "held-out" in done.stderr
    assert done.stderr.endswith("\nSaved in a.npz.\n")
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
    back = here("train", "--load", "b.npz", "--steps", "39")
    assert back.returncode == 2
    assert "steps = 39: b.npz stands at step 40" in back.stderr
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


def test_the_darkness_of_a_block_is_a_share_of_attention(capsys):
    head = np.array([[0.05, 0.95], [0.35, 0.65]])
    print_attention([head[None]], ["a", "cod"], ["a", "cod"])
    _, title, *rows, _, columns, _ = capsys.readouterr().out.splitlines()
    assert title == "layer 1  head 1"
    assert rows == ["  a    ██", "cod  ▒▒▓▓"]
    assert columns == "Columns: a cod."


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent as a POSIX signal")
def test_ctrl_c_leaves_a_run_that_goes_on(tmp_path):
    process = process_of("train", "--steps", "100000", *QUICK, cwd=tmp_path)
    for step in (0, 100):
        assert process.stderr.readline().startswith(f"step {step} of 100,000")
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


def test_a_corpus_of_ones_own(here, tmp_path):
    lines = ["one fish", "two fish", "red fish", "blue fish", "old fish", "fish"]
    (tmp_path / "mine.txt").write_text("\n".join(lines))
    done = here("train", "--corpus", "mine.txt", "--steps", "3", *QUICK)
    assert done.returncode == 0, done.stderr
    assert "line 6 left out" in done.stderr
    assert "by heart" in done.stderr
