"""What stands in for an exhibit that stopped with an error; the others go on."""

import traceback
from typing import Any

from fishformer.charts.drawing import Drawing
from fishformer.exhibits.exhibit import Exhibit


class Broken(Exhibit):
    """It shows the error and nothing else, until it is begun again."""

    live = False

    def __init__(self, name: str, error: Exception):
        self.id = name
        self.error = f"{type(error).__name__}: {error}".removesuffix(": ")
        self.detail = "".join(traceback.format_exception(error))

    def handle(self, name: str, value: Any) -> None:
        """Whatever was pressed while it still stood there."""

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        return Drawing(width, height)

    def view(self) -> dict[str, Any]:
        return {"broken": {"error": self.error, "detail": self.detail}}
