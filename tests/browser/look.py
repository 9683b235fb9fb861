"""What a page shows: its charts, its words and its state."""

from typing import NamedTuple

# Every chart of what is on the screen, by name: [hash of its pixels, how many colours].
# A canvas that was handed to the worker can still be drawn into another one.
READ_CHARTS = """(() => {
  const scratch = document.createElement("canvas");
  const ink = scratch.getContext("2d", { willReadFrequently: true });
  const charts = {};
  for (const box of document.querySelectorAll("[data-canvas]")) {
    const { top, bottom } = box.closest(".exhibit, .transport").getBoundingClientRect();
    if (bottom < 0 || top > innerHeight) continue;
    const canvas = box.querySelector("canvas");
    const [w, h] = [canvas.clientWidth, canvas.clientHeight].map((length) =>
      Math.round(length * devicePixelRatio));
    if (!w || !h) continue;
    scratch.width = w;
    scratch.height = h;
    ink.drawImage(canvas, 0, 0, w, h);
    const colours = new Set();
    let hash = 0;
    for (const pixel of new Uint32Array(ink.getImageData(0, 0, w, h).data.buffer)) {
      hash = (Math.imul(hash, 31) + pixel) | 0;
      colours.add(pixel);
    }
    charts[box.dataset.canvas] = [hash, colours.size];
  }
  return charts;
})()"""

READ_TEXTS = """Object.fromEntries([...document.querySelectorAll("[data-text]")]
  .map((slot) => [slot.dataset.text, slot.textContent]))"""

READ_STATE = """({ ...document.documentElement.dataset })"""


class Chart(NamedTuple):
    """What a chart looks like."""

    hash: int  # of all its pixels
    colours: int  # how many different ones


class Look(NamedTuple):
    """What the page shows while it stands still."""

    step: int
    loss: str
    texts: dict[str, str]
    charts: dict[str, Chart]
