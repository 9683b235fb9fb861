"""The playhead's fish: the one ornament of the charts, and the handle."""

from cmath import rect

import numpy as np

from .drawing import Polygon


def _bezier(*controls: tuple[float, float]) -> np.ndarray:
    """Eight points of a cubic Bezier curve, without its last. (8, 2)"""
    t = np.linspace(0, 1, 8, endpoint=False)[:, None]
    a, b, c, d = np.array(controls)
    return (
        (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d
    )


# Its middle is at (0, 0), its nose at the right, its tail at the left; x + i y.
_OUTLINE: np.ndarray = np.concatenate(
    [
        _bezier((9, 0), (5, -5), (-2, -5), (-6, -1)),
        [(-6, -1), (-11, -4.5), (-11, 4.5)],
        _bezier((-6, 1), (-2, 5), (5, 5), (9, 0)),
    ]
) @ (1, 1j)


def fish(x: float, y: float, tilt: float = 0.0, edge: float = 1.5) -> Polygon:
    """A fish on (x, y), 20 px long, turned clockwise by tilt radians."""
    turned = (_OUTLINE * rect(1, tilt) + complex(x, y)).astype(np.complex64)
    xy = turned.view(np.float32).reshape(-1, 2)
    return Polygon(xy, "coral", "paper", edge)
