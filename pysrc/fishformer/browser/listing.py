"""The Python that an exhibit shows, as the page lists it."""

import inspect
from pathlib import Path
from typing import Any

import fishformer

ROOT = Path(fishformer.__file__).parent


def source_of(exhibit: Any) -> dict[str, Any]:
    """The code of an exhibit, and where in it the terms of its formulas stand."""
    places = {}
    for term, (function, _) in exhibit.terms.items():
        line = line_of(exhibit, term)
        if line:
            places[term] = [exhibit.shows_code.index(function), line["line"]]
    return {
        "functions": [lines_of(function) for function in exhibit.shows_code],
        "terms": places,
    }


def line_of(exhibit: Any, term: str) -> dict[str, Any] | None:
    """The line of a term: file, number and text; None if edited code has none."""
    if term not in exhibit.terms:
        return None
    function, piece = exhibit.terms[term]
    lines, first = inspect.getsourcelines(function)
    for number, line in enumerate(lines, first):
        if piece in line:
            text = line.strip()
            return {"file": _file_of(function), "line": number, "text": text}
    return None


def lines_of(function) -> dict[str, Any]:
    """The very lines that run: file, name, first line and text."""
    lines, first = inspect.getsourcelines(function)
    text = inspect.cleandoc("\n" + "".join(lines)) + "\n"
    return {
        "file": _file_of(function),
        "name": function.__qualname__,
        "first_line": first,
        "text": text,
    }


def _file_of(function) -> str:
    return Path(inspect.getfile(function)).relative_to(ROOT).as_posix()
