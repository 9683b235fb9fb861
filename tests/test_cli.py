"""The terminal, run as a person runs it."""

import os
import signal
import subprocess
import sys
import time

import pytest

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


def test_the_same_command_gives_the_same_losses(tmp_path):
    first, again = (run("train", "--steps", "10", *QUICK, cwd=tmp_path) for _ in "ab")

    def losses(done):
        return done.stderr.rpartition("   ")[0]

    assert losses(first) == losses(again)


def test_a_run_goes_on_from_its_file_and_completes_a_sentence(tmp_path, fish):
    run("train", "--steps", "30", *QUICK, "--save", "a.npz", cwd=tmp_path)
    on = run(
        "train", "--load", "a.npz", "--steps", "40", "--save", "b.npz", cwd=tmp_path
    )
    assert "step 40 of 40" in on.stderr
    gapped = " ".join(["___", *fish.train[0][1:]])
    done = run("complete", gapped, "--load", "b.npz", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 5
    shares = [float(line.split("%")[0]) for line in lines]
    assert shares == sorted(shares, reverse=True)


def test_complete_trains_when_it_has_no_file(tmp_path, fish):
    gapped = " ".join(["___", *fish.train[0][1:]])
    done = run("complete", gapped, "--steps", "5", *QUICK, cwd=tmp_path)
    assert "step 5 of 5" in done.stderr
    assert len(done.stdout.splitlines()) == 5


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
        (["complete", "the bass sleeps"], "needs one gap"),
        (["complete", "the ___ zebra quokka"], "zebra, quokka"),
        (["train", *QUICK, "--lr", "1", "--clip", "1e6", "--warmup", "0"], "Try a"),
    ],
)
def test_what_cannot_be_done_is_said_on_one_line(tmp_path, arguments, says):
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert last.startswith("fishformer: ")
    assert says in last
    assert "Traceback" not in done.stderr


def test_settings_of_a_loaded_run_are_its_own(tmp_path):
    run("train", "--steps", "1", *QUICK, "--save", "a.npz", cwd=tmp_path)
    done = run("train", "--load", "a.npz", "--layers", "1", cwd=tmp_path)
    assert "leave out --layers" in done.stderr


def test_a_corpus_of_ones_own(tmp_path):
    lines = ["one fish", "two fish", "red fish", "blue fish", "old fish", "fish"]
    (tmp_path / "mine.txt").write_text("\n".join(lines))
    done = run("train", "--corpus", "mine.txt", "--steps", "3", *QUICK, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "line 6 left out" in done.stderr
    assert "by heart" in done.stderr


def test_a_corpus_that_is_not_text_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_bytes(b"\xff\xfe\x00\x01" * 50)
    done = run("train", "--corpus", "mine.txt", cwd=tmp_path)
    assert done.returncode == 2
    assert "mine.txt" in done.stderr.splitlines()[-1]
