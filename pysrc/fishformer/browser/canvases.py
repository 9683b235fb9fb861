"""The page's canvases: their sizes, their colours, and what paints on them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fishformer.browser import module


class Canvases:
    """Those that a page has handed over; a stage's charts are painted on them."""

    def __init__(self, message: Mapping[str, Any]) -> None:
        """message: the page's first."""
        self.tokens, self.fonts = message["tokens"], message["fonts"]
        self.dpr = message["dpr"]
        self._canvases: dict[str, Any] = message["canvases"]
        self._sizes: dict[str, Sequence[float]] = dict(message["sizes"])
        self.forget_painters()

    def forget_painters(self) -> None:
        """New code is to paint from now on."""
        self._studio: Any = None  # made with the first painter
        self._painters: dict[str, Any] = {}

    def resize(self, sizes: Mapping[str, Sequence[float]], dpr: float) -> None:
        """Some have other sizes, or the screen other pixels."""
        self.dpr = dpr
        self._sizes |= sizes
        for name in sizes:
            if name in self._painters:
                self._painters[name].resize(*sizes[name], dpr)

    def add(
        self, canvases: Mapping[str, Any], sizes: Mapping[str, Sequence[float]]
    ) -> None:
        """More to draw on."""
        self._canvases |= canvases
        self._sizes |= sizes

    def set_theme(self, tokens: Mapping[str, str]) -> None:
        """Other colours."""
        self.tokens = tokens
        if self._studio:
            self._studio.set_theme(tokens, self.fonts)

    def paint(self, stage: Any) -> None:
        """Paint the charts that have something new to show."""
        for name, size in self._shown(stage):
            painter = self._painter(name)
            painter.paint(stage.draw(name, *size), stage.backdrop(name, *size))
        if self._studio:
            self._studio.show()

    def rehearse(self, stage: Any) -> None:
        """Do all that paint() does but put it on a canvas."""
        packer = module("browser.painter").Packer(self.tokens, lambda mark: 0)
        for name, size in self._shown(stage):
            packer.pack(stage.draw(name, *size))
            stage.backdrop(name, *size)

    def _shown(self, stage: Any) -> Iterator[tuple[str, Sequence[float]]]:
        """The stage's charts that the page has a canvas for, and does not hide."""
        for name in stage.canvases():
            size = self._sizes.get(name, (0.0, 0.0))
            if name in self._canvases and all(size):
                yield name, size

    def _painter(self, name: str) -> Any:
        if not self._studio:
            painter = module("browser.painter")
            self._studio = painter.Studio(self.tokens, self.fonts)
        if name not in self._painters:
            canvas, size = self._canvases[name], self._sizes[name]
            self._painters[name] = self._studio.painter(canvas, *size, self.dpr)
        return self._painters[name]
