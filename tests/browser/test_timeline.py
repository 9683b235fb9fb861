"""The Timeline: back to any step, the same bits again, and on from there."""

import pytest
from fishpage import FishPage, Look

END = 24  # steps of these runs: past two checkpoints
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


def scrub(page: FishPage, *steps: int, end: int = END) -> None:
    """Drag the mouse along the timeline, through some steps to the last of them."""
    bar = page.slider("Timeline")
    box = bar.bounding_box()
    thumb = 16
    mouse = page.tab.mouse
    for n, step in enumerate(steps):
        x = box["x"] + thumb / 2 + (box["width"] - thumb) * step / end
        mouse.move(x, box["y"] + box["height"] / 2)
        if n == 0:
            mouse.down()
    mouse.up()


def test_back_at_a_step_everything_is_as_it_was(page: FishPage, run: list[Look]):
    timeline = page.slider("Timeline")
    timeline.focus()
    for step in (END - 1, END - 2):  # with the keys of a slider
        timeline.press("ArrowLeft")
        page.wait_step(step)
        same_step(page.settled(), run[step])
    timeline.press("Home")
    page.wait_step(0)
    same_step(page.settled(), run[0])
    for way in ((0, 11), (11, 20, 3), (3, 17), (17, END)):  # with the mouse
        scrub(page, *way)
        page.wait_state("paused", "done")
        now = page.settled()
        assert abs(now.step - way[-1]) <= 1
        same_step(now, run[now.step])


def test_the_curve_shows_the_whole_run_and_where_it_stands(
    page: FishPage, run: list[Look]
):
    page.tab.keyboard.press("Home")
    page.wait_step(0)
    start = page.settled()
    for name in ("e01.loss", "transport.curve"):
        assert start.charts[name] != run[0].charts[name]  # the run is still there
        assert start.charts[name] != run[END].charts[name]  # it stands elsewhere
    page.tab.keyboard.press("End")
    page.wait_step(END)
    for name in ("e01.loss", "transport.curve"):
        assert page.settled().charts[name] == run[END].charts[name]


def test_training_from_an_earlier_step_runs_through_the_same_losses(
    page: FishPage, run: list[Look]
):
    scrub(page, END, 7)
    page.wait("an earlier step", lambda: page.step < END)
    step = page.settled().step
    for then in run[step + 1 : step + 5]:
        assert page.make_step() == then.loss
    same_step(page.settled(), run[step + 4])
    page.button("Train").click()
    page.wait_state("done")
    same_step(page.settled(), run[END])


def test_scrubbing_while_it_trains_pauses_there(page: FishPage):
    page.boot()
    page.wait_step(40)
    scrub(page, 30, 10, end=1000)
    page.wait_state("paused")
    step = page.settled().step
    assert step < 40
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
