"""The transport bar: Train, Pause, Step, Restart, Speed, and the keys."""

import json
import time
from functools import partial
from itertools import islice

from fishpage import FishPage
from look import Chart
from pytest import approx

from fishformer.config import Config
from fishformer.training import train

MAPS = {f"e01.map.{layer}.{head}" for layer in (1, 2) for head in (1, 2, 3, 4)}
BARS = "e01.look"  # its bars end on whole pixels: what a step moves may be less
GUESSES = {f"e01.guess.{n}" for n in (1, 2, 3)}
CHARTS = {"e01.loss", "e01.look", "transport.curve"} | MAPS | GUESSES


def native_losses(count: int, **settings) -> list[float]:
    """The first losses of the same run in this test's own Python."""
    reports = train(Config(**settings))
    return [report.loss for report in islice(reports, count)]


# Clicks Step until the page stands at a step; state, step and loss after each click.
STEP_BY_STEP = """async (end) => {
  const { dataset } = document.documentElement;
  const frame = () => new Promise(requestAnimationFrame);
  const seen = [{ ...dataset }];
  while (Number(dataset.step) < end) {
    document.getElementById("step").click();
    while (dataset.step === seen.at(-1).step) await frame();
    await frame();
    seen.push({ ...dataset });
  }
  return seen;
}"""


def test_step_makes_one_step_and_the_first_50_losses_are_the_native_ones(
    shared: FishPage,
):
    seen = shared.boot_at(0).tab.evaluate(STEP_BY_STEP, 49)
    assert [int(one["step"]) for one in seen] == list(range(50))
    assert {one["state"] for one in seen} == {"paused"}
    losses = [float(one["loss"]) for one in seen]
    assert losses == approx(native_losses(50), rel=1e-3)


def all_others(page: FishPage, before: dict[str, Chart]) -> bool:
    """Whether every chart but for the bars is another one."""
    now = page.charts()
    return all(now[name] != before[name] for name in CHARTS - {BARS})


def test_every_chart_changes_with_every_step(shared: FishPage):
    page = shared.boot_at(40)
    first = before = page.settled()
    assert before.charts.keys() >= CHARTS
    for _ in range(5):
        page.make_step()
        page.wait("every chart to change", partial(all_others, page, before.charts))
        after = page.settled()
        for name in CHARTS:
            assert after.charts[name].colours >= 3, f"{name} is blank"
        for key in ("transport.step", "e01.finding"):
            assert after.texts[key] != before.texts[key]
        before = after
    assert before.charts[BARS] != first.charts[BARS], f"{BARS} stood still"


def test_texts_tell_step_and_loss(shared: FishPage):
    page = shared.boot_at(30)
    texts = page.texts()
    assert texts["transport.step"] == "30"
    assert texts["transport.loss"] == texts["e01.train"] == f"{float(page.loss):.2f}"
    assert "step 30" in texts["e01.status"].lower()
    assert "After 30 steps" in texts["e01.finding"]
    title = page.tab.get_by_role("img", name="Attention, layer 1, head 2", exact=True)
    assert title.get_attribute("aria-description")


def test_training_moves_the_state_and_the_loss_falls(shared: FishPage):
    page = shared.boot_at(0)
    first = float(page.loss)
    page.set_speed("max")
    page.button("Train").click()
    page.wait_state("training")
    page.wait_step(150)
    page.pause()
    assert float(page.loss) < first - 1


def test_pause_stops_the_steps_and_train_goes_on(shared: FishPage):
    page = shared.boot_at(5)
    page.button("Train").click()
    page.wait_step(8)
    stood = page.pause()
    page.tell()
    page.tell()
    assert page.step == stood
    page.button("Train").click()
    page.wait_state("training")
    page.wait_step(stood + 3)


def test_restart_begins_the_same_run_again(page: FishPage):
    page.boot_at(0)
    losses = [page.loss, *(page.make_step() for _ in range(12))]
    page.set_speed("1/s")
    page.button("Restart").click()
    page.wait_state("training")
    page.wait("step 0", lambda: page.step <= 1)
    step = page.pause()
    assert page.loss == losses[step]
    for loss in losses[step + 1 : 9]:
        assert page.make_step() == loss


def test_reload_gives_the_same_run(page: FishPage):
    page.boot_at(15)
    before = page.settled().charts
    losses = [page.make_step() for _ in range(5)]
    page.tab.reload()
    page.wait_state("paused")
    page.wait_step(15)  # where the link says, whatever has been kept of the run
    after = page.settled().charts
    whole = {"e01.loss", "transport.curve"}  # they show the steps that follow, too
    assert {k: v for k, v in after.items() if k not in whole} == {
        k: v for k, v in before.items() if k not in whole
    }
    assert [page.make_step() for _ in range(5)] == losses


