"""What a start loads up to its first step, found by doing it without a page.

    python -m fishformer.browser.first_step

prints as JSON the modules and the package's other files. The build takes our own from
it, `tests/list_modules.mjs` the others.
"""

import json
import sys
from pathlib import Path
from typing import Any

MESSAGE: dict[str, Any] = {
    "settings": {}, "tokens": {}, "fonts": {}, "sizes": {}, "canvases": {},
    "visible": {"e01": True}, "still": False, "base": "", "dpr": 1,
}  # fmt: skip
PLACE = Path(__file__).parents[2]


def first_step() -> dict[str, list[str]]:
    """Modules by name, files by their path beside the package's folder."""
    opened: set[str] = set()

    def hear(event: str, given: tuple) -> None:
        if event == "open" and isinstance(given[0], str):
            opened.add(given[0])

    sys.addaudithook(hear)
    from fishformer.browser import main as main
    from fishformer.browser import painter as painter
    from fishformer.browser.show import Show

    def post(kind: str, data: bytes | None = None, **message: Any) -> None:
        json.dumps(message)

    show = Show(MESSAGE, post)
    show.part("keeper")  # which takes up the work of the last visit
    show.show()
    show.stage.open()
    for command in ("train", "step", "pause"):
        show.hear({"kind": "command", "name": command})
        show.stage.work()
    show.stage.unpack(show.stage.pack())
    for name in show.stage.canvases():
        show.stage.draw(name, 300, 200), show.stage.backdrop(name, 300, 200)
    paths = (Path(name) for name in opened if "__pycache__" not in name)
    files = (p.relative_to(PLACE).as_posix() for p in paths if PLACE in p.parents)
    own = __spec__.name if __spec__ else ""
    return {
        "modules": sorted(name for name in sys.modules if name != own),
        "files": sorted(name for name in files if not name.endswith(".py")),
    }


if __name__ == "__main__":
    print(json.dumps(first_step()))
