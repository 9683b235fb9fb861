"""The page before Python runs in it: placeholders become the untrained model's state.

`python -m fishformer.prerender site/index.html` prints the page with these filled in:

    {{svg:e01.loss 384 356}}  the first frame of a chart for a size in CSS pixels
    {{text:e01.finding}}      a text of the page at step 0
    {{words:e01}}             the words beside an exhibit's maps, each in a span
    {{fact:parameters}}       a number
"""

import re
import sys
from html import escape
from pathlib import Path

from fishformer.charts.svg import to_svg
from fishformer.exhibits.stage import Stage

PLACEHOLDER = re.compile(r"\{\{(\w+):([\w.]+)((?: \d+)*)\}\}")


class PrerenderError(ValueError):
    """A placeholder names something that does not exist."""


class FirstFrame:
    """What the page shows at step 0."""

    def __init__(self, stage: Stage):
        self.stage = stage
        self.views = stage.views()
        self.texts = {
            key: words if isinstance(words, str) else "".join(text for text, _ in words)
            for key, words in stage.frame()["texts"].items()
        }
        for name, view in self.views.items():
            for number, halves in view.get("sentences", {}).items():
                self.texts[f"{name}.before.{number}"] = halves["before"]
                self.texts[f"{name}.after.{number}"] = halves["after"]

    def fill(self, page: str) -> str:
        """The page with every placeholder replaced. Raises PrerenderError."""

        def replaced(found: re.Match) -> str:
            kind, name, numbers = found.groups()
            try:
                fill = getattr(self, f"_{kind}")
                return fill(name, *(int(n) for n in numbers.split()))
            except (AttributeError, KeyError, TypeError, IndexError):
                raise PrerenderError(f"nothing fills {found[0]}") from None

        return PLACEHOLDER.sub(replaced, page)

    def _svg(self, canvas: str, width: int, height: int) -> str:
        if canvas not in self.stage.canvases():
            raise KeyError(canvas)
        drawing = self.stage.draw(canvas, width, height)
        backdrop = self.stage.backdrop(canvas, width, height)
        return to_svg(backdrop + drawing if backdrop else drawing)

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

    def _fact(self, name: str) -> str:
        value = self.stage.facts()[name]
        return f"{value:,}" if isinstance(value, int) else f"{value:.2f}"


if __name__ == "__main__":
    sys.stdout.write(FirstFrame(Stage()).fill(Path(sys.argv[1]).read_text("utf-8")))
