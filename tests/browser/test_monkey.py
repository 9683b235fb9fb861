"""A monkey at the page: 2,000 actions in random order, quickly, over five seeds."""

import pytest

ACTIONS = 400
# One action after the other on whatever control is on show, with hardly a pause. The
# monkey may not leave the page: it keeps off links, reloads, the file picker, and
# clearing all that is kept.
MONKEY = """async ([seed, actions]) => {
  const CONTROLS = "button, input, select, textarea, summary";
  let state = seed;
  const random = () => { // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const pick = (all) => all[Math.floor(random() * all.length)];
  const words = ["", "the old bass never ___", "<b>bass</b>", "0", "-1", "1e9", "NaN",
    "mon chat est roi", "the ___", "x".repeat(5000), "seven fish\\nsix fish", "7"];
  const keys = [" ", "ArrowLeft", "ArrowRight", "Home", "End", "Escape"];
  const tell = (one, ...kinds) => kinds.forEach((kind) =>
    one.dispatchEvent(new Event(kind, { bubbles: true })));
  const done = [];
  for (let n = 0; n < actions; n++) {
    const all = [...document.querySelectorAll(CONTROLS)]
      .filter((one) => !one.disabled && one.checkVisibility())
      .filter((one) => one.type !== "file" && !one.closest("#failure, #keep-yes"));
    const one = pick(all);
    done.push(`${one.closest("[id]")?.id} ${one.dataset.do ?? one.textContent.trim()}`);
    if (one.localName === "select") {
      one.value = pick([...one.options]).value;
      tell(one, "input", "change");
    } else if (one.type === "range") {
      const [low, high] = [Number(one.min), Number(one.max || 100)];
      one.value = low + random() * (high - low);
      tell(one, "input", "change");
    } else if (["text", "number"].includes(one.type) || one.localName === "textarea") {
      one.value = pick(words);
      tell(one, "input", "change");
      if (random() < 0.5) one.form?.requestSubmit();
    } else one.click();
    if (random() < 0.1) scrollTo(0, random() * document.body.scrollHeight);
    if (random() < 0.1) {
      document.body.dispatchEvent(
        new KeyboardEvent("keydown", { key: pick(keys), bubbles: true }));
    }
    await new Promise((then) => setTimeout(then, random() * 20));
  }
  await new Promise((then) => setTimeout(then, 500)); // typing is told when it rests
  return done;
}"""


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_monkey_breaks_nothing(page, seed):
    page.boot()
    done = page.tab.evaluate(MONKEY, [seed, ACTIONS])
    assert len(done) == ACTIONS
    page.tell()
    broken = page.tab.locator(".broken pre").all_text_contents()
    assert not broken, broken[0]
    stand_still(page)
    before = the_end(page)
    page.slider("Timeline").press("Home")
    page.wait("step 0", lambda: page.step == 0, 60)
    assert the_end(page) == before


def stand_still(page) -> None:
    """Pause. Should the run stop by itself just before, the press sets it going."""
    for _ in range(3):
        if page.state()["state"] == "training":
            page.button("Pause").click()
            page.tell()
    page.wait_state("paused", "done", "failed", seconds=60)


def the_end(page) -> tuple[int, str]:
    """Go to the latest step: its number and loss."""
    page.slider("Timeline").press("End")
    there = "document.getElementById('latest').hidden"  # it may not be in the lesson
    page.wait("the latest step", lambda: page.tab.evaluate(there), 60)
    last = page.tab.locator("[data-text='transport.step']")
    page.wait("its number", lambda: last.inner_text() == f"{page.step:,}")
    return page.step, page.loss
