"""How E17 is turned: by its controls, by dragging, or slowly by itself. Degrees."""

from fishformer.charts.space import View

TURN, TILT = 32.0, 16.0  # at first
LOWEST, HIGHEST = -10.0, 80.0  # tilt
SPEED = 14.0  # degrees a second
A_PIXEL = 0.45  # degrees
STILL_HELD = 4.0  # px: a press that moves less is no drag


class Turning:
    """Where one looks from, and a drag that may be under way."""

    def __init__(self) -> None:
        self.turn, self.tilt = TURN, TILT
        self.rotating = False
        self._grip: tuple[float, float, float] | None = None  # x, y, px gone

    @property
    def view(self) -> View:
        """As the chart takes it."""
        return View(self.turn, self.tilt)

    def turn_to(self, degrees: float) -> None:
        """By its control, which ends the turning by itself."""
        self.turn, self.rotating = degrees, False

    def grip(self, x: float, y: float) -> None:
        """The pointer goes down."""
        self._grip = x, y, 0.0
        self.rotating = False

    def drag(self, x: float, y: float) -> None:
        """It moves while it is down."""
        if self._grip is None:
            return
        before_x, before_y, gone = self._grip
        self._grip = x, y, gone + abs(x - before_x) + abs(y - before_y)
        self.turn = _wrapped(self.turn + (x - before_x) * A_PIXEL)
        tilt = self.tilt + (y - before_y) * A_PIXEL
        self.tilt = min(max(tilt, LOWEST), HIGHEST)

    def let_go(self) -> bool:
        """It is up again; whether it has dragged."""
        dragged = self._grip is not None and self._grip[2] > STILL_HELD
        self._grip = None
        return dragged

    def tick(self, seconds: float) -> None:
        """So much time has passed."""
        if self.rotating:
            self.turn = _wrapped(self.turn + SPEED * seconds)


def _wrapped(degrees: float) -> float:
    return (degrees + 180) % 360 - 180
