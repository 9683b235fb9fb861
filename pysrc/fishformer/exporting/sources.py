"""The code that a run needs: the modules of the package that training imports."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import fishformer
from fishformer.grammar import read_data

ROOT = Path(fishformer.__file__).parent
ROOTS = ("__init__.py", "config.py", "corpus.py", "training.py")
DATA = re.compile(r'"(fish_\w+\.txt)"')


def sources(edits: Mapping[str, str]) -> dict[str, str]:
    """What training imports, module by module: "layers.py" -> its text, edits included.

    Raises SyntaxError for an edit that is not Python.
    """
    found: dict[str, str] = {}
    wanted = [*ROOTS]
    while wanted:
        path = wanted.pop()
        if path in found:
            continue
        found[path] = text = edits[path] if path in edits else _written(path)
        wanted += _imported(path, text, edits)
    return dict(sorted(found.items()))


def _written(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


def data_files(code: Mapping[str, str]) -> dict[str, str]:
    """The texts of the fish that some code names: file name -> text."""
    names = sorted(set(DATA.findall("".join(code.values()))))
    return {name: read_data(name) for name in names}


def _imported(path: str, text: str, edits: Mapping[str, str]) -> Iterator[str]:
    """The files of the package that a module imports, each after its packages."""
    package = ("fishformer", *path.split("/")[:-1])
    for node in ast.walk(ast.parse(text, path)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*start, *filter(None, [node.module])))
            names = [module, *(f"{module}.{alias.name}" for alias in node.names)]
        for name in names:
            yield from _files(name, edits)


def _files(module: str, edits: Mapping[str, str]) -> Iterator[str]:
    top, *parts = module.split(".")
    if top != "fishformer":
        return
    for deep in range(1, len(parts) + 1):
        stem = "/".join(parts[:deep])
        for path in (f"{stem}.py", f"{stem}/__init__.py"):
            if path in edits or (ROOT / path).is_file():
                yield path
