"""What stands in for an exhibit that stopped with an error; the others go on."""

import traceback
from typing import Any

from fishformer.charts.drawing import Drawing
from fishformer.exhibits.exhibit import Exhibit

ON = "All others go on, and so does the run."
SHORT = (
    "It needed more memory than the browser gives this page, so all that it held was "
    f"let go. {ON} It can be begun again; if it stops once more, make room first: "
    "delete runs, or take a smaller model or batch."
)


def of_memory(error: BaseException | None) -> bool:
    """Python's own, the browser's, or one of them that Pyodide let go on for a call."""
    if isinstance(error, SystemError):
        error = error.__cause__
    browsers = getattr(error, "name", "") == "RangeError" and "stack" not in str(error)
    return isinstance(error, MemoryError) or browsers


class Broken(Exhibit):
    """It shows the error and nothing else, until it is begun again."""

    live = False

    def __init__(self, name: str, error: Exception):
        self.id = name
        said = f"{type(error).__name__}: {error}".removesuffix(": ")
        title, words = "with an error", f"{said}. {ON}"
        if of_memory(error):
            title, words = "for want of memory", SHORT
        self.title, self.words = f"This exhibit stopped {title}", words
        self.detail = "".join(traceback.format_exception(error))

    def handle(self, name: str, value: Any) -> None:
        """Whatever was pressed while it still stood there."""

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        return Drawing(width, height)

    def view(self) -> dict[str, Any]:
        said = {"title": self.title, "words": self.words, "detail": self.detail}
        return {"broken": said}
