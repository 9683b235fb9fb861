"""Files that leave the page and come back to it."""

import csv
import io
import json
import os
import pickle
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from fishpage import FishPage
from playwright.sync_api import Locator

SMALL = "#seed=5&layers=1&d_model=16&d_ff=16&batch=8"


@pytest.fixture
def opened(page: FishPage) -> FishPage:
    """The page of a small model, paused at step 20, before its section on files."""
    page.boot_at(20, SMALL)
    page.show("#export")
    return page


def saved(page: FishPage, button: Locator, folder: Path) -> Path:
    """Press a button that saves a file; the file."""
    with page.tab.expect_download() as waiting:
        button.click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def taking(page: FishPage, ending: str) -> Locator:
    return page.tab.locator(f"[data-save={ending}]")


def bring(page: FishPage, name: str, data: bytes) -> None:
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    page.tab.locator("#import-file").set_input_files(file)


def drop(page: FishPage, name: str, data: bytes) -> None:
    """Let a file of text fall on a heading of the section."""
    page.tab.evaluate(
        """([name, text]) => {
          const carried = new DataTransfer();
          carried.items.add(new File([text], name));
          const options = { dataTransfer: carried, bubbles: true, cancelable: true };
          const place = document.querySelector("#export h4");
          for (const kind of ["dragover", "drop"])
            place.dispatchEvent(new DragEvent(kind, options));
        }""",
        [name, data.decode()],
    )


def said(page: FishPage, what: str, part: str) -> str:
    place = page.tab.locator(f"#import-{what}")
    return page.wait(part, lambda: part in (text := place.inner_text()) and text)


