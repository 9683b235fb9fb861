"""A page's run as its tests drive it."""

from fishformer.exhibits.stage import Stage

SMALL = {"d_model": "8", "heads": "2", "d_ff": "8", "batch": "8", "steps": "40"}
LONG = {**SMALL, "steps": "300"}
LINES = "\n".join(f"{a} cats chase {b} mice" for a in ("two", "ten") for b in "xyz")


def small_stage():
    """A page whose run is quick."""
    stage = Stage(SMALL)
    stage.open()
    return stage


def run(stage, pieces=10_000):
    while stage.busy and pieces:
        stage.work()
        pieces -= 1
    return stage


def to_step(stage, step):
    while stage.timeline.step < step:
        stage.work()
    stage.command("pause")
    return stage


def train_to(stage, step):
    """One that may have been paused."""
    stage.command("train")
    return to_step(stage, step)


def settle(stage):
    """Until it stands at the step it is to go to, and is in haste no more."""
    while stage.player.in_haste or stage.player.target is not None:
        stage.work()
    return stage


def kept_stage():
    """A page whose run of 300 steps stands at step 47."""
    stage = Stage(LONG)
    stage.open()
    return train_to(stage, 47)


def marks(stage, canvas):
    return repr(stage.draw(canvas, 300, 200).marks)
