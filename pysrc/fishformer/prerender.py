"""The page before Python runs in it: placeholders become the untrained model's state.

`python -m fishformer.prerender site/index.html` prints the page with these filled in
(FISHFORMER_MANIFEST names the manifest of the site that is being built):

    {{include:chapters/1.html}}      another file, which may have placeholders too
    {{contents:all}}                 links to every chapter and exhibit of the page
    {{svg:e01.loss 384 356}}         the first frame of a chart, in CSS pixels
    {{text:e01.finding}}             a text of the page at step 0
    {{words:e01}}                    the words beside an exhibit's maps, each in a span
    {{list:e02.near}}                a list of words or choices
    {{matrix:e09.X}}                 numbers in rows and columns
    {{settings:model}}               the controls of a group of settings
    {{fact:parameters}}              a number of the live run
    {{finding:it.step 200 .2f}}      a mean over five seeds, from data/findings.json
    {{wheel:name}}                   the file name of the package in the built site

What an exhibit shows or hides by its state (data-if, data-unless) is hidden as that
state has it, the chosen one of several buttons is marked, a control that has no use yet
gets data-off, and a note in the margin has its heading for a name.
"""

import json
import math
import os
import re
import sys
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from fishformer.charts.svg import to_svg
from fishformer.exhibits.exhibit import Matrix, plain
from fishformer.exhibits.run_view import facts
from fishformer.exhibits.stage import EXHIBITS, Stage
from fishformer.settings_form import settings_form

PLACEHOLDER = re.compile(r"\{\{(\w+):([^{}]+)\}\}")
INCLUDE = re.compile(r"\{\{include:([\w./-]+)\}\}")
PLACE = re.compile(
    r'<section class="(chapter|exhibit)" id="([\w-]+)".*?<h[23][^>]*>(.*?)</h[23]>',
    re.S,
)
NOTE = re.compile(r"<aside ((?:(?!aria-label)[^>])*)>(\s*)<(h[34])>(.*?)</\3>")
TAG = re.compile(r"<[^>]+>")
CONDITION = re.compile(r'\bdata-(if|unless)="([\w.-]+)"')
CONTROL = re.compile(r'\bdata-do="([\w.-]+)"(?=[^>]*\bdisabled\b)')
CHOICE = re.compile(r'\bdata-do="([\w.-]+)" data-value="([^"]*)"')
SHADES = 40  # of a heat map: the page is read before all else, and has dozens
NARROW = 8  # columns that fit on any screen
FINDINGS = Path(__file__).with_name("data") / "findings.json"


class PrerenderError(ValueError):
    """A placeholder names something that does not exist."""


def matrix_html(matrix: Matrix) -> str:
    """A matrix as the page will have it, but with nothing to press."""
    rows = []
    if matrix.columns:
        corner = '<th><span class="vh">row</span></th>' if matrix.rows else ""
        heads = (f'<th scope="col">{escape(name)}</th>' for name in matrix.columns)
        rows.append(f"<tr>{corner}{''.join(heads)}</tr>")
    for r, values in enumerate(matrix.values):
        head = f'<th scope="row">{escape(matrix.rows[r])}</th>' if matrix.rows else ""
        cells = (
            f'<td class="{" ".join(cell_classes(matrix, r, c))}">{escape(value)}</td>'
            for c, value in enumerate(values)
        )
        rows.append(f"<tr>{head}{''.join(cells)}</tr>")
    wide = len(matrix.columns) > NARROW  # it may scroll, with keys too
    focus = ' tabindex="0"' if wide else ""
    return f'<table class="{matrix.tone}"{focus}>{"".join(rows)}</table>'


def cell_classes(matrix: Matrix, r: int, c: int) -> list[str]:
    """How a cell looks, as site/widgets.mjs has it."""
    classes = [matrix.marks[r][c]] if matrix.marks and matrix.marks[r][c] else []
    if (r, c) in {tuple(place) for place in matrix.lit}:
        classes.append("lit")
    if matrix.shade and len(matrix.shade[r]) > c:
        classes.append(f"s{1 + math.floor(8 * matrix.shade[r][c] + 0.5)}")
    if matrix.opened == (r, c):
        classes.append("opened")
    return classes


def labelled(note: re.Match) -> str:
    """A note in the margin that has its heading for a name."""
    attributes, space, tag, heading = note.groups()
    name = TAG.sub("", heading).replace('"', "&quot;")
    start = f'<aside {attributes} aria-label="{name}">'
    return f"{start}{space}<{tag}>{heading}</{tag}>"


def contents(page: str) -> str:
    """Links to all chapters of a page, each with its exhibits."""
    parts: list[str] = []
    for kind, place, title in PLACE.findall(page):
        if kind == "chapter":
            parts.append(f'<li><a href="#{place}">{title}</a><ol></ol></li>')
        elif parts:  # the first exhibit comes before all chapters
            item = f'<li><a href="#{place}">{title}</a></li></ol></li>'
            parts[-1] = parts[-1].removesuffix("</ol></li>") + item
    return "".join(part.replace("<ol></ol>", "") for part in parts)