def run_python(path: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-I", str(path)],
        capture_output=True,
        text=True,
        cwd=path.parent,
        env={"OPENBLAS_NUM_THREADS": "1", "PATH": os.environ["PATH"]},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_everything_can_be_taken_home_and_brought_back(
    opened: FishPage, tmp_path: Path
):
    page, loss = opened, opened.loss
    files = {
        ending: saved(page, taking(page, ending), tmp_path)
        for ending in ("npz", "safetensors", "json", "py", "ipynb")
    }
    stem = "fishformer-1-layer-seed-5-step-20"
    assert {path.name for path in files.values()} == {f"{stem}.{e}" for e in files}
    assert page.tab.locator("#export-said").inner_text() == f"Saved {stem}.ipynb"

    # Python reads them, and trains the very run again.
    with np.load(files["npz"], allow_pickle=False) as weights:
        named = safetensors.numpy.load_file(files["safetensors"])
        assert set(weights.files) - {"about"} == set(named)
        for name, array in named.items():
            np.testing.assert_array_equal(weights[name], array)
    run = json.loads(files["json"].read_text("utf-8"))
    assert len(run["losses"]) == 21 and run["losses"][20] == float(loss)
    assert "The same run." in run_python(files["py"])

    # Each brings the run back to a page that has another.
    page.button("Restart").click()
    page.pause()
    for ending in ("npz", "safetensors", "json"):
        hand_in = drop if ending == "json" else bring
        hand_in(page, files[ending].name, files[ending].read_bytes())
        said(page, "said", f"{stem}.{ending} is back.")
        page.wait_step(20)
        page.wait_state("paused")
        assert page.loss == loss
        page.make_step()
    assert page.tab.locator("#import-error").inner_text() == ""
    page.show("#runs")
    page.wait_text("runs.status", "4 runs")


def test_what_is_no_run_is_refused_and_the_run_goes_on(
    opened: FishPage, tmp_path: Path
):
    page, loss = opened, opened.loss
    weights = saved(page, taking(page, "npz"), tmp_path)
    with np.load(weights) as file:
        arrays = dict(file)
    wrong, broken = io.BytesIO(), io.BytesIO()
    np.savez(wrong, **{**arrays, "tok_emb": np.zeros((2, 2), np.float32)})
    np.savez(broken, **{**arrays, "tok_emb": arrays["tok_emb"] * np.nan})
    for data, reason in (
        (wrong.getvalue(), "'tok_emb' is 2 × 2 of float32; it should be"),
        (broken.getvalue(), "NaN"),
        (weights.read_bytes()[:-500], "cannot be unpacked"),
        (pickle.dumps({"a": print}), "it is a pickle"),
        (b'{"format": "fishformer run 7"}', "A newer page made it"),
        (b"<script>alert(1)</script>", "it is a text"),
        (b"", "it is empty"),
    ):
        name = f"<b>{reason[:4]}</b>.npz"
        bring(page, name, data)
        assert name in said(page, "error", reason)
        assert (page.step, page.loss, page.state()["state"]) == (20, loss, "paused")
    page.make_step()


def test_a_file_that_brings_python_asks_first(opened: FishPage, tmp_path: Path):
    page = opened
    path = saved(page, taking(page, "json"), tmp_path)
    run = json.loads(path.read_text("utf-8"))
    source = (Path(__file__).parents[2] / "pysrc/fishformer/optim.py").read_text()
    edited = source.replace("EPS = 0.9,", "EPS = 0.5,")
    run |= {"edits": {"optim.py": edited}, "losses": run["losses"][:1], "step": 0}
    run |= {"held_out": run["held_out"][:1]}
    data = json.dumps(run).encode()
    bring(page, "edited.json", data)
    asks = page.tab.locator("#export #brought")
    page.wait("the question", asks.is_visible)
    assert "edited.json brings changes to the Python in optim.py" in asks.inner_text()
    lines = asks.locator("pre .in").all_inner_texts()
    assert len(lines) == 1 and "EPS = 0.5," in lines[0]
    assert page.step == 20
    assert page.tab.evaluate("document.activeElement.id") == "brought-title"
    asks.get_by_role("button", name="Not now").click()
    said(page, "said", "Nothing has changed")
    assert page.step == 20 and not asks.is_visible()
    within = "Boolean(document.activeElement.closest('#export'))"
    assert page.tab.evaluate(within)  # the focus is not lost with the question

    bring(page, "edited.json", data)
    page.wait("the question", asks.is_visible)
    asks.get_by_role("button", name="Run it").click()
    said(page, "said", "edited.json is back")
    page.wait_step(0)
    losses = [float(page.make_step()) for _ in range(3)]
    script = saved(page, taking(page, "py"), tmp_path)
    assert "-edited-step-3" in script.name
    assert "The same run." in run_python(script)
    assert losses[2] != run["losses"][0]

    # Sentences are asked about in the same place and the same words.
    of_fish = (Path(__file__).parents[2] / "README.md").read_text()
    lines = [line for line in of_fish.splitlines() if line.count(" ") > 4][:9]
    data = json.dumps({**run, "edits": {}, "corpus": "\n".join(lines)}).encode()
    bring(page, "own.json", data)
    page.wait("the question", asks.is_visible)
    assert "own.json brings sentences" in asks.inner_text()
    assert lines[3] in asks.inner_text() and "not now" in asks.inner_text().lower()


def test_weights_are_opened_in_parts_and_each_is_told(opened: FishPage, tmp_path: Path):
    page = opened
    data = saved(page, taking(page, "npz"), tmp_path).read_bytes()
    page.tab.evaluate("""() => {
      const place = document.getElementById("import-said");
      globalThis.told = [];
      new MutationObserver(() => told.push(place.textContent))
        .observe(place, { childList: true });
    }""")
    bring(page, "large.npz", data)
    said(page, "said", "large.npz is back")
    told = page.tab.evaluate("told")
    parts = ["Reading", "unpacking", "making a model of", "looking through", "trying"]
    assert all(any(part in one for one in told) for part in parts), told


def test_pictures_and_tables_of_an_exhibit(opened: FishPage, tmp_path: Path):
    page = opened
    page.show("#e02")
    page.wait_chart("e02.map", 5)
    exhibit = page.tab.locator("#e02")
    exhibit.get_by_role("button", name="Save a picture").click()
    canvas = exhibit.locator("[data-canvas='e02.map']")
    title = canvas.locator("canvas").get_attribute("aria-label")
    png = saved(page, exhibit.get_by_role("button", name=f"{title}, as PNG"), tmp_path)
    head = png.read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    width, height = (int.from_bytes(head[k : k + 4], "big") for k in (16, 20))
    box = canvas.bounding_box()
    assert box and abs(width - 2 * (box["width"] + 48)) <= 4  # the margins
    assert height > 2 * (box["height"] + 48)
    svg = saved(page, exhibit.get_by_role("button", name=f"{title}, as SVG"), tmp_path)
    assert "var(" not in svg.read_text("utf-8")
    assert "Fishformer, E02" in svg.read_text("utf-8")
    assert len(list(ElementTree.parse(svg).getroot())) > 5
    assert svg.name.startswith("fishformer-e02-") and svg.name.endswith("-step-20.svg")

    exhibit.get_by_role("button", name="Data table").click()
    tables = exhibit.locator("table.data")
    page.wait("the table", tables.count)
    shown = tables.first.locator("tbody tr").count()
    table = saved(
        page, exhibit.get_by_role("button", name="Save as CSV").first, tmp_path
    )
    rows = list(csv.reader(table.open(encoding="utf-8-sig", newline="")))
    assert len(rows) == shown + 1 and len({len(row) for row in rows}) == 1
