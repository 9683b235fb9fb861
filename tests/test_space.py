"""Points in space: what is near, what has a name, what a mark looks like."""

import numpy as np

from fishformer.charts.drawing import Circle, Polygon, Text
from fishformer.charts.space import LOOKS, Points, View, nearest, seen, space
from fishformer.charts.svg import to_svg


def test_nearer_is_larger_and_a_turn_brings_the_back_to_the_front():
    places = np.array([(0, 0, -1.0), (0, 0, 1.0)])
    front = seen((400, 300), View(0, 0), places)
    back = seen((400, 300), View(180, 0), places)
    np.testing.assert_allclose(front[:, 2], [-1, 1], atol=1e-12)
    np.testing.assert_allclose(back[:, 2], [1, -1], atol=1e-12)
    kinds = ["other", "other"]
    drawing, _ = space((400, 300), Points(places, kinds, ["far", "near"]), View(0, 0))
    far, near = (mark for mark in drawing.marks if isinstance(mark, Circle))
    assert far.radius < LOOKS["other"][0] < near.radius


def test_words_are_told_apart_without_colours():
    places, kinds = np.zeros((5, 3)), ["a", "b", "c", "d", "e"]
    drawing, _ = space((400, 300), Points(places, kinds, kinds), View(0, 0))
    marks = [m for m in drawing.marks if isinstance(m, Circle | Polygon)][-5:]
    shapes = {
        (m.fill == "paper",) if isinstance(m, Circle) else tuple((m.xy - m.xy[0]).flat)
        for m in marks
    }
    assert len(shapes) == 5


def test_one_mark_a_point_and_no_name_upon_another():
    rng = np.random.default_rng(0)
    N = 500
    kinds = [("other", "first", "second", "lit")[n % 4] for n in range(N)]
    points = Points(rng.uniform(-1, 1, (N, 3)), kinds, [f"word{n}" for n in range(N)])
    drawing, places = space((680, 480), points, View(32, 16))
    shapes = [m for m in drawing.marks if isinstance(m, Circle | Polygon)]
    assert len(shapes) == N and len(drawing.marks) < N + 80
    names = [m for m in drawing.marks if isinstance(m, Text)]
    assert 10 < len(names) < 40
    for n, one in enumerate(names):
        for other in names[:n]:
            assert abs(one.y - other.y) > 10 or abs(one.x - other.x) > 30
    assert nearest(places, *places[7]) == 7
    assert nearest(places, -50, -50) is None


def test_an_empty_picture_can_be_drawn():
    drawing, places = space((300, 200), Points(np.empty((0, 3)), (), ()), View(0, 0))
    assert len(places) == 0 and to_svg(drawing)


def test_a_sheet_too_small_for_a_name_has_none():
    points = Points(np.zeros((2, 3)), ["lit", "other"], ["a", "b"])
    drawing, _ = space((90, 60), points, View(0, 0))
    assert "<text" not in to_svg(drawing)
