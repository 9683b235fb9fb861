"""The part "files": what leaves the page as a file, and what comes back as one.

Messages in: save, picture, table, open, bring, leave. Answers: file (with its bytes),
refused, asks (a file brings Python: nothing of it has run) and brought.
"""

import asyncio
from typing import Any

from fishformer.browser import module

SHARP = 2  # device pixels of a picture, to each of CSS
TYPES = {
    "npz": "application/octet-stream",
    "safetensors": "application/octet-stream",
    "json": "application/json",
    "py": "text/x-python",
    "ipynb": "application/x-ipynb+json",
    "png": "image/png",
    "svg": "image/svg+xml",
    "csv": "text/csv",
}


class Files:
    """See the module."""

    def __init__(self, show: Any):
        self.show = show
        self.waiting: tuple[str, bytes] | None = None  # a file that brings Python
        self.drawing: set[asyncio.Task] = set()

    def handle(self, name: str, value: Any) -> None:
        """One message from the page."""
        try:
            getattr(self, f"on_{name}")(value)
        except ValueError as error:
            importing = name in ("open", "bring")
            refused = {"importing": importing, "message": str(error)}
            self.show.tell("files", "refused", refused)

    def _save(self, stem: str, ending: str, content: str | bytes) -> None:
        data = content.encode("utf-8") if isinstance(content, str) else content
        about = {"name": f"{stem}.{ending}", "type": TYPES[ending]}
        self.show.tell("files", "file", about, data)

    # ---- out ------------------------------------------------------------------------

    def on_save(self, ending: str) -> None:
        """The live run as it stands, in the format of this ending."""
        stage = self.show.stage
        taken = module("exporting.taking").Taken(stage.capture(), stage.timeline)
        self._save(taken.stem, ending, taken.as_file(ending))

    def on_table(self, value: dict[str, Any]) -> None:
        """One of the data tables of an exhibit."""
        exhibit, stage = value["exhibit"], self.show.stage
        table = stage.exhibit(exhibit).tables()[value["place"]]
        names = module("exporting.names")
        stem = names.part(exhibit, table.caption, stage.timeline.step)
        csv = module("exporting.tables").to_csv(table.columns, table.rows)
        self._save(stem, "csv", csv)

    def on_picture(self, value: dict[str, Any]) -> None:
        """A chart as it is on the page, as png or svg."""
        name, ending, size = value["canvas"], value["ending"], value["size"]
        stage, show = self.show.stage, self.show
        if not all(size):
            raise ValueError(f"{value['title']} is not on show, so it has no size.")
        drawing = stage.draw(name, *size)
        backdrop = stage.backdrop(name, *size)
        whole = backdrop + drawing if backdrop else drawing
        exhibit = name.partition(".")[0]
        stem = module("exporting.names").part(
            exhibit, value["title"], stage.timeline.step
        )
        alone = module("charts.alone")
        if ending == "svg":
            text = alone.to_svg_file(whole, value["title"], show.tokens, show.fonts)
            self._save(stem, "svg", text)
        else:
            task = asyncio.create_task(self._png(stem, alone.on_paper(whole)))
            self.drawing.add(task)
            task.add_done_callback(self.drawing.discard)

    async def _png(self, stem: str, drawing: Any) -> None:
        import js

        show, canvas = self.show, js.OffscreenCanvas.new(1, 1)
        size = drawing.width, drawing.height
        painter = module("browser.painter").Painter(
            canvas, *size, SHARP, show.tokens, show.fonts
        )
        painter.paint(drawing)
        blob = await canvas.convertToBlob()
        self._save(stem, "png", (await blob.arrayBuffer()).to_bytes())

    # ---- in -------------------------------------------------------------------------

    def on_open(self, value: dict[str, Any]) -> None:
        """A file that the visitor chose or dropped."""
        self.waiting = None
        name, data = value["name"], bytes(value["bytes"])
        opened = self._opened(name, data)
        edits = opened.run.edits
        if edits and edits != self._source.edits:
            changed = [list(change) for change in self._source.diff(edits)]
            self.waiting = name, data
            asked = {"name": name, "files": sorted(edits), "lines": changed}
            self.show.tell("files", "asks", asked)
        else:
            self._bring(name, opened)

    def on_bring(self, _: Any) -> None:
        """The visitor has seen the Python in the file, and wants it to run."""
        if self.waiting is None:
            raise ValueError("No file waits to be brought back.")
        name, data = self.waiting
        self.waiting = None
        self._bring(name, self._opened(name, data))

    def on_leave(self, _: Any) -> None:
        """The visitor does not want it."""
        self.waiting = None

    @property
    def _source(self) -> Any:
        return self.show.part("workshop").source

    def _opened(self, name: str, data: bytes) -> Any:
        open_file = module("exporting.opening").open_file
        return open_file(name, data, self._source.edits, self._source.original)

    def _bring(self, name: str, opened: Any) -> None:
        """Make the run in a file the live one, with the code that it was run with."""
        stage, run = self.show.stage, opened.run
        if run.edits == self._source.edits:
            stage.add_run(run)
        else:
            stage.shelf.add(run, live=False)
            try:
                self.show.part("workshop").open(stage.runs.index(run))
            except ValueError:
                stage.runs.remove(run)
                raise
        if opened.goal is not None:
            self.show.stage.command("train")
            self.show.stage.player.goal = opened.goal
        self.show.tell("files", "brought", {"name": name, "words": opened.words})
        self.show.show_all()
