"""What comes in a link or a file and is broken or hostile: refused, and named."""

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fishformer.guests import check
from fishformer.links import LIMIT, MAX_BYTES, Link, LinkError, from_file, read, write
from linking import ORIGINALS, packed

UNHURRIED = settings(deadline=None, max_examples=50)


def bringing(text, path="layers.py"):
    """A link with this text before the first line of a module."""
    first = ORIGINALS[path].split("\n")[0]
    return packed({"edits": {path: [[1, [first], [*text.split("\n"), first]]]}})


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
