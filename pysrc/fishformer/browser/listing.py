"""The Python that an exhibit shows, as the page lists it."""

import inspect
from pathlib import Path
from typing import Any

import fishformer

ROOT = Path(fishformer.__file__).parent


def source_of(exhibit: Any) -> dict[str, Any]:
    """The code of an exhibit, and where in it the terms of its formulas stand."""
    places = {}
    for term, (function, piece) in exhibit.terms.items():
        lines, first = inspect.getsourcelines(function)
        line = next(n for n, line in enumerate(lines, first) if piece in line)
        places[term] = [exhibit.shows_code.index(function), line]
    return {
        "functions": [lines_of(function) for function in exhibit.shows_code],
        "terms": places,
    }


def lines_of(function) -> dict[str, Any]:
    """The very lines that run: file, name, first line and text."""
    lines, first = inspect.getsourcelines(function)
    file = Path(inspect.getfile(function)).relative_to(ROOT).as_posix()
    text = inspect.cleandoc("\n" + "".join(lines)) + "\n"
    return {
        "file": file,
        "name": function.__qualname__,
        "first_line": first,
        "text": text,
    }
