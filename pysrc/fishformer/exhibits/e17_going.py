"""Where E17 stands between the layers, and how it goes through them."""

SPEED = 1.0  # layers a second, of two to four


class Going:
    """A layer, perhaps between two: 0 is the words, the last what comes out."""

    def __init__(self, last: int) -> None:
        self.last, self.layer = last, float(last)
        self.playing = False

    @property
    def part(self) -> float:
        """The part of the way that lies behind, 0 to 1."""
        return self.layer / self.last

    def change(self, last: int) -> None:
        """The same part of the way in a model of so many layers."""
        self.layer, self.last = float(round(self.part * last)), last
        self.playing = False

    def go_to(self, part: float) -> None:
        """So far of the way, by the control."""
        self.layer, self.playing = part * self.last, False

    def go_near(self, part: float) -> None:
        """The layer that is nearest."""
        self.go_to(min(max(round(part * self.last), 0), self.last) / self.last)

    def play(self, *, still: bool) -> None:
        """From the words up, or stop; at once if all is to be still."""
        self.playing = not self.playing and not still
        if still:
            self.layer = float(self.last)
        elif self.playing and self.layer >= self.last:
            self.layer = 0.0

    def tick(self, seconds: float) -> None:
        """So much time has passed."""
        if not self.playing:
            return
        self.layer += SPEED * seconds * max(self.last / 4, 1)
        if self.layer >= self.last:
            self.layer, self.playing = float(self.last), False
