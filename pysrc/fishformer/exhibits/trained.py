"""What exhibits share that train a model of their own, when somebody asks for it."""

from typing import Any, Generic, TypeVar

from fishformer.exhibits.exhibit import Exhibit
from fishformer.lessons.runs import Run

R = TypeVar("R", bound=Run)


class Trained(Exhibit, Generic[R]):
    """Train, stop, another seed, and which step is shown.

    `chosen` is the step somebody chose; None follows the latest.
    """

    seed: int
    training = False
    chosen: int | None = None
    _run: R

    @property
    def run(self) -> R:
        """The run of this seed, at its random start if nobody has trained it yet."""
        if not hasattr(self, "_run"):
            self.begin()
        return self._run

    def begin(self) -> None:
        """Make the run of this seed, and what is seen of it at its start."""
        raise NotImplementedError

    def handle(self, name: str, value: Any) -> None:
        match name:
            case "train":
                self.training, self.chosen = not self.run.done, None
            case "stop":
                self.training = False
            case "again":
                self.seed = (self.seed + 1) % 2**32
                self.begin()
                self.training, self.chosen = True, None
            case "step":
                self.chosen = int(value)
            case _:
                super().handle(name, value)

    @property
    def busy(self) -> bool:
        return self.training or super().busy

    def work(self) -> None:
        """A piece of another job, if there is one, or else of the run."""
        if self.job is not None:
            super().work()
        else:
            self.training = self.run.work()

    @property
    def step(self) -> int:
        """The step that is shown: one at which a copy was kept."""
        wanted = max(self.run.kept) if self.chosen is None else max(self.chosen, 0)
        return max(step for step in self.run.kept if step <= wanted)

    def training_state(self) -> dict[str, Any]:
        """Of the controls, by their keys without the exhibit's id."""
        run = self.run
        return {
            "idle": not self.training and not run.done,
            "training": self.training,
            "progress": run.step / run.end,
            "step": self.step,
            "step.off": len(run.kept) < 2,
        }

    def left(self) -> str:
        """How long it will take, or why it cannot go on."""
        if self.run.trouble:
            return self.run.trouble
        left = self.run.seconds_left if self.training else None
        return "" if left is None else f"about {max(round(left), 1):,} s to go"
