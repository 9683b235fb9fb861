"""E22's workshop: the page's own Python, edited, tried, run and put back.

Messages in: open, diff, run, reset, challenge, tests, stop. An edit runs only if it
compiles and survives a rehearsal under a time limit; until then, and if it stops
later with an error, the code from before it goes on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from fishformer.browser import module
from fishformer.browser.printed import Printed
from fishformer.browser.source import EditError, Edits, Source
from fishformer.browser.watchdog import Watchdog

TRIAL = 6.0  # seconds that a rehearsal may take
TURN = 4.0  # seconds that one step, one drawing or one answer of edited code may take
STEPS = 2  # of training in a rehearsal


class Workshop:
    """The part "workshop": see the module."""

    def __init__(self, show: Any):
        self.show = show
        self.source = Source()
        self.watchdog = Watchdog()
        self.printed = Printed(lambda text: self.tell("printed", text))
        self.before: tuple[Edits, bytes] | None = None

    def tell(self, name: str, value: Any = None) -> None:
        self.show.tell("workshop", name, value)

    def handle(self, name: str, value: Any) -> None:
        """One message from the page."""
        try:
            getattr(self, f"on_{name}")(value)
        except EditError as error:
            self.tell("refused", told(error))

    def on_open(self, _: Any) -> None:
        self.tell(
            "files", {"original": self.source.original, "edits": self.source.edits}
        )

    def on_diff(self, texts: Edits) -> None:
        self.tell("diff", self._described(texts))

    def on_reset(self, value: dict[str, Any]) -> None:
        path, text, line = value["path"], value["text"], value["line"]
        text, name = self.source.reset_function(path, text, line)
        self.tell("reset", {"path": path, "text": text, "name": name})

    def on_run(self, texts: Edits) -> None:
        """Apply the edits, then begin a new run from the same seed with them."""
        self.apply(texts, begin=True)
        self.tell("running", self._described(self.source.edits))

    def _described(self, texts: Edits) -> dict[str, Any]:
        return {
            "files": sorted(self.source.changed(texts)),
            "lines": [list(change) for change in self.source.diff(texts)],
        }

    # ---- running ----------------------------------------------------------------

    def apply(self, edits: Edits, begin: bool = False) -> None:
        """Let the page run on the original code with these edits: path -> whole text.

        The stage goes over into the new code with all its runs; `begin` starts a new
        run there. Raises EditError, and then nothing has changed.
        """
        packed = self.show.stage.pack()
        before = self.source.edits
        with self._watched(), self.watchdog.at_most(TRIAL):
            stage = self.source.swap(
                edits, lambda: self._rehearse(packed, edits, begin)
            )
        self.before = (before, packed)
        self._adopt(stage)

    def _rehearse(self, packed: bytes, edits: Edits, begin: bool) -> Any:
        """A stage of the new code that can train and be drawn; else it raises."""
        stage = self._like(self.show.stage)
        stage.unpack(packed)
        if begin:
            stage.start_run(edits=edits)
        trial = module("timeline").Timeline(stage.config, stage.corpus)
        for _ in range(STEPS):
            trial.advance()
        losses = [float(loss) for loss in trial.losses]
        if not np.isfinite(losses).all():
            raise EditError(
                f"After {STEPS} steps of a trial the loss is {losses[-1]}, which is no "
                "number to learn from."
            )
        self.show.rehearse(stage)
        return stage

    def _like(self, old: Any) -> Any:
        """A stage of the code as it is now, before the page in the same way."""
        stage = module("exhibits.stage").Stage()
        stage.still = old.still
        stage.on_screen = set(old.on_screen)
        return stage

    def _adopt(self, stage: Any) -> None:
        self.show.adopt(stage)
        if self.source.edits:
            self.watchdog.wake()
            self.printed.take()
        else:
            self.watchdog.sleep()
            self.printed.give_back()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Listen to what runs here, and to what it prints."""
        self.watchdog.wake()
        self.printed.take()
        try:
            yield
        finally:
            if not self.source.edits:
                self.watchdog.sleep()
                self.printed.give_back()
            self.printed.flush()

    @contextmanager
    def careful(self) -> Iterator[None]:
        """Around each turn of the page's work: edited code may fail at any step."""
        if not self.source.edits:
            yield
            return
        try:
            with self.watchdog.at_most(TURN):
                yield
        except BaseException as error:
            self._fall_back(self.source.explain(error))
        self.printed.flush()

    def _fall_back(self, error: EditError) -> None:
        """Put back the code and the runs from before the edit, and say why."""
        edits, packed = self.before or ({}, b"")

        def rebuild() -> Any:
            stage = self._like(self.show.stage)
            stage.unpack(packed)
            return stage

        stage = self.source.swap(edits, rebuild)
        self.before = None
        self._adopt(stage)
        self.tell("fell", told(error))


def told(error: EditError) -> dict[str, Any]:
    """An error as the page shows it."""
    return {
        "words": error.words,
        "file": error.file,
        "line": error.line,
        "detail": error.detail,
    }
