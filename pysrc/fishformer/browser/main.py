"""The worker: messages from the page in, training, drawings and messages out.

A message is one object with a `kind`. It goes as JSON text, which crosses faster than
a converted object; only the page's first one does not, for it carries the canvases.
"""

import asyncio
import inspect
import json
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fishformer
from fishformer.browser.painter import Painter
from fishformer.corpus import CorpusError
from fishformer.exhibits.stage import CURVE, Stage

Post = Callable[..., None]  # post(kind, **message) sends one message to the page

NAP = 0.02  # seconds
LABELS_EVERY = 5.0  # seconds between two descriptions of the charts, while training
ROOT = Path(fishformer.__file__).parent


def source_of(function) -> dict[str, Any]:
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


class Show:
    """Runs a stage in front of one page."""

    def __init__(self, message: dict[str, Any], post: Post):
        self.post = post
        self.stage = Stage(message["settings"])
        tokens, dpr = message["tokens"], message["dpr"]
        self.fonts = message["fonts"]
        self.sizes: dict[str, tuple[float, float]] = {
            name: (width, height) for name, (width, height) in message["sizes"].items()
        }
        self.painters = {
            name: Painter(canvas, width, height, dpr, tokens, self.fonts)
            for name, canvas in message["canvases"].items()
            for width, height in [self.sizes[name]]
        }
        self.visible: dict[str, bool] = message["visible"]
        self.wake = asyncio.Event()
        self.views: dict[str, Any] = {}
        self.labels_due = 0.0
        self.step_due = 0.0

    # ---- messages in ----------------------------------------------------------

    def hear(self, message: dict[str, Any]) -> None:
        """One message from the page."""
        kind = message["kind"]
        try:
            getattr(self, f"on_{kind}")(message)
        except CorpusError as error:
            self.post("refused", what="corpus", message=str(error))
        except ValueError as error:
            self.post("refused", what=kind, message=str(error))

    def on_command(self, message: dict[str, Any]) -> None:
        self.stage.command(message["name"], message.get("value"))
        self.step_due = min(self.step_due, time.perf_counter() + self._pause())
        self.show()
        self.wake.set()

    def on_event(self, message: dict[str, Any]) -> None:
        self.stage.event(message["exhibit"], message["name"], message.get("value"))
        self.show()

    def on_resize(self, message: dict[str, Any]) -> None:
        for name, size in message["sizes"].items():
            width, height = self.sizes[name] = size
            self.painters[name].resize(width, height, message["dpr"])
        self.show()

    def on_theme(self, message: dict[str, Any]) -> None:
        for painter in self.painters.values():
            painter.set_theme(message["tokens"], self.fonts)
        self.show()

    def on_visible(self, message: dict[str, Any]) -> None:
        self.visible[message["exhibit"]] = message["value"]
        self.show()

    def on_ask(self, message: dict[str, Any]) -> None:
        exhibit = self.stage.exhibits[message["exhibit"]]
        if message["what"] == "source":
            value = [source_of(function) for function in exhibit.shows_code]
        else:
            value = [table._asdict() for table in exhibit.tables()]
        self.post("answer", id=message["id"], value=value)

    # ---- what the page sees -----------------------------------------------------

    def show(self) -> None:
        """Paint every chart on the screen and tell the page the step."""
        # The page may have more charts than this run, and some of no size: hidden ones.
        for name in self.stage.canvases():
            painter, size = self.painters.get(name), self.sizes.get(name)
            if painter is None or size is None or not all(size):
                continue
            if name == CURVE or self.visible.get(name.split(".")[0]):
                drawing = self.stage.draw(name, *size)
                painter.paint(drawing, self.stage.backdrop(name, *size))
        for name, view in self.stage.views().items():
            if view != self.views.get(name):
                self.views[name] = view
                self.post("view", exhibit=name, value=view)
        self.post("frame", **self.stage.frame())
        now = time.perf_counter()
        if now >= self.labels_due or not self.stage.busy:
            self.labels_due = now + LABELS_EVERY
            self.post("labels", value=self.stage.labels())

    # ---- the loop ---------------------------------------------------------------

    def _pause(self) -> float:
        """Seconds from one step to the next."""
        if self.stage.in_haste or not self.stage.speed:
            return 0.0
        return 1 / self.stage.speed

    async def run(self) -> None:
        """Work while there is work, at the pace that the visitor chose."""
        self.post("ready", settings=self.stage.config.described())
        self.show()
        self.stage.open()
        while True:
            if not self.stage.busy:
                self.wake.clear()
                await self.wake.wait()
                continue
            wait = self.step_due - time.perf_counter()
            if wait > 0:  # in short naps, for a command may come in between
                await asyncio.sleep(min(wait, NAP))
                continue
            # A slow step does not make the next ones hurry.
            self.step_due = max(self.step_due, time.perf_counter() - 0.1)
            self.step_due += self._pause()
            if self.stage.work():
                self.show()
            await asyncio.sleep(0)


def start(xworker: Any) -> None:
    """Say hello, then wait for the page: its first message brings the canvases.

    The training task is made in that message's handler. Made here, it would keep
    the worker's script from ending, and no message would ever arrive.
    """
    show: Show | None = None
    tasks = []

    def post(kind: str, **message: Any) -> None:
        xworker.postMessage(json.dumps({"kind": kind, **message}))

    def report(error: Exception) -> None:
        detail = "".join(traceback.format_exception(error))
        post("error", message=f"{type(error).__name__}: {error}", detail=detail)

    async def run(show: Show) -> None:
        try:
            await show.run()
        except Exception as error:
            report(error)

    def on_message(event: Any) -> None:
        nonlocal show
        data = event.data
        message = json.loads(data) if isinstance(data, str) else data.to_py()
        try:
            if show is None:
                show = Show(message, post)
                tasks.append(asyncio.create_task(run(show)))
            else:
                show.hear(message)
        except Exception as error:
            report(error)

    xworker.onmessage = on_message
    post("hello")
