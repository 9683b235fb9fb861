"""The code keeps its own rules: ruff and mypy have nothing to say."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PYTHON = ("pysrc", "tests", "build.py", ".build")


@pytest.mark.parametrize(
    "command",
    [("ruff", "check", *PYTHON), ("ruff", "format", "--check", *PYTHON), ("mypy",)],
    ids=" ".join,
)
def test_tools_find_nothing(command):
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "path", sorted((ROOT / "site").rglob("*.css")), ids=lambda p: p.name
)
def test_underlines_are_in_safaris_words(path):
    """Safari drops a text-decoration with more than a line in it."""
    assert not re.search(r"text-decoration: [\w-]+ ", path.read_text())


@pytest.mark.parametrize(
    "path",
    sorted(set((ROOT / "site").glob("*.mjs")) - {ROOT / "site" / "interpreter.mjs"}),
    ids=lambda p: p.name,
)
def test_no_module_of_the_page_awaits_at_its_top(path):
    """WebKit may never run a module that imports one which waits (its bug 242740)."""
    waits = [
        line
        for line in path.read_text().splitlines()
        if re.match(r"[^ /].*\bawait\b", line) and "async" not in line
    ]
    assert not waits


CLASSES = [
    node
    for path in sorted((ROOT / "pysrc").rglob("*.py"))
    for node in ast.parse(path.read_text()).body
    if isinstance(node, ast.ClassDef)
]
METHOD = ast.FunctionDef, ast.AsyncFunctionDef


def told(node, method):
    """Whether a class, or one that it builds on, says what its method is for."""
    own = [n for n in node.body if isinstance(n, METHOD) and n.name == method]
    bases = [b.value if isinstance(b, ast.Subscript) else b for b in node.bases]
    names = [b.id for b in bases if isinstance(b, ast.Name)]
    return any(map(ast.get_docstring, own)) or any(
        told(base, method) for base in CLASSES if base.name in names
    )


@pytest.mark.parametrize(
    "node", [n for n in CLASSES if not n.name.startswith("_")], ids=lambda n: n.name
)
def test_methods_say_what_they_are_for(node):
    """Or override one that does; ruff asks the same of modules and functions."""
    methods = [n.name for n in node.body if isinstance(n, METHOD)]
    assert [m for m in methods if m[0] != "_" and not told(node, m)] == []
