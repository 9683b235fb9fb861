"""E17, The geometry: every word's vector after each layer, in three dimensions."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from fishformer.block import add_and_norm_forward
from fishformer.charts.drawing import Drawing, Text
from fishformer.charts.series import Axis, Curve, plot_of, series
from fishformer.charts.space import Points, View, nearest, space
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.deep import MOMENTS, DeepRun, Recording, deep_config, unpacked
from fishformer.exhibits.exhibit import Exhibit, Item, Piece, Table, Words
from fishformer.exhibits.numerals import signed
from fishformer.experiments import vectors_by_layer
from fishformer.geometry import Projector, principal_frame, unit_length
from fishformer.kinship import WATERSIDE, Cloud, Kinship, cloud_of, kinship
from fishformer.model import Transformer
from fishformer.timeline import Timeline

FILE = "recorded/deep.npz"
COMMAND = "python3 -m fishformer.deep deep.npz"
MODELS = {
    "live": "this page’s model",
    "pre": "12 layers, pre-norm",
    "post": "12 layers, post-norm",
}
COLOURS = ("word", "sense", "position")
FEW, MANY = 9, 45  # sentences
FIRST_WORD = "bass"
COMMON = 5  # words with a colour of their own
FULL = 97  # per cent of the points lie inside the cube that fills the sheet
TURN, TILT = 32.0, 16.0  # degrees
TURN_SPEED, LAYER_SPEED = 14.0, 1.0  # degrees and, of two layers, layers a second
DEGREES_A_PIXEL = 0.45
STILL_HELD = 4.0  # px: a press that moves less is no drag
N_NEAR = 3
NOTCHES = 48  # of the range that goes through the layers, however many there are
PIECE = 0.005  # seconds after which no further block is begun


class Sight(NamedTuple):
    """One model at one step, ready to be looked at."""

    cloud: Cloud
    units: np.ndarray  # (L + 1, N, D) all of length 1
    places: np.ndarray  # (L + 1, N, 3)
    shares: np.ndarray  # (3,) of the variance of all layers together
    alike: Kinship
    lengths: np.ndarray  # (L + 1,) mean length of the vectors
    step: int
    right: np.ndarray | None = None  # (L + 1,) of a recording
    held_out: float | None = None

    @property
    def n_layers(self) -> int:
        return len(self.places) - 1


def sight_of(
    vectors: np.ndarray, cloud: Cloud, projector: Projector, step: int, new: bool
) -> Sight:
    """Vectors (L + 1, N, D) as points: each at length 1, all layers seen from one side.

    `new` says that training gets to this step for the first time. In a deep pre-norm
    model the vectors grow from layer to layer; at length 1, what differs is where
    they point.
    """
    units = unit_length(vectors)
    if new:
        projector.keep(step, units)
    frame = projector.frame(step, units)
    places = frame.project(units)
    size = np.percentile(np.linalg.norm(places, axis=-1), FULL)
    return Sight(
        cloud,
        units,
        places / (size or 1),
        frame.shares,
        kinship(units, cloud),
        np.linalg.norm(vectors.astype(np.float64), axis=-1).mean(axis=-1),
        step,
    )


class Geometry(Exhibit):
    """The words of some held-out sentences, turned and scrubbed at will."""

    id = "e17"
    shows_code = (
        vectors_by_layer,
        unit_length,
        sight_of,
        Projector.frame,
        principal_frame,
        kinship,
        add_and_norm_forward,
    )
    of_corpus = False  # the recording stays when other sentences come

    def __init__(self, config: Config, corpus: Corpus):
        self.corpus = corpus
        self.model, self.many, self.colour = "live", False, "word"
        self.word = FIRST_WORD
        self.turn, self.tilt = TURN, TILT
        self.layer = float(config.n_layers)
        self.trails = True
        self.rotating = self.playing = False
        self.pointed: int | None = None  # a point, while the pointer is on it
        self.recorded: dict[str, Recording] = {}
        self.own: dict[str, Recording] = {}  # trained here
        self.here = False  # whether it is its own runs that are shown
        self.failed: str | None = None
        self._live_layers = config.n_layers
        self._run: DeepRun | None = None
        self._moments: dict[str, int | None] = {}  # None is the latest
        self._projectors: dict[Any, Projector] = {}
        self._kept: dict[Any, int] = {}  # moments that have their key frames
        self._clouds: dict[int, Cloud] = {}
        self._seen: Any = None
        self._sight: Sight | None = None
        self._read: tuple[Any, list[Piece]] = None, []  # the readout, and of what
        self._looks: tuple[Any, Any] = None, None  # what points look like, and of what
        self._list: tuple[Cloud | None, list[str]] = None, []
        self._on_sheet = np.empty((0, 2))
        self._grip: tuple[float, float, float] | None = None  # x, y, px gone

    @property
    def canvases(self) -> tuple[str, ...]:
        return ("e17.space", "e17.alike")

    # ---- events ---------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        simple = {
            "turn": self._set_turn,
            "tilt": self._set_tilt,
            "layer": self._set_layer,
            "moment": self._set_moment,
            "model": self._choose_model,
            "word": self._choose_word,
            "at": self._point,
        }
        if name in simple:
            simple[name](value)
        elif name == "many":
            self.many = bool(value)
            self.pointed = None
        elif name == "trails":
            self.trails = bool(value)
        elif name == "colour" and value in COLOURS:
            self.colour = value
        elif name == "rotate":
            self.rotating = not self.rotating and not self.still
        elif name == "play":
            self._play()
        elif name == "train" and self.model != "live":
            self._train()
        elif name == "stop":
            self._run = None
        elif name == "other" and value in ("recorded", "here"):
            self.here, self._seen = value == "here", None
        else:
            raise ValueError(f"E17 has no event {name!r} with the value {value!r}.")

    def _set_turn(self, value: Any) -> None:
        self.turn = _number(value, -180, 180)
        self.rotating = False

    def _set_tilt(self, value: Any) -> None:
        self.tilt = _number(value, -10, 80)

    def _set_layer(self, value: Any) -> None:
        self.layer = _number(value, 0, NOTCHES) * self.n_layers / NOTCHES
        self.playing = False

    def _set_moment(self, value: Any) -> None:
        recording = self._recording()
        if recording is None:
            raise ValueError("There is no recorded step yet.")
        last = len(recording.moments) - 1
        place = min(int(_number(value, 0, len(MOMENTS) - 1)), last)
        self._moments[self.model] = None if place == last else place

    def _choose_model(self, value: Any) -> None:
        if value not in MODELS:
            raise ValueError(f"There is no model {value!r}.")
        part = self.layer / self.n_layers
        self.model, self.live = value, value == "live"
        self.layer = round(part * self.n_layers)
        self.pointed, self.playing = None, False

    def _choose_word(self, value: Any) -> None:
        self.word = str(value)
        self.pointed = None

    def _play(self) -> None:
        """Through the layers from the words up, or at once if all is still."""
        self.playing = not self.playing and not self.still
        if self.still:
            self.layer = float(self.n_layers)
        elif self.playing and self.layer >= self.n_layers:
            self.layer = 0.0

    def _point(self, at: dict[str, Any]) -> None:
        """Drag turns, a press without a drag chooses, and to point is to ask."""
        kind, x, y = at["kind"], float(at["x"]), float(at["y"])
        if at["canvas"] == "e17.alike":
            self._point_at_layer(kind, x)
        elif kind == "down":
            self._grip = x, y, 0.0
            self.rotating = False
        elif kind == "drag" and self._grip:
            before_x, before_y, gone = self._grip
            gone += abs(x - before_x) + abs(y - before_y)
            self._grip = x, y, gone
            self.turn = _wrapped(self.turn + (x - before_x) * DEGREES_A_PIXEL)
            tilt = self.tilt + (y - before_y) * DEGREES_A_PIXEL
            self.tilt = min(max(tilt, -10.0), 80.0)
        elif kind in ("hover", "press"):
            dragged = self._grip is not None and self._grip[2] > STILL_HELD
            found = None if dragged else nearest(self._on_sheet, x, y)
            self._grip = None
            if kind == "press" and found is not None and self._sight:
                self.word = self._sight.cloud.words[found]
            if kind == "hover" or found is not None:
                self.pointed = found
            self._light()
        elif kind == "leave":
            self.pointed = None
            self._light()

    def _light(self) -> None:
        if self.pointed is None or self._sight is None:
            self.lit = None
        else:
            self.lit = f"word:{self._sight.cloud.words[self.pointed]}"

    def _point_at_layer(self, kind: str, x: float) -> None:
        if kind != "press" or self._plot is None:
            return
        left, right = self._plot
        part = (x - left) / max(right - left, 1)
        self.layer = float(min(max(round(part * self.n_layers), 0), self.n_layers))
        self.playing = False

    # ---- what moves by itself -----------------------------------------------------

    @property
    def moving(self) -> bool:
        return (self.rotating or self.playing) and not self.still

    def tick(self, seconds: float) -> None:
        seconds = min(seconds, 0.1)
        if self.rotating:
            self.turn = _wrapped(self.turn + TURN_SPEED * seconds)
        if self.playing:
            self.layer += LAYER_SPEED * seconds * max(self.n_layers / 4, 1)
            if self.layer >= self.n_layers:
                self.layer, self.playing = float(self.n_layers), False

    # ---- the recording, and a run of its own ----------------------------------------

    @property
    def wants(self) -> str | None:
        missing = self.model != "live" and not self.recorded and not self.failed
        return FILE if missing else None

    def receive(self, name: str, data: bytes) -> None:
        try:
            self.recorded = unpacked(data)
        except ValueError as error:
            self.failed = str(error)

    def receive_failed(self, name: str, message: str) -> None:
        self.failed = message

    @property
    def busy(self) -> bool:
        return self._run is not None

    def _train(self) -> None:
        norm = self.model
        corpus = self.corpus
        self._run = DeepRun(deep_config(norm), corpus)
        self.own[norm] = self._run.recording
        self._projectors.pop((norm, True), None)
        self._kept.pop((norm, True), None)
        self._moments[norm] = None
        self.here, self._seen = True, None

    def work(self) -> None:
        """A few blocks, as many as fit."""
        until = time.perf_counter() + PIECE
        while self._run is not None and time.perf_counter() < until:
            if not self._run.advance():
                self._run = None

    def _recording(self) -> Recording | None:
        """What is shown of a deep model, if there is anything yet."""
        if self.here and self.model in self.own:
            return self.own[self.model]
        return self.recorded.get(self.model)

    @property
    def n_layers(self) -> int:
        """Layers of the model that is shown."""
        if self.model == "live":
            return self._live_layers
        return deep_config(self.model).n_layers

    # ---- what is seen ---------------------------------------------------------------

    def compute(self, timeline: Timeline) -> None:
        data = timeline.trainer.data
        if isinstance(data, Corpus) and data is not self.corpus:
            self.corpus = data
            self._clouds.clear()
            for key in [k for k in self._projectors if k[0] == "live"]:
                del self._projectors[key]
        if self.model == "live":
            self._look_at_live(timeline)
        else:
            self._look_at_recording()

    def _look_at_live(self, timeline: Timeline) -> None:
        key = "live", self.many, timeline.trainer, timeline.step
        model = timeline.trainer.model
        if key == self._seen or not isinstance(model, Transformer):
            return
        self._seen = key
        n = MANY if self.many else FEW
        cloud = self._clouds.setdefault(n, cloud_of(self.corpus, n))
        trace = model.stack.forward(cloud.token_ids)
        vectors = vectors_by_layer(trace)[:, *cloud.here]
        if not np.isfinite(vectors).all():
            return  # a run that has failed: what was there stays
        projector = self._projectors.setdefault(key[:2], Projector(3))
        new = timeline.step == timeline.last
        self._sight = sight_of(vectors, cloud, projector, timeline.step, new)

    def _look_at_recording(self) -> None:
        recording = self._recording()
        if recording is None or not recording.moments:
            self._sight, self._seen = None, None
            return
        place = self._moment(recording)
        key = self.model, self.here, id(recording), place
        if key == self._seen:
            return
        self._seen = key
        projector = self._projectors.setdefault(key[:2], Projector(3, spacing=1))
        for moment in recording.moments[self._kept.get(key[:2], 0) : place]:
            projector.keep(moment.step, unit_length(moment.states))
        self._kept[key[:2]] = max(self._kept.get(key[:2], 0), place)
        moment = recording.moments[place]
        sight = sight_of(moment.states, recording.cloud, projector, moment.step, True)
        self._sight = sight._replace(right=moment.right, held_out=moment.held_out)

    def _moment(self, recording: Recording) -> int:
        last = len(recording.moments) - 1
        chosen = self._moments.get(self.model)
        return last if chosen is None else min(chosen, last)

    def _between(self, by_layer: np.ndarray) -> np.ndarray:
        """By layer (L + 1, ...) -> at the layer scrubbed to, even between two."""
        low = min(int(self.layer), len(by_layer) - 1)
        high = min(low + 1, len(by_layer) - 1)
        part = self.layer - low
        return (1 - part) * by_layer[low] + part * by_layer[high]

    # ---- what is drawn ------------------------------------------------------------

    _plot: tuple[float, float] | None = None  # left and right of the lines, as drawn

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        size = width, height
        if canvas == "e17.alike":
            return self._draw_alike(size)
        view = View(self.turn, self.tilt)
        sight = self._sight
        if sight is None:
            empty = Points(np.empty((0, 3)), (), ())
            drawing, self._on_sheet = space(size, empty, view)
            said = Text(width / 2, height / 2, self._waiting(), "ink-2", align="center")
            return drawing + Drawing(width, height, [said])
        look = self._seen, self.colour, self.word, self.lit
        if self._looks[0] != look:
            self._looks = look, self._kinds(sight)
        kinds, key = self._looks[1]
        now = self._between(sight.places)
        trails = None
        if self.trails and self.layer > 0:
            whole = sight.places[: int(self.layer) + 1]
            ways = whole if self.layer == int(self.layer) else [*whole, now]
            trails = np.stack([*ways], axis=1)
        points = Points(now, kinds, sight.cloud.words, trails)
        drawing, self._on_sheet = space(size, points, view, key)
        return drawing

    def _kinds(self, sight: Sight) -> tuple[list[str], list[tuple[str, str]]]:
        """What each point looks like, and what the looks mean."""
        cloud = sight.cloud
        if self.colour == "sense" and any(cloud.senses):
            kinds = [
                "other" if not s else "first" if s in WATERSIDE else "second"
                for s in cloud.senses
            ]
            key = [
                ("first", "by the water"),
                ("second", "elsewhere"),
                ("other", "words of one sense"),
            ]
        elif self.colour == "position":
            last = int(cloud.place.max()) + 1
            kinds = [f"p{1 + 5 * p // last}" for p in cloud.place.tolist()]
            key = [("p1", "first words"), ("p3", "middle"), ("p5", "last words")]
        else:
            counts = Counter(word for word in cloud.words if word != self.word)
            common = [word for word, _ in counts.most_common(COMMON)]
            of_word = dict(zip(common, "abcde", strict=False))
            kinds = [of_word.get(word, "other") for word in cloud.words]
            key = [(kind, word) for word, kind in of_word.items()]
        lit = (self.lit or "").removeprefix("word:") or self.word
        kinds = [
            "lit" if word == lit else kind
            for word, kind in zip(cloud.words, kinds, strict=True)
        ]
        if lit in cloud.words:
            key = [("lit", lit), *key]
        return kinds, key

    def _draw_alike(self, size: tuple[float, float]) -> Drawing:
        L = self.n_layers
        every = 1 if L <= 6 else 3
        x_axis = Axis(0, L, [(n, str(n)) for n in range(0, L + 1, every)])
        y_axis = Axis(-0.2, 1, [(0, "0"), (0.5, "0.5"), (1, "1")])
        curves = []
        if self._sight is not None:
            alike, x = self._sight.alike, np.arange(L + 1.0)
            curves = [
                Curve(x, alike.namesakes, "same word", "sea"),
                Curve(x, alike.neighbours, "same sentence", "coral-ink"),
                Curve(x, alike.everyone, "any two", "ink-2", 1.25, (5.0, 3.0)),
            ]
        plot = plot_of(size, x_axis, y_axis, curves)
        self._plot = plot.left, plot.right
        return series(size, x_axis, y_axis, curves, at=self.layer)

    # ---- what is said -------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        cloud = self._sight.cloud if self._sight else None
        recording = None if self.model == "live" else self._recording()
        moments = recording.moments if recording else []
        if cloud is not self._list[0]:
            self._list = cloud, self._listed(cloud) if cloud else []
        words = self._list[1]
        own = self.own.get(self.model)
        state = {
            "e17.model": self.model,
            "e17.live": self.model == "live",
            "e17.deep": self.model != "live",
            "e17.many": self.many,
            "e17.colour": self.colour,
            "e17.senses": bool(cloud and any(cloud.senses)),
            "e17.word": self.word,
            "e17.layer": round(self.layer / self.n_layers * NOTCHES),
            "e17.turn": round(self.turn),
            "e17.tilt": round(self.tilt),
            "e17.trails": self.trails,
            "e17.moves": not self.still,
            "e17.rotating": self.rotating,
            "e17.playing": self.playing,
            "e17.moment": self._moment(recording) if moments and recording else 0,
            "e17.moment.off": len(moments) < 2,
            "e17.layer.off": self._sight is None,
            "e17.busy": self.busy,
            "e17.idle": self.model != "live" and not self.busy,
            "e17.progress": self._progress(),
            "e17.both": bool(own and self.model in self.recorded),
            "e17.other": "here" if self.here else "recorded",
            "e17.failed": self.failed is not None and not self.recorded,
        }
        items = [Item(w, w, w == self.word, f"word:{w}") for w in words]
        return {"state": state, "lists": {"e17.words": items}}

    def _listed(self, cloud: Cloud) -> list[str]:
        """Words of two senses, and the commonest of the others."""
        two = [w for w, s in zip(cloud.words, cloud.senses, strict=True) if s]
        rest = Counter(w for w in cloud.words if w not in two)
        common = [w for w, _ in rest.most_common(COMMON if two else 2 * COMMON)]
        return list(dict.fromkeys([*two, *common]))

    def _progress(self) -> float:
        return (
            self._run.recording.step / self._run.recording.config.steps
            if self._run
            else 0.0
        )

    def texts(self) -> dict[str, Words]:
        return {
            "e17.layer": self._layer_name(),
            "e17.turn": f"{signed(self.turn, 0)}°",
            "e17.tilt": f"{signed(self.tilt, 0)}°",
            "e17.moment": f"{self._sight.step:,}" if self._sight else "–",
            "e17.play": "Stop" if self.playing else "Play the layers",
            "e17.rotate": "Stop turning" if self.rotating else "Turn slowly",
            "e17.shares": self._shares(),
            "e17.readout": self._readout(),
            "e17.here": self._here(),
            "e17.made": self._made(),
            "e17.job": self._job(),
            "e17.problem": f"No recording: {self.failed}" if self.failed else "",
            "e17.deepnote": self._depth(),
            "e17.answer": self._answer(),
            "e17.finding": self._finding(),
        }

    def _layer_name(self) -> str:
        whole = int(self.layer)
        if self.layer != whole:
            return f"between {whole} and {whole + 1}"
        return f"{whole} of {self.n_layers}" if whole else "0, before the first"

    def _after(self) -> str:
        layer = round(self.layer)
        return f"after layer {layer}" if layer else "before the first layer"

    def _waiting(self) -> str:
        if self.failed:
            return "There is no recording; it can be trained here."
        return "The first step is on its way." if self.here else "It is on its way."

    def _shares(self) -> str:
        if self._sight is None:
            return ""
        return (
            f"Three directions of {self._sight.units.shape[-1]}: they hold "
            f"{self._sight.shares.sum():.0%} of what tells these "
            f"{len(self._sight.cloud.words)} words apart. Larger is nearer."
        )

    def _point_of_interest(self, sight: Sight) -> int | None:
        if self.pointed is not None and self.pointed < len(sight.cloud.words):
            return self.pointed
        lit = (self.lit or "").removeprefix("word:")
        for word in (lit, self.word):
            if word in sight.cloud.words:
                return sight.cloud.words.index(word)
        return None

    def _readout(self) -> list[Piece]:
        """The word that is pointed at, and what lies nearest, in all dimensions."""
        sight = self._sight
        n = self._point_of_interest(sight) if sight else None
        if sight is None or n is None:
            return [("Point at a word, or choose one.", "")]
        if self._read[0] != (self._seen, self.layer, n):  # turning changes none of it
            self._read = (self._seen, self.layer, n), self._read_out(sight, n)
        return self._read[1]

    def _read_out(self, sight: Sight, n: int) -> list[Piece]:
        units = self._between(sight.units)
        cosines = unit_length(units) @ unit_length(units[n])
        cosines[n] = -2
        best = np.argsort(-cosines)[:N_NEAR]
        cloud = sight.cloud
        said = [
            (cloud.words[n], "strong"),
            (f" in “{_sentence(cloud, int(cloud.sentence[n]))}” lies nearest to ", ""),
        ]
        for place, k in enumerate(best.tolist()):
            own = cloud.sentence[k] == cloud.sentence[n]
            where = "its own sentence" if own else f"“{_around(cloud, k)}”"
            said += [
                (", " if place else "", ""),
                (cloud.words[k], "strong"),
                (f" of {where} ", ""),
                (signed(float(cosines[k])), "num"),
            ]
        return [*said, (".", "")]

    def _here(self) -> list[Piece]:
        """The three cosines at the layer that is shown."""
        if self._sight is None:
            return []
        values = [float(self._between(values)) for values in self._sight.alike]
        names = ("the same word in two sentences", "two words of one sentence",
                 "any two words")  # fmt: skip
        said: list[Piece] = [(f"Mean cosine {self._after()}: ", "")]
        for n, (name, value) in enumerate(zip(names, values, strict=True)):
            said += [
                (f"{name} ", ""),
                (signed(value), "num"),
                (", " if n < 2 else ".", ""),
            ]
        return said  # fmt: skip

    def _made(self) -> str:
        """Where the numbers of a deep model come from."""
        if self.model == "live":
            return "The model of this page, at the step of the bar below."
        recording = self._recording()
        if recording is None or not recording.losses:
            return ""
        config = recording.config
        where = "in this browser" if self.here else "when this page was built"
        return (
            f"Trained {where} by the same code: seed {config.seed}, {recording.step:,} "
            f"steps, {recording.seconds:,.0f} seconds. In a terminal: {COMMAND}"
        )

    def _job(self) -> str:
        if self._run is None:
            own = self.own.get(self.model)
            if own is None or own.step == own.config.steps:
                return ""
            return f"Stopped at step {own.step:,}."
        run = self._run.recording
        said = f"{run.config.norm}-norm, step {run.step:,} of {run.config.steps:,}"
        if run.step < 3:
            return f"{said}."
        left = run.seconds / run.step * (run.config.steps - run.step)
        return f"{said}; some {max(left, 1):,.0f} seconds of computing are left."

    def _depth(self) -> str:
        """What a deep model can do after each layer."""
        sight = self._sight
        if sight is None or sight.right is None or sight.held_out is None:
            return ""
        if not np.isfinite(sight.held_out):
            return f"Its vectors are {sight.lengths[-1]:.0f} long at the end."
        layers = [n for n in (1, 3, 6, 12) if n <= sight.n_layers]
        right = ", ".join(f"{sight.right[n]:.0%}" for n in layers)
        return (
            f"At step {sight.step:,} its held-out loss is {sight.held_out:.2f}. Read "
            f"after layers {_listed_words(layers)}, it guesses {right} of the hidden "
            f"words. Its vectors are {sight.lengths[0]:.1f} long at first and "
            f"{sight.lengths[-1]:.1f} after the last layer."
        )

    def _finding(self) -> str:
        sight = self._sight
        if sight is None:
            return self._waiting()
        alike, last = sight.alike, sight.n_layers
        first, end = ([signed(float(values[n])) for values in alike] for n in (0, last))
        name = "" if self.model == "live" else f" of the {self.model}-norm model"
        if self.model != "live" and alike.everyone[-1] > 0.95:
            return (
                f"At step {sight.step:,}, after layer {last}{name}, any two words "
                f"point the same way, with a mean cosine of {end[2]}: the cloud has "
                "run together, and which word is which can hardly be told from it."
            )
        return (
            f"At step {sight.step:,}, from the words to layer {last}{name}: the same "
            f"word in two sentences goes from a cosine of {first[0]} to {end[0]}, two "
            f"words of one sentence from {first[1]} to {end[1]}, any two from "
            f"{first[2]} to {end[2]}."
        )

    def _answer(self) -> str:
        """What becomes of namesakes in the model of this page."""
        sight = self._sight
        if self.model != "live" or sight is None:
            return "Choose the model of this page to see what it does."
        alike, last = sight.alike, sight.n_layers
        if not np.isfinite([alike.namesakes[0], alike.neighbours[0]]).all():
            return "These sentences share no word: there is nothing to compare."
        apart = [v[last] - v[0] for v in (alike.namesakes, alike.neighbours)]
        ways = (
            "apart" if apart[0] < 0 else "together",
            "together" if apart[1] > 0 else "apart",
        )
        return (
            f"At step {sight.step:,} the uses of one word move {ways[0]}, from a mean "
            f"cosine of {signed(float(alike.namesakes[0]))} to "
            f"{signed(float(alike.namesakes[last]))}, and the words of one sentence "
            f"{ways[1]}, from {signed(float(alike.neighbours[0]))} to "
            f"{signed(float(alike.neighbours[last]))}. A vector that began as a word "
            "ends as a word in a sentence."
        )

    def labels(self) -> dict[str, str]:
        if self._sight is None:
            return {"e17.space": self._waiting(), "e17.alike": self._waiting()}
        n = len(self._sight.cloud.words)
        here = "".join(text for text, _ in self._here())
        readout = "".join(text for text, _ in self._readout())
        return {
            "e17.space": (
                f"{n} words of {MODELS[self.model]} in three dimensions, "
                f"{self._after()}, step {self._sight.step:,}. {here} {readout}"
            ),
            "e17.alike": self._finding(),
        }

    def tables(self) -> list[Table]:
        sight = self._sight
        if sight is None:
            return []
        columns = [
            "Layer", "Same word", "Same sentence", "Any two", "Length"
        ]  # fmt: skip
        rows = [
            [str(n), *(signed(float(v[n]), 3) for v in sight.alike),
             f"{sight.lengths[n]:.2f}"]
            for n in range(sight.n_layers + 1)
        ]  # fmt: skip
        if sight.right is not None:
            columns.append("Guessed right")
            for n, row in enumerate(rows):
                row.append(f"{sight.right[n]:.0%}")
        now = self._between(sight.places)
        points = [
            [word, str(s + 1), str(p + 1), sense, *map(signed, xyz.tolist())]
            for word, s, p, sense, xyz in zip(
                sight.cloud.words, sight.cloud.sentence, sight.cloud.place,
                sight.cloud.senses, now, strict=True,
            )
        ]  # fmt: skip
        where = f"{MODELS[self.model]}, step {sight.step:,}"
        return [
            Table(f"Mean cosines by layer, {where}", columns, rows),
            Table(
                f"Where each word lies, {self._after()}",
                ["Word", "Sentence", "Place", "Sense", "Across", "Up", "Towards you"],
                points,
            ),
        ]


def _sentence(cloud: Cloud, number: int) -> str:
    return " ".join(
        word
        for word, n in zip(cloud.words, cloud.sentence.tolist(), strict=True)
        if n == number
    )


def _around(cloud: Cloud, n: int) -> str:
    """A word between its neighbours, to know it by."""
    near = [
        cloud.words[k]
        for k in range(max(n - 2, 0), min(n + 3, len(cloud.words)))
        if cloud.sentence[k] == cloud.sentence[n]
    ]
    return " ".join(near)


def _listed_words(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:-1])) + f" and {numbers[-1]}"


def _number(value: Any, low: float, high: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{value!r} is not a number.") from None
    if not low <= number <= high:
        raise ValueError(f"{number:g} is not from {low:g} to {high:g}.")
    return number


def _wrapped(degrees: float) -> float:
    return (degrees + 180) % 360 - 180
