"""Links and their files: nothing is lost on the way."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fishformer.browser.source import ROOT
from fishformer.config import Config
from fishformer.guests import GuestError, check
from fishformer.links import LIMIT, PLACE, Link, from_file, read, to_file, write
from fishformer.patches import MAX_HUNKS, Hunk, PatchError, hunks_of, patched
from linking import ORIGINALS

LAYERS = ORIGINALS["layers.py"]
WORDS = st.text(st.characters(exclude_categories=()))
KEYS = st.text(st.characters(exclude_categories=["Cs"]))
FIELDS = st.dictionaries(KEYS, KEYS, max_size=8)
LINES = st.lists(st.sampled_from(["", "a = 1", "b = a + 1", "    pass", "# é"]))
UNHURRIED = settings(deadline=None, max_examples=50)
PLACES = st.dictionaries(st.sampled_from(PLACE), KEYS)


def edited(path, old, new):
    assert old in ORIGINALS[path]
    return ORIGINALS[path].replace(old, new, 1)


@UNHURRIED
@given(LINES, LINES)
def test_any_edit_can_be_told_by_what_it_changes(before, after):
    a, b = "\n".join(before), "\n".join(after)
    assert patched(a, hunks_of(a, b)) == b


@UNHURRIED
@given(st.text(), st.text())
def test_so_can_any_text(before, after):
    assert patched(before, hunks_of(before, after)) == after


@UNHURRIED
@given(st.integers(0, 300), st.integers(0, 8), LINES)
def test_an_edit_of_a_real_file_is_short(first, count, new):
    lines = LAYERS.split("\n")
    text = "\n".join([*lines[:first], *new, *lines[first + count :]])
    hunks = hunks_of(LAYERS, text)
    assert patched(LAYERS, hunks) == text
    assert sum(len(hunk.old) for hunk in hunks) <= count + 2 * max(len(hunks), 1)


def test_an_edit_finds_its_lines_where_they_have_moved():
    text = edited("layers.py", "import numpy as np", "import numpy as np  # !")
    hunks = hunks_of(LAYERS, text)
    moved = "# one more line\n\n" + LAYERS
    assert patched(moved, hunks) == "# one more line\n\n" + text


def test_an_edit_of_lines_that_are_gone_is_refused():
    with pytest.raises(PatchError, match="line 3,"):
        patched("a\nb\nc", [Hunk(3, ["x"], ["y"])])
    with pytest.raises(PatchError, match="501"):
        patched("a", [Hunk(1, ["a"], ["a"])] * (MAX_HUNKS + 1))
    with pytest.raises(PatchError):
        patched("a", [Hunk(1, [], ["b"])])


@UNHURRIED
@given(FIELDS, st.none() | st.integers(0, 10**6), st.none() | WORDS, PLACES)
def test_any_link_comes_back(fields, step, text, place):
    fields = {k: v for k, v in fields.items() if k not in ("step", "w", *PLACE)}
    link = Link(fields, step, text, {}, place)
    written = write(link, ORIGINALS)
    assert written.isascii() and not set(written) & set(' "<>#')
    if len(written) <= LIMIT:
        assert read(written, ORIGINALS) == link


@UNHURRIED
@given(FIELDS, st.none() | st.integers(0, 10**6), st.none() | WORDS, PLACES)
def test_any_file_comes_back(fields, step, text, place):
    link = Link(fields, step, text, {}, place)
    assert from_file(to_file(link, ORIGINALS), ORIGINALS) == link


@UNHURRIED
@given(st.data())
def test_edits_come_back(data):
    edits = {}
    for path in data.draw(st.sets(st.sampled_from(sorted(ORIGINALS)), max_size=3)):
        lines = ORIGINALS[path].split("\n")
        place = data.draw(st.integers(0, len(lines)))
        comment = data.draw(st.text("abc é猫#", min_size=1))
        edits[path] = "\n".join([*lines[:place], f"# {comment}", *lines[place:]])
        try:
            check(path, edits[path], ORIGINALS[path])
        except GuestError:  # the comment cut a statement in two
            del edits[path]
    link = Link({"seed": "8"}, 12, None, edits)
    assert read(write(link, ORIGINALS), ORIGINALS) == link
    assert from_file(to_file(link, ORIGINALS), ORIGINALS) == link


def test_plain_settings_can_be_read():
    link = Link(Config(seed=8, n_layers=1).to_strings(), 212, place={"teach": "e1,e2"})
    assert write(link, ORIGINALS) == "seed=8&layers=1&step=212&teach=e1,e2"


def test_200_sentences_and_60_lines_of_code_fit():
    fish = ROOT / "data" / "fish_sentences.txt"
    lines = [line for line in fish.read_text().split("\n") if line[:1] != "#"]
    sentences = "\n".join(lines[:200])
    code = LAYERS.split("\n")
    for k in range(40, 100):
        code[k] += "  # what was changed here"
    text = "\n".join(code)
    link = Link({}, 300, sentences, {"layers.py": text})
    assert 1_000 < len(write(link, ORIGINALS)) <= LIMIT
    one = edited("layers.py", "import numpy as np", "import numpy as np  # !")
    assert len(write(Link(edits={"layers.py": one}), ORIGINALS)) < 250


def test_bytes_of_the_alphabet_only():
    lengths = [len(write(Link(text="a b\n" * n), ORIGINALS)) for n in (1, 10, 100)]
    assert all(a < b + 40 for a, b in pairwise(lengths))
