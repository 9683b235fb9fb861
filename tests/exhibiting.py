"""An exhibit as its tests use it: looked at, told something, left to finish its job."""

import pytest

from fishformer.charts.svg import to_svg

PIECES = 100_000  # of a job; one that has not ended by then never will


def shown(exhibit, timeline=None):
    """After a look at the live model."""
    exhibit.compute(timeline)
    return exhibit


def do(exhibit, name, value=None, timeline=None):
    """An event from the page, and the look that follows."""
    exhibit.handle(name, value)
    return shown(exhibit, timeline)


def refuses(exhibit, name, value):
    """Assert that an event is refused and changes nothing."""
    before = exhibit.view()
    with pytest.raises(ValueError):
        exhibit.handle(name, value)
    assert shown(exhibit).view() == before


def go_on(timeline, steps):
    """The run, so many steps later."""
    for _ in range(steps):
        timeline.advance()
    return timeline


def work(exhibit, pieces, timeline=None):
    """So many pieces of its job, looked at after each."""
    for _ in range(pieces):
        exhibit.work()
        exhibit.compute(timeline)


def finish(exhibit, timeline=None):
    """The job that is under way, to its end, looked at after every piece."""
    for _ in range(PIECES):
        if not exhibit.busy:
            break
        exhibit.work()
        exhibit.compute(timeline)
    assert not exhibit.busy
    return exhibit


def draw_all(exhibit, *sizes):
    """Every canvas, at these sizes; and each has a label."""
    for canvas in exhibit.canvases:
        for size in sizes:
            drawing = exhibit.draw(canvas, *size)
            assert (drawing.width, drawing.height) == tuple(size)
            to_svg(drawing)
    assert set(exhibit.labels()) == set(exhibit.canvases)


def said(words):
    """What a text says, without its classes."""
    return words if isinstance(words, str) else "".join(piece for piece, _ in words)


def told(exhibit, key):
    return said(exhibit.texts()[key])


def matrix(exhibit, name):
    return exhibit.view()["matrices"][f"{exhibit.id}.{name}"]


def state(exhibit, key):
    return exhibit.view()["state"][f"{exhibit.id}.{key}"]
