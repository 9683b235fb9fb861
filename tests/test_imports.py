"""Imports run one way, and only browser/ knows of a browser."""

import ast
from pathlib import Path

import pytest

import fishformer

ROOT = Path(fishformer.__file__).parent
# A module may import from its own rank's left neighbours only.
RANKS = [
    ["__init__"],
    ["config", "tokenizer", "params", "templates", "sums", "patches", "guests"],
    ["checkpoint", "grammar", "links", "settings_form"],
    ["corpus_text", "references", "layers", "readymade"],
    ["corpus", "softmax", "cells"],
    ["attention"],
    ["block"],
    ["stack"],
    ["tasks", "rnn", "optim"],
    ["model"],
    ["training"],
    ["timeline", "completion", "storage", "probes", "charts", "sampling"],
    ["word2vec", "datasets", "experiments", "geometry", "runs", "stopping"],
    ["lessons", "player", "shelf"],
    ["workbench", "exporting"],
    ["exhibits"],
    ["prerender", "browser", "terminal"],
    ["__main__"],
]
RANK = {name: rank for rank, names in enumerate(RANKS) for name in names}
BROWSER = {"js", "pyscript", "polyscript", "pyodide", "pyodide_js"}
FILES = sorted(ROOT.rglob("*.py"))


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = ".".join(("fishformer", *path.relative_to(ROOT).parts[:-1]))
            start = f"{package}." if node.level == 1 else ""
            yield f"{start}{node.module or ''}".rstrip(".")


def part(name):
    """fishformer.charts.loss -> charts."""
    pieces = name.split(".")
    return pieces[1] if len(pieces) > 1 else "__init__"


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_imports_run_one_way(path):
    mine = path.relative_to(ROOT).with_suffix("").parts[0]
    for name in imported(path):
        top = name.split(".")[0]
        if top in BROWSER:
            assert mine == "browser", f"{path} imports {name}"
        if top == "fishformer" and part(name) in RANK and part(name) != mine:
            assert RANK[part(name)] < RANK[mine], f"{mine} imports {part(name)}"


def test_charts_know_nothing_of_the_model():
    for path in (ROOT / "charts").glob("*.py"):
        ours = {part(n) for n in imported(path) if n.split(".")[0] == "fishformer"}
        assert ours <= {"__init__", "charts", "sums"}, path
