"""What is dropped on the page: one file is opened, all else gets a sentence."""

from pathlib import Path

import pytest
from fishpage import FishPage

# Each place where files may fall, and where it says what is wrong with one.
PLACES = {
    "#share": "#brought",
    "#export": "#import-error",
    "#corpus": "#corpus-error",
}


AWAY = {"x": 400, "y": 32}  # on the masthead; nearer to the edge the page scrolls


def drag(page: FishPage, place: str, *files: Path) -> None:
    """As a hand does it, out of the system's file manager."""
    system = page.tab.context.new_cdp_session(page.tab)
    target = page.show(place)
    named = [str(file) for file in files]
    data = {"items": [], "files": named, "dragOperationsMask": 1}
    lit = page.tab.locator(f"{place}.over")

    def move(kind: str, **to: float) -> None:
        box = target.bounding_box()  # what lies above may have grown meanwhile
        assert box
        at = {"x": box["x"] + 30, "y": box["y"] + 12}
        what = {"type": kind, "data": data, **at, **to}
        system.send("Input.dispatchDragEvent", what)

    def over(**to: float) -> int:
        move("dragOver", **to)
        return lit.count()

    move("dragEnter")
    if place in PLACES:
        page.wait("a place that shows it", over)
        page.wait("one that no longer does", lambda: not over(**AWAY))
        page.wait("it once more", over)
    else:
        move("dragOver")
    move("drop")
    page.wait("no place that shows it", lambda: not lit.count())


def said(page: FishPage, place: str, part: str) -> None:
    shown = page.tab.locator(PLACES[place])
    page.wait(part, lambda: part in (shown.text_content() or ""))


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    (tmp_path / "a folder").mkdir()
    for name, data in {
        "empty.json": b"",
        "picture.png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9,
        "some.txt": "the old bass\n".encode("utf-16"),
    }.items():
        (tmp_path / name).write_bytes(data)
    with (tmp_path / "film.json").open("wb") as film:
        film.truncate(160_000_000)
    return {path.name: path for path in tmp_path.iterdir()}


def test_what_cannot_be_opened_is_told_wherever_it_falls(
    page: FishPage, files: dict[str, Path]
):
    page.boot_at(6)
    kinds = {
        "#share": "is not JSON, so it is none of this page’s",
        "#export": "picture.png cannot be brought back",
        "#corpus": "picture.png is not a text in UTF-8",
    }
    before = page.loss
    for place, of_its_kind in kinds.items():
        drag(page, place, files["a folder"])
        said(page, place, "a folder cannot be opened: it cannot be read. It may be a f")
        drag(page, place, files["empty.json"])
        said(page, place, "empty.json cannot be opened: it is empty.")
        drag(page, place, files["some.txt"], files["picture.png"], files["a folder"])
        said(page, place, "3 files came at once, and none was opened")
        drag(page, place, files["film.json"])
        said(page, place, "film.json cannot be opened: it has 160 MB; up to")
        drag(page, place, files["picture.png"])
        said(page, place, of_its_kind)
    assert (page.step, page.loss) == (6, before)

    # Beside those places a file does not take the place of the page either.
    drag(page, "#e05", files["some.txt"])
    page.make_step()


def test_before_python_runs_it_says_so_and_takes_the_file_later(
    page: FishPage, site, files: dict[str, Path]
):
    """A file that came too early must not leave the place waiting for an answer."""
    site.faults["pyodide.asm.wasm"] = "hang"
    page.open()
    page.wait("the wasm", lambda: any("asm.wasm" in path for path in site.asked))
    for place in PLACES:
        drag(page, place, files["picture.png"])
        said(page, place, "picture.png cannot be opened: Python is not running now.")
    site.let_go.set()
    page.wait_state("training")
    drag(page, "#export", files["picture.png"])
    said(page, "#export", "picture.png cannot be brought back")
