"""E22's workshop: the page's own Python, edited, tried, run and put back.

An edit runs only if it compiles and survives a rehearsal under a time limit. Until
then, and if it stops later with an error, the code from before it goes on.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from fishformer.browser import module
from fishformer.browser.printed import Printed
from fishformer.browser.source import EditError, Edits, Source
from fishformer.browser.testbench import Testbench
from fishformer.browser.watchdog import Watchdog

TRIAL = 10.0  # seconds that a rehearsal of new code may take
AGAIN = 40.0  # and of code that has run before: the machine may be busy
TURN = 8.0  # seconds that one step, one drawing or one answer of edited code may take
STEPS = 2  # of training in a rehearsal

Position = dict[str, Any]  # where the page stands: see Workbench.position
Packed = tuple[bytes, bytes]  # all runs, and those that were deleted
Arrange = Callable[[list, Position], None]  # changes the runs, before they are taken up


class Workshop:
    """The part "workshop". Other parts call begin(), open() and apply()."""

    def __init__(self, show: Any):
        self.show = show
        self.source = Source()
        self.watchdog = Watchdog()
        self.printed = Printed(lambda text: self.tell("printed", text))
        self.testbench = Testbench(self)
        self.before: tuple[Edits, Packed] | None = None  # the code and runs, till then

    def tell(self, name: str, value: Any = None) -> None:
        """One message to the page."""
        self.show.tell("workshop", name, value)

    def handle(self, name: str, value: Any) -> None:
        """One message from the page."""
        try:
            getattr(self, f"on_{name}")(value)
        except EditError as error:
            self.tell("refused", {**told(error), "what": name})

    def on_open(self, _: Any) -> None:
        """The editor can be seen: it gets the files."""
        self.tell("files", {"original": self.source.original})
        self._tell_running()

    def on_diff(self, texts: Edits) -> None:
        """What the typed texts change."""
        self.tell("diff", self._described(texts))

    def on_reset(self, value: dict[str, Any]) -> None:
        """One function as it was made."""
        path, text, line = value["path"], value["text"], value["line"]
        text, name = self.source.reset_function(path, text, line)
        self.tell(
            "made", {"texts": {path: text}, "words": f"{name} is as it was made."}
        )

    def on_challenge(self, key: str) -> None:
        """Type one of the guided edits."""
        challenges = module("lessons.challenges")
        challenge = challenges.named(key)
        text = challenges.edited(challenge, self.source.original[challenge.file])
        words = f"{challenge.title}: typed for you into {challenge.file}. Run it."
        self.tell("made", {"texts": {challenge.file: text}, "words": words})

    def on_run(self, texts: Edits) -> None:
        """Try these texts, and run them if they survive."""
        self.begin(texts)

    def on_tests(self, which: str) -> None:
        """Run the tests here."""
        self.testbench.start(which)

    def on_stop(self, _: Any) -> None:
        """End the tests after the one that is running."""
        self.testbench.stop()

    def _tell_running(self) -> None:
        """What the page runs on now."""
        edits = self.source.edits
        self.tell("running", {**self._described(edits), "edits": edits})

    def _described(self, texts: Edits) -> dict[str, Any]:
        edits = self.source.changed(texts)
        challenge = self.challenge(edits)
        return {
            "files": sorted(edits),
            "lines": [list(change) for change in self.source.diff(edits)],
            "challenge": challenge and challenge.key,
        }

    def challenge(self, edits: Edits) -> Any:
        """The guided edit that these edits are, or None."""
        challenges = module("lessons.challenges")
        key = challenges.recognised(self.source.original, edits)
        return challenges.named(key) if key else None

    # ---- running ----------------------------------------------------------------

    def begin(self, edits: Edits, **other: Any) -> None:
        """Run on the original code with these edits: path -> whole text; a new run.

        The present run is kept, and the new one begins from the same seed; `other` may
        have its `settings` and `text`. Raises EditError, and then nothing has changed.
        """
        edits = self.source.changed(edits)

        def arrange(runs: list, position: Position) -> None:
            most = module("shelf").MOST_RUNS
            if len(runs) >= most:
                raise EditError(f"There are {most} runs already. Delete one first.")
            add_run(runs, position, edits, **other)

        self._change(edits, arrange)

    def open(self, place: int) -> None:
        """Make stage.runs[place] the live run, with the code that it was run with.

        Raises EditError, and then nothing has changed.
        """

        def arrange(runs: list, position: Position) -> None:
            position |= {"live": place, "state": "paused"}

        self._change(self.show.stage.runs[place].edits, arrange, AGAIN)

    def apply(self, edits: Edits) -> None:
        """As begin(), but the live run goes on, where it stands, with the new code."""

        def arrange(runs: list, position: Position) -> None:
            runs[position["live"]].edits = edits

        self._change(edits, arrange, AGAIN)

    def _change(self, edits: Edits, arrange: Arrange, seconds: float = TRIAL) -> None:
        self.show.part("keeper").save()  # should this never end, the page has it all
        before, packed = self.source.edits, self._packed()
        stage = self._swapped(edits, lambda: self._rehearse(packed, arrange), seconds)
        self.before = (before, packed)
        self._adopt(stage)

    def _packed(self) -> Packed:
        return self.show.stage.pack(), self.show.stage.pack_deleted()

    def _rehearse(self, packed: Packed, arrange: Arrange) -> Any:
        """A stage of the new code that can train and be drawn; else it raises."""
        stage = self._taken_up(packed, arrange)
        trial = module("timeline").Timeline(stage.config, stage.corpus)
        for _ in range(STEPS):
            trial.advance()
        losses = [float(loss) for loss in trial.losses]
        if not np.isfinite(losses).all():
            raise EditError(
                f"It runs, but in a trial of {STEPS} steps the loss became "
                f"{losses[-1]}, which is no number to learn from."
            )
        self.show.rehearse(stage)
        return stage

    def _taken_up(self, packed: Packed, arrange: Arrange | None = None) -> Any:
        """A stage of the code as it is now, with all runs, before the page as it is."""
        stage = module("exhibits.stage").Stage()
        old = self.show.stage
        stage.still, stage.notices = old.still, old.notices
        stage.on_screen = set(old.on_screen)
        runs, position = module("runs").unpack(packed[0])
        if arrange:
            arrange(runs, position)
        stage.take_up(runs, position)
        stage.unpack_deleted(packed[1])
        if position["state"] == "training" and not stage.live.step:
            stage.command("train")
        return stage

    def _adopt(self, stage: Any) -> None:
        self.show.careful = self.careful
        self.show.adopt(stage)
        self._tell_running()

    def _swapped(self, edits: Edits, trial: Callable[[], Any], seconds: float) -> Any:
        """Source.swap, watched; the watchdog stays awake while there are edits."""
        self.watchdog.wake()
        self.printed.take()
        try:
            return self.source.swap(
                edits, trial, lambda: self.watchdog.at_most(seconds)
            )
        finally:
            self.printed.flush(now=True)
            if not self.source.edits:
                self.watchdog.sleep()
                self.printed.give_back()

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
        failed = self._failed_run() if self.before else b""
        edits, packed = self.before or ({}, self._packed())
        self.before = None

        def arrange(runs: list, position: Position) -> None:
            if failed:
                runs += module("runs").unpack(failed)[0]
            if runs[position["live"]].edits != edits:
                add_run(runs, position, edits)

        stage = self._swapped(edits, lambda: self._taken_up(packed, arrange), AGAIN)
        self._adopt(stage)
        self.tell("fell", told(error))

    def _failed_run(self) -> bytes:
        """The edited run as far as it came, or nothing if that fails as well."""
        try:
            with self.watchdog.at_most(TURN):
                return module("runs").pack(self.show.stage.capture())
        except BaseException:
            return b""


def add_run(runs: list, position: Position, edits: Edits, **other: Any) -> None:
    """A new run as the live one, with other code, in its place."""
    live = runs[position["live"]]
    given = {"settings": live.settings, "text": live.text, "end": live.end}
    if "settings" in other:
        given["end"] = 0  # that of its settings
    run = module("runs").Run(**given | other, edits=edits)
    name = module("runs").title_of(module("runs").differences(run, live)) or live.name
    run.name = module("shelf").free_name(name, runs)
    run.key = str(1 + max(int(other.key) for other in runs if other.key.isdecimal()))
    if not live.last:  # a run that never began is not kept
        runs.remove(live)
    runs.append(run)
    position |= {"live": len(runs) - 1, "state": "training"}


def told(error: EditError) -> dict[str, Any]:
    """An error as the page shows it."""
    return {
        "words": error.words,
        "file": error.file,
        "line": error.line,
        "detail": error.detail,
    }
