"""The guided edits: their pieces are in the source, and the right tests see them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import fishformer
from fishformer.browser.testing import Result, counted
from fishformer.lessons.challenges import (
    CHALLENGES,
    edited,
    named,
    recognised,
    red_tests,
)

# Edits a copy of the package and tests it as the page does, challenge after challenge.
DRIVER = """
import json, shutil, sys
from contextlib import nullcontext
from pathlib import Path
from fishformer.browser.source import ROOT, Source
from fishformer.browser.testing import Session
from fishformer.lessons.challenges import CHALLENGES, QUICK, edited

folder = Path(sys.argv[1])
for name in (*QUICK, "conftest.py"):
    shutil.copy(Path(sys.argv[2]) / name, folder)
source, failed = Source(), {}

def test():
    session = Session(folder, list(QUICK), ROOT, nullcontext)
    return [result.id for result in session.run() if result.outcome != "passed"]

failed["none"] = test()
for challenge in CHALLENGES:
    text = edited(challenge, source.original[challenge.file])
    failed[challenge.key] = source.swap({challenge.file: text}, test)
print(json.dumps(failed))
"""
HERE = Path(fishformer.__file__).parent
ORIGINAL = {c.file: (HERE / c.file).read_text() for c in CHALLENGES}


@pytest.fixture(scope="module")
def failed(tmp_path_factory):
    """Which of the quick tests fail: unedited ("none") and after each challenge."""
    folder = tmp_path_factory.mktemp("copy")
    subprocess.run(["cp", "-r", HERE, folder], check=True)
    (folder / "tests").mkdir()
    command = [sys.executable, "-c", DRIVER, folder / "tests", Path(__file__).parent]
    path = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(command, env=path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_before_any_edit_none_fails(failed):
    assert failed["none"] == []


@pytest.mark.parametrize("challenge", CHALLENGES, ids=lambda c: c.key)
def test_exactly_these_fail_after_an_edit_and_the_others_pass(failed, challenge):
    assert set(failed[challenge.key]) == set(red_tests(challenge))


@pytest.mark.parametrize("challenge", CHALLENGES, ids=lambda c: c.key)
def test_an_edit_is_recognised_also_when_it_is_typed_otherwise(challenge):
    text = edited(challenge, ORIGINAL[challenge.file])
    assert recognised(ORIGINAL, {challenge.file: text}) == challenge.key
    typed = f"# mine\n{text}\n\n".replace(" - along_mean", "  -  along_mean")
    assert recognised(ORIGINAL, {challenge.file: typed}) == challenge.key
    more = {challenge.file: text, "optim.py": "x = 1"}
    assert recognised(ORIGINAL, more) is None
    assert recognised(ORIGINAL, {challenge.file: text + "x = 1\n"}) is None
    assert recognised(ORIGINAL, {challenge.file: "def ("}) is None


@pytest.mark.parametrize("challenge", CHALLENGES, ids=lambda c: c.key)
def test_a_piece_that_is_gone_is_told(challenge):
    gone = ORIGINAL[challenge.file].replace(challenge.pieces[0][0], "")
    with pytest.raises(ValueError, match="no longer has the line"):
        edited(challenge, gone)


def test_challenges_are_known_by_their_keys():
    assert [named(c.key) for c in CHALLENGES] == list(CHALLENGES)
    assert len({c.key for c in CHALLENGES}) == len(CHALLENGES) >= 6
    with pytest.raises(ValueError, match="no challenge 'x'"):
        named("x")


def test_results_in_words():
    passed = Result("a", "passed", 0.0004)
    failed = Result("b", "failed", 0.25, "assert 1 == 2", "test_b.py:3", "model.py:9")
    skipped = Result("c", "skipped", 2.0, "no browser")
    assert [one.time for one in (passed, failed, skipped)] == ["", "250 ms", "2.0 s"]
    assert passed.why == ""
    assert failed.why == "test_b.py:3\nassert 1 == 2\nin model.py:9"
    assert skipped.why == "no browser"
    assert counted(["skipped", "passed", "passed"]) == "2 passed, 1 skipped"
    assert counted([]) == "none"
