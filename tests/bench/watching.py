"""What a page is watched for while it arrives, and what is made of that."""

from typing import Any

AFTER = 2000  # milliseconds that it is watched after its first step
PATIENCE = 60_000  # for a first step
BLOCKED = 50  # milliseconds of one task from which on a page counts as blocked

# The frame of E01 is there once what follows it is parsed. What animation frames are
# told comes before the paint of such a frame; a message from there comes after it.
# A second visit trains its way back to where the first one ended, then goes on.
WATCH = """(() => {
  const seen = { tasks: [], shifts: [], text: 0, frame: 0, charts: 0 };
  const watch = (type, note) => new PerformanceObserver((list) => {
    list.getEntries().forEach(note);
  }).observe({ type, buffered: true });
  watch("paint", ({ name, startTime }) => {
    if (name === "first-contentful-paint") seen.text = startTime;
  });
  watch("layout-shift", (entry) => seen.shifts.push([entry.startTime, entry.value]));
  watch("longtask", (entry) => seen.tasks.push([entry.startTime, entry.duration]));
  const on = (svg) => svg.getBoundingClientRect().bottom > 0
    && svg.getBoundingClientRect().top < innerHeight && svg.checkVisibility();
  requestAnimationFrame(function look() {
    if (!document.querySelector("#e01 ~ *")) return requestAnimationFrame(look);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      seen.frame = performance.now();
      seen.charts = [...document.querySelectorAll("#e01 .first svg")].filter(on).length;
    };
    port2.postMessage(null);
  });
  globalThis.arrived = new Promise((then, fail) => {
    setTimeout(() => fail(new Error("The page makes no step.")), PATIENCE);
    let back = null;
    new MutationObserver(() => {
      const { state, step } = document.documentElement.dataset;
      if (step > 0) seen.step ??= performance.now();
      if (seen.on || state !== "training" || (back ??= step) === step) return;
      seen.on = performance.now();
      setTimeout(() => then({ ...seen, origin: performance.timeOrigin }), AFTER + 300);
    }).observe(document, { subtree: true, attributeFilter: ["data-step"] });
  });
})()""".replace("PATIENCE", str(PATIENCE)).replace("AFTER", str(AFTER))


def measures(seen: dict[str, Any]) -> dict[str, float]:
    """Milliseconds from navigation; of blocked time, what tasks are over BLOCKED.

    Browsers do not tell of shorter tasks: where there is no longer one, `longest` is 0.
    """
    until = seen["step"] + AFTER
    tasks = [length for at, length in seen["tasks"] if at < until]
    return {
        "step": seen["step"],
        "on": seen["on"],
        "text": seen["text"],
        "frame": max(seen["text"], seen["frame"]),
        "shift": sum(value for at, value in seen["shifts"] if at < until),
        "longest": max(tasks, default=0),
        "blocked": sum(length - BLOCKED for length in tasks),
    }