class FirstFrame:
    """What the page shows at step 0.

    Included files lie in `folder`; `manifest` is the built site's, if there is one.
    """

    def __init__(self, stage: Stage, folder: Path, manifest: dict[str, Any]):
        for name in EXHIBITS:
            stage.set_on_screen(name, True)
        while stage.has_jobs:  # what an exhibit computes unasked
            stage.work_on_jobs()
        self.stage = stage
        self.folder = folder
        self.manifest = manifest
        self.views = stage.views()
        self.state: dict[str, Any] = {}
        self.lists: dict[str, Any] = {}
        self.matrices: dict[str, Matrix] = {}
        self.texts = {
            key: plain(words) for key, words in stage.frame()["texts"].items()
        }
        for name, view in self.views.items():
            self.state |= view.get("state", {})
            self.lists |= view.get("lists", {})
            self.matrices |= view.get("matrices", {})
            for number, halves in view.get("sentences", {}).items():
                self.texts[f"{name}.before.{number}"] = halves["before"]
                self.texts[f"{name}.after.{number}"] = halves["after"]

    def fill(self, page: str) -> str:
        """The page with every placeholder replaced. Raises PrerenderError."""
        page = INCLUDE.sub(self._include, page)

        def replaced(found: re.Match) -> str:
            kind, given = found.groups()
            fills: dict[str, Callable[[str], str]] = {
                "contents": lambda _: contents(page),
                "svg": self._svg,
                "text": self._text,
                "words": self._words,
                "list": self._list,
                "matrix": self._matrix,
                "settings": settings_form,
                "fact": self._fact,
                "finding": self._finding,
                "wheel": self._wheel,
            }
            try:
                return fills[kind](given)
            except (KeyError, TypeError, ValueError, IndexError):
                raise PrerenderError(f"nothing fills {found[0]}") from None

        filled = PLACEHOLDER.sub(replaced, page)
        for places, fill in (
            (CONDITION, self._condition),
            (CHOICE, self._choice),
            (CONTROL, self._control),
        ):
            filled = places.sub(fill, filled)
        return NOTE.sub(labelled, filled)

    def _include(self, found: re.Match) -> str:
        try:
            return (self.folder / found[1]).read_text("utf-8")
        except OSError:
            raise PrerenderError(f"nothing fills {found[0]}") from None

    def _svg(self, given: str) -> str:
        canvas, width, height = given.split(" ")
        if canvas not in self.stage.canvases():
            raise KeyError(canvas)
        size = int(width), int(height)
        drawing = self.stage.draw(canvas, *size)
        backdrop = self.stage.backdrop(canvas, *size)
        return to_svg(backdrop + drawing if backdrop else drawing, shades=SHADES)

    def _text(self, key: str) -> str:
        return escape(self.texts[key])

    def _words(self, exhibit: str) -> str:
        view = self.views[exhibit]
        return "".join(
            f'<span class="gap">{escape(word)}</span>'
            if place == view["gap"]
            else f"<span>{escape(word)}</span>"
            for place, word in enumerate(view["words"])
        )

    def _list(self, key: str) -> str:
        return " ".join(
            f'<span class="{"lit" if item.lit else ""}">{escape(item.words)}</span>'
            for item in self.lists[key]
        )

    def _matrix(self, key: str) -> str:
        return matrix_html(self.matrices[key])

    def _fact(self, name: str) -> str:
        value = facts(self.stage)[name]
        return f"{value:,}" if isinstance(value, int) else f"{value:.2f}"

    def _finding(self, given: str) -> str:
        name, rest = given.split(".", 1)
        key, form = rest.rsplit(" ", 1)
        findings = json.loads(FINDINGS.read_text("utf-8"))["findings"]
        return format(findings[name]["measured"][key]["mean"], form)

    def _wheel(self, _: str) -> str:
        files = [Path(file["path"]).name for file in self.manifest["files"]]
        (wheel,) = (name for name in files if name.startswith("fishformer-"))
        return escape(wheel)

    def _condition(self, found: re.Match) -> str:
        hides = bool(self.state.get(found[2])) == (found[1] == "unless")
        return f"{found[0]} hidden" if hides else found[0]

    def _control(self, found: re.Match) -> str:
        off = self.state.get(f"{found[1]}.off")
        return f"{found[0]} data-off" if off else found[0]

    def _choice(self, found: re.Match) -> str:
        if found[1] not in self.state:
            return found[0]
        pressed = str(self.state[found[1]]) == found[2]
        return f'{found[0]} aria-pressed="{str(pressed).lower()}"'


if __name__ == "__main__":
    index = Path(sys.argv[1])
    manifest = json.loads(Path(os.environ["FISHFORMER_MANIFEST"]).read_text("utf-8"))
    first = FirstFrame(Stage(), index.parent, manifest)
    sys.stdout.write(first.fill(index.read_text("utf-8")))
