"""E05, The race: who still knows the first word, at a growing distance."""

from collections.abc import Iterator
from typing import Any

from fishformer.attention import attention_forward
from fishformer.cells import elman_forward, lstm_forward
from fishformer.charts.dots import Panel, dots
from fishformer.charts.drawing import Drawing
from fishformer.charts.hops import hops
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.datasets import recall
from fishformer.exhibits.exhibit import Exhibit, Item, Piece, Table, Words
from fishformer.lessons.race import (
    DISTANCES,
    RACE,
    RACERS,
    SYMBOLS,
    Recorded,
    Told,
    path_length,
    race,
    racer_config,
    recorded,
    steps_in_turn,
)
from fishformer.rnn import orthogonal
from fishformer.timeline import Timeline

N_WORDS = 100

Made = tuple[str, int, int, float]  # racer, distance, seed, share right


class Race(Exhibit):
    """Runs made before, and one that the visitor starts."""

    id = "e05"
    canvases = ("e05.dots", "e05.hops")
    shows_code = (
        recall, racer_config, race, elman_forward, orthogonal, lstm_forward,
        attention_forward, steps_in_turn, path_length,
    )  # fmt: skip
    live = False
    of_corpus = False

    def __init__(self, config: Config, corpus: Corpus):
        self.racer, self.distance = "elman", 20
        self.n_words = N_WORDS
        self.seed = 0
        self.made: list[Made] = []
        self.told = Told(0, None)
        self._run: tuple[str, int, int] | None = None  # what the job trains
        self._stopped = False
        self.recorded: Recorded | None = None

    # ---- events ---------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        if name == "racer" and value in RACERS:
            self.racer = value
        elif name == "distance" and str(value) in map(str, DISTANCES):
            self.distance = int(value)
        elif name == "seed" and _whole(value, 0, 2**32 - 1):
            self.seed = int(value)
        elif name == "n" and _whole(value, 2, 1000):
            self.n_words = int(value)
        elif name == "train":
            self._start()
        elif name == "stop":
            self.job, self._stopped = None, self._run is not None
        else:
            super().handle(name, value)

    def _start(self) -> None:
        self._run = self.racer, self.distance, self.seed
        self.job = self._race(*self._run)
        self.told, self._stopped = Told(0, None), False

    def _race(self, racer: str, distance: int, seed: int) -> Iterator[None]:
        for self.told in race(racer, distance, seed):
            yield
        right = self.told.accuracy
        assert right is not None
        self.made.append((racer, distance, seed, right))
        if (racer, distance, seed) == (self.racer, self.distance, self.seed):
            self.seed += 1  # the next run is another one

    # ---- what was measured -------------------------------------------------------

    def compute(self, timeline: Timeline) -> None:
        if self.recorded is None:
            self.recorded = recorded()
            self.seed = self.seed or self.recorded.seeds[-1] + 1

    # ---- what is drawn ------------------------------------------------------------

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        size = width, height
        if canvas == "e05.hops":
            return hops(size, self.n_words)
        assert self.recorded is not None
        panels = []
        for racer, r in RACERS.items():
            of_racer = self.recorded.accuracy[racer]
            here = [
                (DISTANCES.index(distance), right)
                for name, distance, _, right in self.made
                if name == racer
            ]
            so_far = self.told.accuracy
            if self._run and self.busy and self._run[0] == racer and so_far is not None:
                here.append((DISTANCES.index(self._run[1]), so_far))
            panels.append(Panel(r.name, [of_racer[d] for d in DISTANCES], here))
        chosen = list(RACERS).index(self.racer), DISTANCES.index(self.distance)
        columns = [str(d) for d in DISTANCES]
        below = "words back to the one that is asked for"
        return dots(size, panels, columns, 1 / SYMBOLS, below, chosen)

    # ---- what is said -------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        state = {
            "e05.racer": self.racer,
            "e05.distance": self.distance,
            "e05.seed": self.seed,
            "e05.n": self.n_words,
            "e05.busy": self.busy,
            "e05.progress": self.told.step / RACE.steps,
            "e05.made": bool(self.made),
        }
        runs = [
            Item(
                str(n),
                f"{RACERS[racer].name}, distance {distance}, seed {seed}: {right:.0%}",
            )
            for n, (racer, distance, seed, right) in enumerate(self.made)
        ]
        return {"state": state, "lists": {"e05.runs": runs}}

    def texts(self) -> dict[str, Words]:
        assert self.recorded is not None
        seeds = self.recorded.seeds
        in_turn, path = steps_in_turn(self.n_words), path_length(1, self.n_words)
        return {
            "e05.budget": str(RACE.steps),
            "e05.n": f"{self.n_words:,} words",
            "e05.status": self._status(),
            "e05.recorded": (
                f"Recorded: seeds {seeds[0]} to {seeds[-1]}, {RACE.steps} steps each, "
                "made by this code in a terminal."
            ),
            "e05.chosen": self._chosen(),
            "e05.steps": _against("Steps one after the other", in_turn),
            "e05.path": _against(f"Hops from word 1 to word {self.n_words:,}", path),
            "e05.far": self._far(),
            "e05.luck": self._luck(),
            "e05.finding": self._finding(),
        }

    def _status(self) -> str:
        if self._run is None:
            return "Nothing trained in this page yet."
        racer, distance, seed = self._run
        name = f"{RACERS[racer].name}, distance {distance}, seed {seed}"
        right = self.told.accuracy
        so_far = "" if right is None else f", {right:.0%} of held-out questions right"
        if self.busy:
            return f"{name}: step {self.told.step} of {RACE.steps}{so_far}."
        if self._stopped:
            return f"{name}: stopped at step {self.told.step}{so_far}."
        return f"{name}: {RACE.steps} steps{so_far}. Chance is {1 / SYMBOLS:.1%}."

    def _chosen(self) -> list[Piece]:
        assert self.recorded is not None
        values = self.recorded.accuracy[self.racer][self.distance]
        told = ", ".join(f"{value:.0%}" for value in values)
        return [
            (f"{RACERS[self.racer].name} at distance {self.distance}, ", ""),
            (f"{len(values)} seeds: ", ""),
            (told, "num"),
            (".", ""),
        ]

    def _far(self) -> str:
        """The two distances of an article, computed."""
        near, far = path_length(3, 500), path_length(1, 1000)
        return (
            f"From word 3 to word 500 it is {near[0]} hops against {near[1]}, from "
            f"word 1 to word 1,000 it is {far[0]} against {far[1]}."
        )

    def _luck(self) -> str:
        """How differently the runs of one network may end."""
        assert self.recorded is not None
        of_elman = self.recorded.accuracy["elman"]
        told = ", ".join(f"{value:.0%}" for value in of_elman[20])
        at_40, n = self._found("elman", 40), len(of_elman[40])
        orthogonal_at_40 = self._found("orthogonal", 40)
        return (
            f"Look at the Elman network at 20: {told}, seed by seed. At 40, {at_40} of "
            f"{n} runs found the first word, with an orthogonal start "
            f"{orthogonal_at_40}."
        )

    def _found(self, racer: str, distance: int) -> int:
        """Recorded runs that found more than 90 % of the first words."""
        assert self.recorded is not None
        return sum(right > 0.9 for right in self.recorded.accuracy[racer][distance])

    def _finding(self) -> str:
        def ran(racer: str) -> str:
            assert self.recorded is not None
            return f"{self._found(racer, 20)} of {len(self.recorded.seeds)} runs"

        return (
            "With the first word 20 back, a transformer found it (over 90% right) in "
            f"{ran('transformer')}, an Elman network with an orthogonal start in "
            f"{ran('orthogonal')}, with the usual start in {ran('elman')}, an LSTM in "
            f"{ran('lstm')}. Recurrent networks can remember: trained like this, from "
            "the usual start, they seldom learn to."
        )

    def labels(self) -> dict[str, str]:
        in_turn, path = steps_in_turn(self.n_words), path_length(1, self.n_words)
        return {
            "e05.dots": f"{self._finding()} Dotted: chance, {1 / SYMBOLS:.1%}.",
            "e05.hops": (
                f"{self.n_words:,} words: {in_turn[0]:,} steps in turn against "
                f"{in_turn[1]}, {path[0]:,} hops against {path[1]}."
            ),
        }

    def tables(self) -> list[Table]:
        assert self.recorded is not None
        seeds = [f"Seed {seed}" for seed in self.recorded.seeds]
        rows = [
            [RACERS[racer].name, str(d), *(f"{v:.1%}" for v in values), "recorded"]
            for racer, of_racer in self.recorded.accuracy.items()
            for d, values in of_racer.items()
        ]
        tables = [
            Table(
                f"First word found, share of held-out questions, {RACE.steps} steps",
                ["Model", "Distance", *seeds, "Made"],
                rows,
            )
        ]
        if self.made:
            here = [
                [RACERS[racer].name, str(d), str(seed), f"{right:.1%}"]
                for racer, d, seed, right in self.made
            ]
            columns = ["Model", "Distance", "Seed", "Right"]
            tables.append(Table("Trained in this page", columns, here))
        return tables


def _against(what: str, counts: tuple[int, int]) -> list[Piece]:
    return [
        (f"{what}: ", ""),
        (f"{counts[0]:,}", "num"),
        (" against ", ""),
        (f"{counts[1]:,}", "num"),
        (".", ""),
    ]


def _whole(value: Any, low: int, high: int) -> bool:
    try:
        return low <= int(value) <= high and float(value) == int(value)
    except (TypeError, ValueError, OverflowError):
        return False
