"""What a page shows: its charts, its words and its state."""

from typing import NamedTuple

# The charts of what is on the screen, by name, or only one: [hash of its pixels, how
# many colours]. A canvas that was handed to the worker can still be drawn into another.
READ_CHART = """(only) => {
  const scratch = document.createElement("canvas");
  const ink = scratch.getContext("2d", { willReadFrequently: true });
  const charts = {};
  for (const box of document.querySelectorAll("[data-canvas]")) {
    if (only && only !== box.dataset.canvas) continue;
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
    let [hash, last] = [0, null];
    for (const pixel of new Uint32Array(ink.getImageData(0, 0, w, h).data.buffer)) {
      hash = (Math.imul(hash, 31) + pixel) | 0;
      if (pixel !== last) colours.add(last = pixel);
    }
    charts[box.dataset.canvas] = [hash, colours.size];
  }
  return charts;
}"""
READ_CHARTS = f"({READ_CHART})()"

READ_TEXTS = """Object.fromEntries([...document.querySelectorAll("[data-text]")]
  .map((slot) => [slot.dataset.text, slot.textContent]))"""

READ_TEXT = """(key) =>
  [...document.querySelectorAll(`[data-text="${key}"]`)].at(-1).textContent"""

READ_STATE = """({ ...document.documentElement.dataset })"""

# What has the focus: its name, whether it is outlined, and whether it is in sight, not
# beyond the window nor under a bar (WCAG 2.2, 2.4.11).
READ_FOCUS = """(() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const outlined = (element, part) => {
    const style = element && getComputedStyle(element, part);
    return style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  };
  const around = [one, one.closest("label"), one.closest(".timeline")?.children[0]];
  const { top, bottom } = one.getBoundingClientRect();
  const [head, foot] = [".masthead", "#transport"].map((bar) =>
    one.closest(bar) ? null : document.querySelector(bar).getBoundingClientRect());
  return [
    [one.closest("[id]")?.id, one.dataset.do, one.dataset.value ?? one.value,
      one.ariaLabel || one.labels?.[0]?.textContent || one.textContent].join(" "),
    around.some((element) => outlined(element) || outlined(element, "::before")),
    top < (foot?.top ?? innerHeight) && bottom > (head?.bottom ?? 0),
  ];
})()"""

# What is off the screen has not its own height yet, and would lie over what follows.
LAY_OUT_ALL = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(".exhibit, .chapter { content-visibility: visible !important }");
  document.adoptedStyleSheets = [sheet];
}"""

# Lines of text that lie on one another, of all that is laid out.
READ_OVERLAPS = """(() => {
  const lines = [];
  const NOT_READ = ".vh, script, math, svg, option, thead, .transport, .masthead";
  const within = ([x, y, toX, toY], { left, top, right, bottom }) => [Math.max(x, left),
    Math.max(y, top), Math.min(toX, right), Math.min(toY, bottom)];
  const texts = document.createTreeWalker(document.body,
    NodeFilter.SHOW_TEXT);
  for (let text; text = texts.nextNode();) {
    const around = text.parentElement;
    if (!text.data.trim() || around.closest(NOT_READ) ||
      !around.checkVisibility({ visibilityProperty: true })) continue;
    let seen = [-1e9, -1e9, 1e9, 1e9];
    for (let one = around; one !== document.body; one = one.parentElement) {
      if (getComputedStyle(one).overflowX === "visible") continue;
      seen = within(seen, one.getBoundingClientRect());
    }
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const rect of range.getClientRects()) {
      const box = within(seen, rect);
      if (box[2] - box[0] > 3 && box[3] - box[1] > 3) lines.push({ box, text });
    }
  }
  lines.sort((one, two) => one.box[1] - two.box[1]);
  const shared = (one, two, i) =>
    Math.min(one[i + 2], two[i + 2]) - Math.max(one[i], two[i]);
  return lines.flatMap((one, n) => {
    const found = [];
    for (let m = n + 1; m < lines.length && lines[m].box[1] < one.box[3]; m++) {
      const two = lines[m];
      const high = Math.min(...[one, two].map(({ box }) => box[3] - box[1]));
      if (one.text !== two.text && shared(one.box, two.box, 0) > 3
        && shared(one.box, two.box, 1) > 0.3 * high) {
        found.push([one, two].map(({ text }) => text.data));
      }
    }
    return found;
  });
})()"""

# Tell Python messages; nobody waits.
SEND = """async (messages) => {
  const { src } = document.querySelector("script[src$='page.mjs']");
  const { send } = await import(src.replace("page.mjs", "boot.mjs"));
  messages.forEach((message) => send(message));
}"""

# Tell Python messages; until what came of them, and of what the page told it before,
# is on the page. What has come on the screen is told between two frames.
TELL = """(messages) => new Promise((done, fail) => {
  let awaited = "a frame";
  const late = () => fail(new Error(`Waited 90 s in vain for ${awaited}.`));
  setTimeout(late, 90_000);
  const frame = () => new Promise((then) => requestAnimationFrame(then));
  const id = -1 - Math.floor(performance.now());
  async function tell() {
    const { src } = document.querySelector("script[src$='page.mjs']");
    const { send } = await import(src.replace("page.mjs", "boot.mjs"));
    const { xworker } = document.querySelector("script[type=py]");
    await frame();
    await frame();
    awaited = "Python's answer";
    const answered = new Promise((then) => {
      xworker.addEventListener("message", function hear({ data }) {
        if (typeof data !== "string" || JSON.parse(data).of?.id !== id) return;
        xworker.removeEventListener("message", hear);
        then();
      });
    });
    messages.forEach((message) => send(message));
    send({ kind: "ask", id, exhibit: "e01", what: "table" });
    await answered;
    awaited = "a frame after Python's answer";
    await frame();
    await frame();
  }
  tell().then(done, fail);
})"""


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
