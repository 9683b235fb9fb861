"""Links and their files: nothing is lost on the way, nothing hostile gets in."""

import base64
import json
import zlib
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fishformer.browser.source import ROOT, editable
from fishformer.config import Config
from fishformer.guests import GuestError, check
from fishformer.links import (
    LIMIT,
    MAX_BYTES,
    PLACE,
    Link,
    LinkError,
    from_file,
    read,
    to_file,
    write,
)
from fishformer.patches import MAX_HUNKS, Hunk, PatchError, hunks_of, patched

ORIGINALS = {path: (ROOT / path).read_text() for path in editable(ROOT)}
LAYERS = ORIGINALS["layers.py"]
WORDS = st.text(st.characters(exclude_categories=()))
KEYS = st.text(st.characters(exclude_categories=["Cs"]))
FIELDS = st.dictionaries(KEYS, KEYS, max_size=8)
LINES = st.lists(st.sampled_from(["", "a = 1", "b = a + 1", "    pass", "# é"]))
UNHURRIED = settings(deadline=None, max_examples=50)
PLACES = st.dictionaries(st.sampled_from(PLACE), KEYS)


def packed(content, form="1"):
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    data = squeezer.compress(data) + squeezer.flush()
    return f"w={form}.{base64.urlsafe_b64encode(data).decode().rstrip('=')}"


def edited(path, old, new):
    assert old in ORIGINALS[path]
    return ORIGINALS[path].replace(old, new, 1)


def bringing(text, path="layers.py"):
    """A link with this text before the first line of a module."""
    first = ORIGINALS[path].split("\n")[0]
    return packed({"edits": {path: [[1, [first], [*text.split("\n"), first]]]}})


# ---- there and back ----------------------------------------------------------------


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


# ---- broken and hostile ------------------------------------------------------------


@UNHURRIED
@given(st.text())
def test_whatever_stands_there_is_read_or_refused(fragment):
    for written in (fragment, f"w={fragment}", f"w=1.{fragment}"):
        try:
            read(written, ORIGINALS)
        except LinkError as error:
            assert 20 < len(str(error)) < 300


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
SHAPES = JSON | st.fixed_dictionaries(
    {"text": JSON, "edits": JSON | st.dictionaries(st.just("layers.py"), JSON)}
)


@UNHURRIED
@given(SHAPES)
def test_whatever_is_packed_is_read_or_refused(content):
    about = {"format": "fishformer link", "version": 1}
    more = content if isinstance(content, dict) else {}
    for reading in (
        lambda: read(packed(content), ORIGINALS),
        lambda: from_file(json.dumps(content), ORIGINALS),
        lambda: from_file(json.dumps(about | more), ORIGINALS),
    ):
        try:
            link = reading()
        except LinkError as error:
            assert 20 < len(str(error)) < 300
        else:
            assert link.text is None or isinstance(link.text, str)


def test_a_link_cut_short_or_changed_is_refused():
    whole = write(Link(text="one two\nthree four"), ORIGINALS)
    for n in range(len("w=1."), len(whole)):
        with pytest.raises(LinkError, match="damaged"):
            read(whole[:n], ORIGINALS)
    for k in range(len("w=1."), len(whole)):
        other = whole[:k] + ("A" if whole[k] != "A" else "B") + whole[k + 1 :]
        with suppress(LinkError):
            read(other, ORIGINALS)


REFUSED = {
    "w=2.abcd": "newer version",
    f"w={'9' * 400}.abcd": "not whole",
    "w=abc": "not whole",
    "w=<script>alert(1)</script>": "not whole",
    "w=": "not whole",
    "w=1.": "damaged",
    "w=1.!!!": "damaged",
    "w=1.猫": "damaged",
    "a=1&" * 61: "more than 60",
    "x" * (LIMIT + 1): "8,001 characters",
    "x" * 10_000_000: "10,000,000 characters",
    packed(b"not json"): "damaged",
    packed(b"[" * 100_000): "damaged",
    packed([1]): "not what this page packs",
    packed({"text": 5}): "not text",
    packed({"edits": []}): "not edits",
    packed({"edits": {"layers.py": 3}}): "damaged",
    packed({"edits": {"layers.py": [[1, "a", "b"]]}}): "damaged",
    packed({"edits": {"layers.py": [[True, ["a"], ["b"]]]}}): "damaged",
    packed({"edits": {"layers.py": [[9, ["no such line"], []]]}}): "line 9",
    packed({"edits": {"../../x": []}}): r"'\.\./\.\./x'",
    packed({"edits": {"nothing.py": []}}): "'nothing.py'",
    packed({"edits": {"browser/main.py": []}}): "'browser/main.py'",
    packed({"edits": {"<img src=x>" * 99: []}}): "Only modules",
    packed({"edits": {"": []}}): "Only modules",
}


