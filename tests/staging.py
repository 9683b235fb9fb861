"""A page's run as its tests drive it."""

from fishformer.exhibits.stage import Stage

SMALL = {"d_model": "8", "heads": "2", "d_ff": "8", "batch": "8", "steps": "40"}


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


def marks(stage, canvas):
    return repr(stage.draw(canvas, 300, 200).marks)
