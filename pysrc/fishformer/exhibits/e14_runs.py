"""E14's runs: the whole model and one that lacks a part, trained side by side."""

from collections.abc import Iterator
from dataclasses import replace

from fishformer.charts.series import Curve
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.exhibits.e14_pictures import STAGES, run_curves
from fishformer.lessons.ablations import KINDS, WHOLE, AblationRun, config_without

Pair = tuple[AblationRun | None, AblationRun | None]


class Ablations:
    """All runs that were made here; of the chosen kind and seed, a pair."""

    def __init__(self, config: Config, corpus: Corpus):
        self.config, self.corpus = config, corpus
        self.kind, self.seed, self.goal = "residual", config.seed, STAGES[0]
        self.made: dict[tuple[int, str], AblationRun] = {}  # by seed and kind

    @property
    def kinds(self) -> list[str]:
        """The parts that this run has, and so can lack."""
        return [k for k in KINDS if config_without(self.config, k) != self.config]

    @property
    def pair(self) -> Pair:
        """The whole model and the chosen ablation, of this seed, if there are any."""
        return self.made.get((self.seed, WHOLE)), self.made.get((self.seed, self.kind))

    def pieces(self, goal: int) -> Iterator[None]:
        """Train both, whichever is behind, until both are at the goal."""
        self.goal = goal
        return self._pieces([self._run(WHOLE), self._run(self.kind)], goal)

    def _pieces(self, pair: list[AblationRun], goal: int) -> Iterator[None]:
        jobs = [run.pieces(goal) for run in pair]
        done = [False, False]
        while not all(done):
            behind = min(
                (n for n in range(2) if not done[n]), key=lambda n: pair[n].step
            )
            done[behind] = next(jobs[behind], self) is self
            yield

    def _run(self, kind: str) -> AblationRun:
        key = self.seed, kind
        if key not in self.made:
            config = replace(config_without(self.config, kind), seed=self.seed)
            self.made[key] = AblationRun(config, self.corpus)
        return self.made[key]

    @property
    def progress(self) -> float:
        """The share of the steps that is made."""
        steps = [min(run.step, self.goal) if run else 0 for run in self.pair]
        return sum(steps) / (2 * self.goal)

    @property
    def together(self) -> int | None:
        """The last step at which both were looked at."""
        whole, lacking = self.pair
        both = set(whole.losses) & set(lacking.losses) if whole and lacking else set()
        return max(both, default=None)

    def are_at(self, step: int) -> bool:
        """Whether both have come as far as a step."""
        return all(run is not None and run.step >= step for run in self.pair)

    @property
    def curves(self) -> list[Curve]:
        """Their losses, as curves."""
        return run_curves(self.made, self.seed, self.kind)

    @property
    def end(self) -> int:
        """Where the steps of the chart end: the goal, or further for a longer run."""
        furthest = max((run.step for run in self.made.values()), default=0)
        return self.goal if furthest <= self.goal else STAGES[1]