@pytest.mark.parametrize("fragment", REFUSED, ids=lambda f: f[:24])
def test_what_is_refused_is_named(fragment):
    with pytest.raises(LinkError, match=REFUSED[fragment]) as caught:
        read(fragment, ORIGINALS)
    assert len(str(caught.value)) < 300


def test_a_bomb_does_not_go_off():
    bomb = packed(b'{"text":"' + b"a" * 5_000_000 + b'"}')
    assert len(bomb) < LIMIT
    with pytest.raises(LinkError, match=f"more than {MAX_BYTES:,}"):
        read(bomb, ORIGINALS)


BAD_CODE = {
    "import js": "line 1: it uses js",
    "x = 1\nimport pyodide.http": "line 2: it uses pyodide.http",
    "from pyscript import window": "pyscript.window",
    "from polyscript import xworker": "polyscript",
    "import os": "uses os",
    "from importlib import import_module": "importlib",
    "import fishformer.browser.main": "fishformer.browser.main",
    "from fishformer import browser": "fishformer.browser",
    "from .browser import main": "browser",
    "def f():\n    import js": "line 2",
    "__import__('js')": "__import__",
    "eval('1')": "eval",
    "f = exec": "exec",
    "().__class__.__base__.__subclasses__()": "__subclasses__|__class__|__base__",
    "x = 'a\u202eb'": r"U\+202E",
    "x = 1 \u200b": r"U\+200B",
    "x = '\x1b[2J'": r"U\+001B",
    "def f(:": "line",
    "x = 1\n  y = 2": "line 2",
    "x = 1\n" * 3_001: "lines; 3,000",
    "(" * 5_000: "line",
    "x = " + "-" * 1_000 + "1": "too long",
    "x = a" + ".b" * 300: "too long",
    "if x:\n  y\n" + "elif x:\n  y\n" * 200: "too long",
}


@pytest.mark.parametrize("code", BAD_CODE, ids=lambda c: repr(c[:24]))
def test_code_that_a_link_may_not_bring(code):
    with pytest.raises(LinkError, match=BAD_CODE[code]):
        read(bringing(code)[:LIMIT], ORIGINALS)


GOOD_CODE = (
    "import numpy as np",
    "import math",
    "from fishformer.sums import einsum",
    "class A:\n    def __init__(self):\n        super().__init__()",
    "x = 'été 猫'",
)


@pytest.mark.parametrize("code", GOOD_CODE)
def test_code_that_it_may_bring(code):
    brought = read(bringing(code, "sums.py"), ORIGINALS)
    assert brought.edits["sums.py"].startswith(code)


def test_what_a_file_uses_already_it_may_go_on_using():
    for path, text in ORIGINALS.items():
        check(path, text + "\n# edited", text)


FILES = {
    "": "not JSON",
    "[" * 100_000: "not JSON",
    "[]": "none of this page’s",
    "{}": "none of this page’s",
    '{"format": "fishformer link"}': "which version",
    '{"format": "fishformer link", "version": 2}': "newer version",
    '{"format": "fishformer link", "version": 1, "step": -1}': "step = -1",
    '{"format": "fishformer link", "version": 1, "settings": {"a": 1}}': "settings",
    '{"format": "fishformer link", "version": 1, "place": []}': "place",
    "x" * (MAX_BYTES + 1): "characters; 1,500,000",
}


@pytest.mark.parametrize("text", FILES, ids=lambda t: t[:50])
def test_files_that_are_refused(text):
    with pytest.raises(LinkError, match=FILES[text]):
        from_file(text, ORIGINALS)


def test_bytes_of_the_alphabet_only():
    lengths = [len(write(Link(text="a b\n" * n), ORIGINALS)) for n in (1, 10, 100)]
    assert all(a < b + 40 for a, b in pairwise(lengths))
