"""A run as a notebook (nbformat 4.5): a cell writes each module, and one trains."""

import json
import re
from typing import Any

from fishformer.exporting.script import COMPARE, TRAIN, Recipe, literal, losses_literal

ABOUT = """\
# {title}

It trains the model again, from its seed, and compares every loss with the page's. It
needs Python 3.11 or newer and numpy, and fetches nothing else. The cells of the package
write its modules into the folder `{folder}` beside this notebook. Read them, change
them; then restart the kernel and run all cells.
"""
EDITED = "\nEdited by hand: {names}. Look there first.\n"
NUMPY = "# If numpy is missing: %pip install numpy\n"
FOLDERS = """\
import sys
from pathlib import Path

for name in {folders}:
    Path({folder!r}, name).mkdir(parents=True, exist_ok=True)
sys.path.insert(0, {folder!r})
"""
RUN = """\
SETTINGS = {settings}
STEP = {step}

# What it learns from, one sentence a line; None is the fish.
SENTENCES = {sentences}
"""
LOSSES = """\
# The page's loss at each step, from 0.
nan, inf = float("nan"), float("inf")
LOSSES = {losses}
"""
IMPORTS = """\
from fishformer.config import Config  # first: it tells numpy to be quiet
from fishformer.corpus import load_corpus, load_fish
from fishformer.training import Trainer

import numpy as np
"""


def to_notebook(recipe: Recipe, folder: str) -> str:
    """The run as a notebook that writes its package into a folder of this name."""
    about = ABOUT.format(title=recipe.title, folder=folder)
    if recipe.edited:
        about += EDITED.format(names=", ".join(map("`{}`".format, recipe.edited)))
    files = {f"fishformer/{path}": text for path, text in recipe.files.items()}
    folders = sorted({path.rpartition("/")[0] for path in files})
    sentences = "None" if recipe.text is None else literal(recipe.text)
    settings = json.dumps(recipe.settings, indent=4)
    run = RUN.format(settings=settings, step=recipe.step, sentences=sentences)
    cells = [
        _words("about", about),
        _code("folders", NUMPY + FOLDERS.format(folder=folder, folders=folders)),
        _words("package", "## The package\n\nEach of these cells writes one file."),
    ]
    for path, text in files.items():
        name = path.removeprefix("fishformer/")
        cell = _code(re.sub(r"\W", "-", name), f"%%writefile {folder}/{path}\n{text}")
        if name not in recipe.edited:  # folded up; who wants to look opens it
            cell["metadata"] = {"jupyter": {"source_hidden": True}}
        cells.append(cell)
    cells += [
        _words("run", "## The run"),
        _code("settings", run),
        _code("losses", LOSSES.format(losses=losses_literal(recipe.losses))),
        _code("train", f"{IMPORTS}\n{TRAIN}"),
        _words("compare", "## Is it the page's run?"),
        _code("check", f"{COMPARE}\n\ncompare(losses, LOSSES)\n"),
    ]
    notebook = {
        "cells": cells,
        "metadata": {
            "kernelspec": {
                "display_name": "Python 3",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python", "file_extension": ".py"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _words(name: str, text: str) -> dict[str, Any]:
    source = text.strip().splitlines(keepends=True)
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}


def _code(name: str, text: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": name[:64],
        "metadata": {},
        "source": text.removesuffix("\n").splitlines(keepends=True),
        "execution_count": None,
        "outputs": [],
    }