def test_speed_changes_the_pace(shared: FishPage):
    """The loop's own pace is tests/test_pace.py's; here the slider reaches it."""
    page = shared.boot_at(20)
    page.set_speed("1/s")
    began = time.monotonic()
    page.button("Train").click()
    page.wait_step(22)

    def at_once_and_one_a_second() -> float:
        return 20 + 2 + time.monotonic() - began

    assert page.step <= at_once_and_one_a_second()
    page.set_speed("max")
    page.wait("a faster pace", lambda: page.step > 5 + at_once_and_one_a_second())


FRAMES = """new Promise((then) => {
  const began = performance.now();
  let frames = 0;
  requestAnimationFrame(function count(now) {
    if (now - began > 1500) return then((1000 * frames) / (now - began));
    frames += 1;
    requestAnimationFrame(count);
  });
})"""


def test_page_stays_responsive_at_full_speed(shared: FishPage, record_property):
    page = shared.boot_at(40)
    at_rest = page.tab.evaluate(FRAMES)
    page.set_speed("max")
    page.button("Train").click()
    page.wait_step(41)
    frames = page.tab.evaluate(FRAMES)
    record_property("frames a second while training", frames)
    assert frames > at_rest / 3  # whatever the machine can do at this moment


def test_keys_do_what_the_buttons_do(shared: FishPage):
    page = shared.boot_at(12)
    press = page.tab.keyboard.press
    press("Space")
    page.wait_step(14)
    press("Space")
    page.wait_state("paused")
    last = page.step
    press("ArrowLeft")
    page.wait_step(last - 1)
    press("ArrowRight")
    page.wait_step(last)
    press("ArrowRight")
    page.wait_step(last + 1)
    press("Home")
    page.wait_step(0)
    press("End")
    page.wait("the latest step", page.tab.locator("#latest").is_hidden)
    assert page.step > last
    press("Space")
    page.wait_state("training")


def test_keys_do_nothing_while_typing(shared: FishPage):
    page = shared.boot_at(12)
    field = page.tab.get_by_role("textbox", name="Your own sentence")
    field.click()
    field.press_sequentially("the ")
    for key in ("Home", "End", "ArrowLeft", "ArrowRight", "Space"):
        field.press(key)
    page.tell()
    assert (page.state()["state"], page.step) == ("paused", 12)
    assert field.input_value().startswith("the ")


def test_a_held_key_presses_once(shared: FishPage):
    """What comes in the place of a button, and Train itself, is not pressed by it."""
    page = shared.boot_at(1)
    keyboard = page.tab.keyboard
    page.show_exhibit("e11")
    page.control("e11.train").focus()
    keyboard.down("Enter")
    stop = page.control("e11.stop")
    page.wait("Stop", lambda: stop.evaluate("(one) => one === document.activeElement"))
    for _ in range(3):
        keyboard.down("Enter")  # again without up: a repeat
    page.tell()
    assert stop.is_visible()
    keyboard.up("Enter")
    keyboard.press("Enter")
    page.wait("Train", page.control("e11.train").is_visible)

    page.button("Train").focus()
    keyboard.down("Enter")
    page.wait_state("training")
    for _ in range(3):
        keyboard.down("Enter")
    page.tell()
    assert page.state()["state"] == "training"
    keyboard.up("Enter")
    keyboard.press("Enter")
    page.wait_state("paused")

    step = page.step
    page.tab.locator("#step").focus()
    for _ in range(3):
        keyboard.down("Enter")
    page.wait_step(step + 3)  # Step goes on for as long as it is held
    keyboard.up("Enter")


# What the page sends to Python, in order.
SENT = """globalThis.sent = [];
const { postMessage } = Worker.prototype;
Worker.prototype.postMessage = function (message, ...rest) {
  if (typeof message === "string") sent.push(message);
  return postMessage.call(this, message, ...rest);
};"""


def test_a_pause_is_kept_before_anything_else(page: FishPage):
    """The page may be left at once, and must not come back training."""
    page.tab.add_init_script(SENT)
    page.boot()
    page.wait_step(5)
    page.pause()
    sent = [json.loads(message) for message in page.tab.evaluate("sent")]
    paused = [message.get("name") for message in sent].index("pause")
    keep = {"kind": "part", "part": "keeper", "name": "save", "value": None}
    assert sent[paused + 1] == keep
