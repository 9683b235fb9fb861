"""The Timeline: back to any step, the same bits again, and on from there."""

import pytest
from fishpage import FishPage
from look import Look

END = 28  # steps of these runs: past two checkpoints, which are 13 apart
# What shows one step and nothing of those after it.
HISTORY = {"e01.loss", "transport.curve", "e01.status"}


def same_step(one: Look, other: Look) -> None:
    """Assert that all that depends on the step alone is the same."""
    assert (one.step, one.loss) == (other.step, other.loss)
    for name in one.charts.keys() - HISTORY:
        assert one.charts[name] == other.charts[name], name
    for key in one.texts.keys() - HISTORY:
        assert one.texts[key] == other.texts[key], key


@pytest.fixture
def run(page: FishPage) -> list[Look]:
    """A run of END steps, made with Step and looked at after each of them."""
    page.boot_at(0, f"#steps={END}")
    looks = [page.settled()]
    for _ in range(END):
        page.make_step()
        looks.append(page.settled())
    assert page.state()["state"] == "done"
    return looks


def scrub(page: FishPage, *steps: int, end: int = END) -> int:
    """Drag the mouse along the timeline, through some steps to the last of them.

    Returns the step where it lands, for a pixel may be more than a step.
    """
    bar = page.slider("Timeline")
    box, thumb = bar.bounding_box(), 16
    mouse = page.tab.mouse
    for n, step in enumerate(steps):
        x = box["x"] + thumb / 2 + (box["width"] - thumb) * step / end
        mouse.move(x, box["y"] + box["height"] / 2)
        if n == 0:
            mouse.down()
    target = int(bar.input_value())
    mouse.up()
    page.wait_state("paused", "done")
    page.wait_step(target)
    return target


def test_back_at_a_step_everything_is_as_it_was(page: FishPage, run: list[Look]):
    timeline = page.slider("Timeline")
    timeline.focus()
    for step in (END - 1, END - 2):  # with the keys of a slider
        timeline.press("ArrowLeft")
        page.wait_step(step)
        same_step(page.settled(), run[step])
    timeline.press("Home")
    page.wait_step(0)
    start = page.settled()
    same_step(start, run[0])
    for name in ("e01.loss", "transport.curve"):
        assert start.charts[name] != run[0].charts[name]  # the run is still there
        assert start.charts[name] != run[END].charts[name]  # it stands elsewhere
    for way in ((0, 11), (11, 20, 3), (3, 17), (17, END)):  # with the mouse
        step = scrub(page, *way)
        assert abs(step - way[-1]) <= 1
        same_step(page.settled(), run[step])
    assert page.settled().charts == run[END].charts

    # Training from an earlier step runs through the same losses.
    step = scrub(page, END, 7)
    for then in run[step + 1 : step + 5]:
        assert page.make_step() == then.loss
    same_step(page.settled(), run[step + 4])
    page.button("Train").click()
    page.wait_state("done")
    same_step(page.settled(), run[END])


def test_scrubbing_while_it_trains_pauses_there(page: FishPage):
    page.boot()
    page.wait_step(40)
    step = scrub(page, 30, 10, end=1000)
    assert page.state()["state"] == "paused"
    assert step < 30
    latest = page.tab.get_by_role("button", name="Go to")
    last = int(latest.inner_text().removeprefix("Go to "))
    latest.click()
    page.wait_step(last)
    assert not latest.is_visible()
    page.button("Train").click()
    page.wait_step(last + 3)


def test_training_on_after_the_end(page: FishPage):
    page.boot("#steps=10")
    page.wait_state("done")
    assert page.step == 10
    assert "Trained" in page.texts()["e01.status"]
    page.button("Train").click()
    page.wait_step(15)
