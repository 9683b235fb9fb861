"""The part "files": what leaves the page as a file, and what comes back as one.

Messages in: save, picture, table, open. Answers: file (with its bytes), refused, part
(of an import is done) and brought. A file may be large: it is opened in parts, between
which the page goes on.
"""

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any

from fishformer.browser import module
from fishformer.browser.memory import within_memory

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
        self.tasks: set[asyncio.Task] = set()

    def handle(self, name: str, value: Any) -> None:
        """One message from the page."""
        try:
            getattr(self, f"on_{name}")(value)
        except ValueError as error:
            self._refuse(str(error), importing=name == "open")

    def _refuse(self, message: str, *, importing: bool) -> None:
        refused = {"importing": importing, "message": message}
        self.show.tell("files", "refused", refused)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

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
        stage.look(exhibit)
        tables = stage.exhibit(exhibit).tables()
        if value["place"] >= len(tables):
            raise ValueError("This table is no longer there: the run is another now.")
        table = tables[value["place"]]
        names = module("exporting.names")
        stem = names.part(exhibit, table.caption, stage.timeline.step)
        csv = module("exporting.tables").to_csv(table.columns, table.rows)
        self._save(stem, "csv", csv)

    def on_picture(self, value: dict[str, Any]) -> None:
        """A chart as it is on the page, as png or svg."""
        name, ending, size = value["canvas"], value["ending"], value["size"]
        stage, canvases = self.show.stage, self.show.canvases
        exhibit = name.partition(".")[0]
        stage.look(exhibit)
        if name not in stage.exhibit(exhibit).canvases or not all(size):
            raise ValueError(f"{value['title']!r} is not on show.")
        drawing = stage.draw(name, *size)
        backdrop = stage.backdrop(name, *size)
        whole = backdrop + drawing if backdrop else drawing
        names = module("exporting.names")
        title, step = value["title"], stage.timeline.step
        stem = names.part(exhibit, title, step)
        run = stage.live if stage.exhibit(exhibit).live else None
        alone = module("charts.alone")
        sheet = alone.on_paper(whole, title, names.source(exhibit, run, step))
        if ending == "svg":
            text = alone.to_svg_file(sheet, title, canvases.tokens, canvases.fonts)
            self._save(stem, "svg", text)
        else:
            self._begin(self._png(stem, sheet))

    async def _png(self, stem: str, drawing: Any) -> None:
        import js

        canvases, canvas = self.show.canvases, js.OffscreenCanvas.new(1, 1)
        size = drawing.width, drawing.height
        studio = module("browser.painter").Studio(canvases.tokens, canvases.fonts)
        studio.painter(canvas, *size, SHARP).paint(drawing)
        studio.show()
        blob = await canvas.convertToBlob()
        self._save(stem, "png", (await blob.arrayBuffer()).to_bytes())

    # ---- in -------------------------------------------------------------------------

    def on_open(self, value: dict[str, Any]) -> None:
        """A file that the visitor chose or dropped."""
        name, data = value["name"], bytes(value["bytes"])
        self._begin(self._work_off(name, data, asks=True))

    async def _work_off(self, name: str, data: bytes, *, asks: bool) -> None:
        """Do part after part of an import; a word of each, and a turn for the rest."""
        parts, going = self._opening(name, data, asks=asks), True
        while going:
            going, said = False, None
            # Memory may be short, and edited code may fail at any step.
            with within_memory(self.show), self.show.careful():
                try:
                    said = next(parts, "")
                except ValueError as error:
                    self._refuse(str(error), importing=True)
                    said = ""
            if said is None and self._source.edits:
                self._refuse("The edited Python of this page failed.", importing=True)
            elif said:
                going = True
                self.show.tell("files", "part", f"{name}: {said} …")
                await asyncio.sleep(0)
        self.show.wake.set()

    def _opening(self, name: str, data: bytes, *, asks: bool) -> Iterator[str]:
        """Open a file; if nobody has to be asked, its run becomes the live one."""
        edits, originals = self._source.edits, self._source.original
        opened = yield from module("exporting.opening").opening(
            name, data, edits, originals
        )
        run, stage = opened.run, self.show.stage
        text = run.text if run.text != stage.text else None
        others = run.edits if run.edits != self._source.edits else {}
        if asks and (text is not None or others):
            self.show.tell("files", "brought", f"{name} waits for your answer, below.")
            settings, step = run.config.to_strings(), opened.goal or run.step
            self.show.part("consent").ask(
                name,
                module("links").Link(settings, step, text, others),
                place="export",
                yes=lambda: self._begin(self._work_off(name, data, asks=False)),
                no=lambda: self.show.tell(
                    "files", "brought", "Left where it was. Nothing has changed."
                ),
            )
            return
        yield "making it the run of this page"
        self._bring(opened, opened.timeline if self._source.edits is edits else None)
        self.show.tell("files", "brought", f"{name} is back. {opened.words}")
        self.show.show_all()

    @property
    def _source(self) -> Any:
        return self.show.part("workshop").source

    def _bring(self, opened: Any, timeline: Any) -> None:
        """Make the run in a file the live one, with the code that it was run with."""
        stage, run = self.show.stage, opened.run
        if run.edits == self._source.edits:
            stage.add_run(run, timeline=timeline)
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
