"""E17, The geometry: every word's vector after each layer, in three dimensions."""

from collections import Counter
from typing import Any

import numpy as np

from fishformer.block import add_and_norm_forward
from fishformer.charts.drawing import Drawing, Text
from fishformer.charts.series import Axis, Curve, plot_of, series
from fishformer.charts.space import Points, View, nearest, space
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.exhibits.e17_sight import (
    COMMON,
    Sight,
    after,
    alike_said,
    between,
    change_said,
    depth_said,
    kin_said,
    looks_of,
    nearest_said,
    shares_said,
    sight_of,
    tables_of,
)
from fishformer.exhibits.exhibit import Exhibit, Item, Piece, Table, Words, plain
from fishformer.exhibits.numerals import signed
from fishformer.experiments import vectors_by_layer
from fishformer.geometry import Projector, principal_frame, unit_length
from fishformer.lessons.deep import MOMENTS, DeepRun, Recording, deep_config, unpacked
from fishformer.lessons.kinship import Cloud, cloud_of, kinship
from fishformer.model import Transformer
from fishformer.timeline import Timeline

FILE = "recorded/deep.npz"
COMMAND = "python3 -m fishformer.lessons.deep deep.npz"
MODELS = {
    "live": "this page’s model",
    "pre": "12 layers, pre-norm",
    "post": "12 layers, post-norm",
}
COLOURS = ("word", "sense", "position")
FEW, MANY = 9, 45  # sentences
FIRST_WORD = "bass"
TURN, TILT = 32.0, 16.0  # degrees
TURN_SPEED, LAYER_SPEED = 14.0, 1.0  # degrees and, of two layers, layers a second
DEGREES_A_PIXEL = 0.45
STILL_HELD = 4.0  # px: a press that moves less is no drag
NOTCHES = 48  # of the range that goes through the layers, however many there are


class Geometry(Exhibit):
    """The words of some held-out sentences, turned and scrubbed at will."""

    id = "e17"
    canvases = ("e17.space", "e17.alike")
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
            super().handle(name, value)

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
        """One update of the deep model, about a tenth of a second."""
        if self._run is not None and not self._run.advance():
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
            lit = (self.lit or "").removeprefix("word:") or self.word
            self._looks = look, looks_of(sight.cloud, self.colour, self.word, lit)
        kinds, key = self._looks[1]
        now = between(sight.places, self.layer)
        trails = None
        if self.trails and self.layer > 0:
            whole = sight.places[: int(self.layer) + 1]
            ways = whole if self.layer == int(self.layer) else [*whole, now]
            trails = np.stack([*ways], axis=1)
        points = Points(now, kinds, sight.cloud.words, trails)
        drawing, self._on_sheet = space(size, points, view, key)
        return drawing

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
        sight = self._sight
        return {
            "e17.layer": self._layer_name(),
            "e17.many": f"{MANY} sentences",
            "e17.warmup": str(deep_config("pre").warmup),
            "e17.turn": f"{signed(self.turn, 0)}°",
            "e17.tilt": f"{signed(self.tilt, 0)}°",
            "e17.moment": f"{sight.step:,}" if sight else "–",
            "e17.play": "Stop" if self.playing else "Play the layers",
            "e17.rotate": "Stop turning" if self.rotating else "Turn slowly",
            "e17.shares": shares_said(sight) if sight else "",
            "e17.readout": self._readout(),
            "e17.here": alike_said(sight, self.layer) if sight else "",
            "e17.made": self._made(),
            "e17.job": self._job(),
            "e17.problem": f"No recording: {self.failed}" if self.failed else "",
            "e17.deepnote": depth_said(sight) if sight else "",
            "e17.answer": self._answer(),
            "e17.finding": self._finding(),
        }

    def _layer_name(self) -> str:
        whole = int(self.layer)
        if self.layer != whole:
            return f"between {whole} and {whole + 1}"
        return f"{whole} of {self.n_layers}" if whole else "0, before the first"

    def _waiting(self) -> str:
        if self.failed:
            return "There is no recording; it can be trained here."
        return "The first step is on its way." if self.here else "It is on its way."

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
            self._read = (self._seen, self.layer, n), nearest_said(sight, self.layer, n)
        return self._read[1]

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

    def _finding(self) -> str:
        if self._sight is None:
            return self._waiting()
        return change_said(self._sight, "" if self.model == "live" else self.model)

    def _answer(self) -> str:
        if self.model != "live" or self._sight is None:
            return "Choose the model of this page to see what it does."
        return kin_said(self._sight)

    def labels(self) -> dict[str, str]:
        if self._sight is None:
            return {"e17.space": self._waiting(), "e17.alike": self._waiting()}
        n = len(self._sight.cloud.words)
        said = alike_said(self._sight, self.layer)
        here = plain(said)
        readout = plain(self._readout())
        return {
            "e17.space": (
                f"{n} words of {MODELS[self.model]} in three dimensions, "
                f"{after(self.layer)}, step {self._sight.step:,}. {here} {readout}"
            ),
            "e17.alike": self._finding(),
        }

    def tables(self) -> list[Table]:
        if self._sight is None:
            return []
        return tables_of(self._sight, self.layer, MODELS[self.model])


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
