"""What one page sees: its messages in, training, drawings and messages out."""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any

from fishformer.browser import module
from fishformer.browser.canvases import Canvases
from fishformer.browser.library import Library, NotHereError
from fishformer.browser.memory import within_memory

Post = Callable[..., None]  # post(kind, **message) sends one message to the page

NAP = 0.02  # seconds
FRAME = 1 / 60  # seconds between two pictures of what moves by itself
JOBS_SHOWN = 0.1  # seconds between two looks at the progress of an exhibit's own job
LABELS_EVERY = 5.0  # seconds between two descriptions of the charts, while training
CALM = 1.0  # seconds after the first picture, when the rest of the package is fetched
# What a page can be told before that is here.
AT_ONCE = {"command", "resize", "canvases", "theme"}
HERE = {"e01", "transport", "keeper"}


def plain(view: dict[str, Any]) -> dict[str, Any]:
    """A view whose lists and matrices are objects with names, not tuples."""
    return {
        **view,
        "lists": {
            key: [item._asdict() for item in items]
            for key, items in view.get("lists", {}).items()
        },
        "matrices": {
            key: matrix._asdict() for key, matrix in view.get("matrices", {}).items()
        },
    }


class Show:
    """Runs a stage in front of one page."""

    def __init__(
        self,
        message: dict[str, Any],
        post: Post,
        library: Library | None = None,
        bring: Callable[[], Any] = lambda: None,
    ):
        self.post = post
        self.library, self.bring = library or Library(), bring
        self.waiting: list[dict[str, Any]] = []  # messages, for the rest of the package
        self.wanted = asyncio.Event()  # something waits for it
        self.patient = True  # it may still come
        self.stage: Any = module("exhibits.stage").Stage(dict(message["settings"]))
        self.stage.still = message["still"]
        self.base = message["base"]
        self.canvases = Canvases(message)
        for name, value in message["visible"].items():
            seen = {"kind": "visible", "exhibit": name, "value": value}
            if value and self.must_wait(seen):
                self.waiting.append(seen)
                self.wanted.set()
            else:
                self.stage.set_on_screen(name, value)
        self.kept: dict[str, Any] | None = message.get("kept")  # of the last visit
        # Around every turn of work: what to do when code that was edited here fails.
        self.careful: Callable[[], AbstractContextManager] = nullcontext
        self.wake = asyncio.Event()
        self.views: dict[str, Any] = {}
        self.asked: dict[tuple[str, str], asyncio.Task] = {}  # files of the site
        self.parts: dict[str, Any] = {}
        self.labels_due = 0.0
        self.shown_at = 0.0
        self.step_due = 0.0

    # ---- messages in ----------------------------------------------------------

    def hear(self, message: dict[str, Any]) -> None:
        """One message from the page."""
        kind = message["kind"]
        if self.must_wait(message):
            self.waiting.append(message)
            if kind != "part":  # a part begins by itself: somebody is waiting
                self.wanted.set()
            return
        with self.careful():
            try:
                getattr(self, f"on_{kind}")(message)
            except ValueError as error:
                of_corpus = isinstance(error, module("corpus").CorpusError)
                what = "corpus" if of_corpus else kind
                self.post("refused", what=what, message=str(error))
            except NotHereError as error:
                self.post("refused", what=kind, message=f"{error}.")

    def must_wait(self, message: dict[str, Any]) -> bool:
        """Whether it needs the rest of the package, which is on its way."""
        if self.library.whole or not self.patient:
            return False
        about = message.get("exhibit", message.get("part"))
        here = about in HERE and message["kind"] != "ask"  # which may be for sources
        return not (here or message["kind"] in AT_ONCE)

    async def complete(self) -> None:
        """Get the rest of the package, calmly or as soon as something waits for it."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.wanted.wait(), CALM)
        try:
            await self.library.complete(self.bring)
        except Exception:  # of JavaScript: no network. What needs it tries once more
            self.patient = False
        waiting, self.waiting = self.waiting, []
        for message in waiting:
            with within_memory(self):
                self.hear(message)

    def on_command(self, message: dict[str, Any]) -> None:
        """A button of the transport, or other settings or sentences."""
        self.stage.command(message["name"], message.get("value"))
        self.step_due = min(self.step_due, time.perf_counter() + self._pause())
        self.show_all()
        self.wake.set()

    def on_event(self, message: dict[str, Any]) -> None:
        """Something done in an exhibit."""
        self.stage.event(message["exhibit"], message["name"], message.get("value"))
        self.show()
        self.wake.set()

    def on_resize(self, message: dict[str, Any]) -> None:
        """Canvases have other sizes, or the screen other pixels."""
        self.canvases.resize(message["sizes"], message["dpr"])
        self.show_all()

    def on_canvases(self, message: dict[str, Any]) -> None:
        """More canvases to draw on."""
        self.canvases.add(message["canvases"], message["sizes"])
        self.show_all()

    def on_theme(self, message: dict[str, Any]) -> None:
        """Other colours."""
        self.canvases.set_theme(message["tokens"])
        self.show_all()

    def on_visible(self, message: dict[str, Any]) -> None:
        """An exhibit has come on the screen, or left it."""
        self.stage.set_on_screen(message["exhibit"], message["value"])
        self.show()
        self.wake.set()

    def on_part(self, message: dict[str, Any]) -> None:
        """A message for one of the parts, such as the workshop."""
        self.part(message["part"]).handle(message["name"], message["value"])
        self.wake.set()

    def part(self, name: str) -> Any:
        """What has messages of its own: a class in the module of its name.

        It is made when its first message comes, has handle(name, value), and answers
        by tell().
        """
        if name not in self.parts:
            kind = getattr(module(f"browser.{name}"), name.capitalize())
            self.parts[name] = kind(self)
        return self.parts[name]

    def tell(
        self, part: str, name: str, value: Any = None, data: bytes | None = None
    ) -> None:
        """Send one message of a part to its other half in the page, bytes with it."""
        self.post("part", data, part=part, name=name, value=value)

    def on_ask(self, message: dict[str, Any]) -> None:
        """A question about an exhibit; it comes back with the answer."""
        exhibit = self.stage.exhibit(message["exhibit"])
        match message["what"]:
            case "source":
                value = module("browser.listing").source_of(exhibit)
            case "line":
                value = module("browser.listing").line_of(exhibit, message["term"])
            case _:
                value = [table._asdict() for table in exhibit.tables()]
        self.post("answer", of=message, value=value)

    # ---- what the page sees -----------------------------------------------------

    def rehearse(self, stage: Any) -> None:
        """Do with a stage all that show() does, and leave the page as it is."""
        stage.changed |= stage.on_screen
        self.canvases.rehearse(stage)
        views = {name: plain(view) for name, view in stage.views().items()}
        json.dumps([views, stage.frame(), stage.labels()])

    def adopt(self, stage: Any) -> None:
        """Show another stage from now on."""
        self.stage = stage
        self.canvases.forget_painters()
        self.views.clear()
        self.asked.clear()
        self.show_all()
        self.wake.set()

    def show_all(self) -> None:
        """As show(), for everything on the screen."""
        self.stage.changed |= self.stage.on_screen
        self.show()

    def show(self) -> None:
        """Paint what has changed on the screen, and tell the page."""
        self.canvases.paint(self.stage)
        for name, view in self.stage.views().items():
            if view != self.views.get(name):
                self.views[name] = view
                self.post("view", exhibit=name, value=plain(view))
        painted = sorted(self.stage.changed & self.stage.on_screen)
        self.post("frame", **self.stage.frame(), painted=painted)
        self.stage.changed.clear()
        for name, file in self.stage.wanted().items():
            if (name, file) not in self.asked:
                self.asked[name, file] = asyncio.create_task(self._fetch(name, file))
        self.shown_at = time.perf_counter()
        at_rest = not (self.stage.busy or self.stage.moving)
        if self.shown_at >= self.labels_due or at_rest:
            self.labels_due = self.shown_at + LABELS_EVERY
            self.post("labels", value=self.stage.labels())

    # ---- the loop ---------------------------------------------------------------

    def _pause(self) -> float:
        """Seconds from one step to the next."""
        speed = self.stage.player.speed
        return 0.0 if self.stage.in_haste or not speed else 1 / speed

    async def run(self) -> None:
        """Work while there is work, at the pace that the visitor chose."""
        if self.kept:
            kept, self.kept = self.kept, None
            self.part("keeper").take_up(kept["about"], bytes(kept["live"]))
        self.post("ready")
        self.show()
        self.stage.open()
        ticked = due = time.perf_counter()  # what moves: its last picture, its next
        while True:
            stage = self.stage
            if not (stage.busy or stage.has_jobs or stage.moving):
                self.wake.clear()
                await self.wake.wait()
                continue
            wait = NAP  # in short naps, for a command may come in between
            with within_memory(self), self.careful():
                if stage.moving:
                    now = time.perf_counter()
                    wait = due - now
                    if wait <= 0:
                        stage.tick(now - ticked)
                        self.show()
                        ticked, due = now, max(due + FRAME, now)
                else:
                    ticked = time.perf_counter()
                if stage.busy:
                    wait = min(wait, self.step_due - time.perf_counter())
                    if self.step_due <= time.perf_counter():
                        self._step()
                if stage.has_jobs:
                    self._work_on_jobs()
                    wait = 0.0
            await asyncio.sleep(max(wait, 0.0))

    async def _fetch(self, exhibit: str, file: str) -> None:
        """Hand an exhibit a file of the site, or the reason why it cannot be had."""
        import pyodide.http

        try:
            reply = await pyodide.http.pyfetch(f"{self.base}{file}")
            reply.raise_for_status()
            data = await reply.bytes()
        except (OSError, pyodide.http.HttpStatusError) as error:
            self.stage.receive_failed(exhibit, file, str(error))
        except Exception as error:  # it does not fit into memory
            self.stage.fail(exhibit, error)
        else:
            with within_memory(self):
                self.stage.receive(exhibit, file, data)
        self.asked.pop((exhibit, file), None)  # one made anew may want it again
        self.show()
        self.wake.set()

    def _step(self) -> None:
        # A slow step does not make the next ones hurry.
        self.step_due = max(self.step_due, time.perf_counter() - 0.1)
        self.step_due += self._pause()
        if self.stage.work():
            self.show()

    def _work_on_jobs(self) -> None:
        self.stage.work_on_jobs()
        if time.perf_counter() - self.shown_at > JOBS_SHOWN or not self.stage.has_jobs:
            self.show()
