"""E17's models of 12 layers: recorded when the site was built, or trained here."""

from typing import Any

from fishformer.corpus import Corpus
from fishformer.lessons.deep import MOMENTS, DeepRun, Recording, deep_config, unpacked

FILE = "recorded/deep.npz"
COMMAND = "python3 -m fishformer.lessons.deep deep.npz"
LAST_MOMENT = len(MOMENTS) - 1


class DeepModels:
    """By where they normalise, "pre" or "post"; what is shown of each, and from when.

    `here` says whether it is the page's own runs that are shown.
    """

    def __init__(self) -> None:
        self.recorded: dict[str, Recording] = {}
        self.own: dict[str, Recording] = {}
        self.here = False
        self.problem: str | None = None  # why there are no recordings
        self._run: DeepRun | None = None
        self._moments: dict[str, int | None] = {}  # None is the latest

    # ---- the recordings, and runs of the page's own -----------------------------

    def receive(self, data: bytes) -> None:
        """What was recorded; `problem` says why if it cannot be read."""
        try:
            self.recorded = unpacked(data)
        except ValueError as error:
            self.problem = str(error)

    def train(self, norm: str, corpus: Corpus) -> None:
        """Begin a run, and show it."""
        self._run = DeepRun(deep_config(norm), corpus)
        self.own[norm] = self._run.recording
        self._moments[norm] = None
        self.here = True

    @property
    def busy(self) -> bool:
        """Whether a run is under way."""
        return self._run is not None

    def work(self) -> None:
        """One update of it, about a tenth of a second."""
        if self._run is not None and not self._run.advance():
            self._run = None

    def stop(self) -> None:
        """End it where it stands."""
        self._run = None

    @property
    def progress(self) -> float:
        """The share of its steps that is made."""
        if self._run is None:
            return 0.0
        return self._run.recording.step / self._run.recording.config.steps

    # ---- what is shown ----------------------------------------------------------

    def recording(self, norm: str) -> Recording | None:
        """What is shown of a model, if there is anything yet."""
        if self.here and norm in self.own:
            return self.own[norm]
        return self.recorded.get(norm)

    def moment(self, norm: str) -> int:
        """Which of its moments is shown."""
        recording = self.recording(norm)
        last = len(recording.moments) - 1 if recording else 0
        chosen = self._moments.get(norm)
        return max(last if chosen is None else min(chosen, last), 0)

    def choose(self, norm: str, moment: float) -> None:
        """Show another moment. Raises ValueError while there is none."""
        recording = self.recording(norm)
        if recording is None:
            raise ValueError("There is no recorded step yet.")
        last = len(recording.moments) - 1
        place = min(int(moment), last)
        self._moments[norm] = None if place == last else place

    def state(self, norm: str) -> dict[str, Any]:
        """What the page must know of them, while this one is chosen."""
        recording = self.recording(norm)
        return {
            "moment": self.moment(norm),
            "moment.off": recording is None or len(recording.moments) < 2,
            "busy": self.busy,
            "progress": self.progress,
            "both": norm in self.own and norm in self.recorded,
            "other": "here" if self.here else "recorded",
            "failed": self.problem is not None and not self.recorded,
        }

    # ---- what is said -----------------------------------------------------------

    def waiting_said(self) -> str:
        """Why there is nothing to see."""
        if self.problem:
            return "There is no recording; it can be trained here."
        return "The first step is on its way." if self.here else "It is on its way."

    def made_said(self, norm: str) -> str:
        """Where the numbers of a model come from."""
        recording = self.recording(norm)
        if recording is None or not recording.losses:
            return ""
        config = recording.config
        where = "when this page was built"
        if self.here:
            where = (
                f"in this browser, in {recording.seconds:,.0f} seconds of computing,"
            )
        return (
            f"Trained {where} by the same code: seed {config.seed}, {recording.step:,} "
            f"steps. In a terminal: {COMMAND}"
        )

    def job_said(self, norm: str) -> str:
        """How far the run is, or where that of this model was stopped."""
        if self._run is None:
            own = self.own.get(norm)
            if own is None or own.step == own.config.steps:
                return ""
            return f"Stopped at step {own.step:,}."
        run = self._run.recording
        said = f"{run.config.norm}-norm, step {run.step:,} of {run.config.steps:,}"
        if run.step < 3:
            return f"{said}."
        left = run.seconds / run.step * (run.config.steps - run.step)
        return f"{said}; some {max(left, 1):,.0f} seconds of computing are left."
