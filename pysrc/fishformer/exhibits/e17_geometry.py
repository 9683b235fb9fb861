"""E17, The geometry: every word's vector after each layer, in three dimensions."""

from typing import Any

import numpy as np

from fishformer.block import add_and_norm_forward
from fishformer.charts.drawing import Drawing
from fishformer.charts.space import nearest, space
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.exhibits import e17_words as says
from fishformer.exhibits.e17_deep import FILE, LAST_MOMENT, DeepModels
from fishformer.exhibits.e17_going import Going
from fishformer.exhibits.e17_pictures import (
    NOTHING,
    alike_chart,
    in_the_middle,
    points_of,
)
from fishformer.exhibits.e17_sight import Looking, Sight, looks_of, point_of, sight_of
from fishformer.exhibits.e17_turning import HIGHEST, LOWEST, Turning
from fishformer.exhibits.exhibit import Exhibit, Item, Piece, Table, Words, plain
from fishformer.exhibits.numerals import signed
from fishformer.experiments import vectors_by_layer
from fishformer.geometry import Projector, principal_frame, unit_length
from fishformer.lessons.deep import deep_config
from fishformer.lessons.kinship import kinship
from fishformer.timeline import Timeline

MODELS = {
    "live": "this page’s model",
    "pre": "12 layers, pre-norm",
    "post": "12 layers, post-norm",
}
OURS = "The model of this page, at the step of the bar below."
COLOURS = ("word", "sense", "position")
FEW, MANY = 9, 45  # sentences
FIRST_WORD = "bass"
NOTCHES = 48  # of the range that goes through the layers, however many there are


class Geometry(Exhibit):
    """The words of some held-out sentences, turned and scrubbed at will."""

    id = "e17"
    canvases = ("e17.space", "e17.alike")
    shows_code = (
        vectors_by_layer, unit_length, sight_of, Projector.frame, principal_frame,
        kinship, add_and_norm_forward,
    )  # fmt: skip
    of_corpus = False  # the recording stays when other sentences come

    def __init__(self, config: Config, corpus: Corpus):
        self.corpus = corpus
        self.model, self.many, self.colour = "live", False, "word"
        self.word = FIRST_WORD
        self.turning = Turning()
        self.deep = DeepModels()
        self.going = Going(config.n_layers)
        self.trails = True
        self.pointed: int | None = None  # a point, while the pointer is on it
        self._live_layers = config.n_layers
        self.looking = Looking()
        self._read: tuple[Any, list[Piece]] = None, []  # the readout, and of what
        self._looks: tuple[Any, Any] = None, None  # what points look like, and of what
        self._on_sheet = np.empty((0, 2))

    # ---- events ---------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        turning = self.turning
        match name:
            case "turn":
                turning.turn_to(self.within(value, -180, 180))
            case "tilt":
                turning.tilt = self.within(value, LOWEST, HIGHEST)
            case "rotate":
                turning.rotating = not turning.rotating and not self.still
            case "at":
                self._point(value)
            case "layer":
                self.going.go_to(self.within(value, 0, NOTCHES) / NOTCHES)
            case "play":
                self.going.play(still=self.still)
            case "word":
                self.word, self.pointed = str(value), None
            case "many":
                self.many, self.pointed = bool(value), None
            case "trails":
                self.trails = bool(value)
            case "colour" if value in COLOURS:
                self.colour = value
            case "model" if value in MODELS:
                self._choose_model(value)
            case "moment":
                self.deep.choose(self.model, self.within(value, 0, LAST_MOMENT))
            case "train" if not self.live:
                self.deep.train(self.model, self.corpus)
                self.looking.forget((self.model, True))
            case "stop":
                self.deep.stop()
            case "other" if value in ("recorded", "here"):
                self.deep.here = value == "here"
            case _:
                super().handle(name, value)

    def _choose_model(self, value: str) -> None:
        self.model, self.live = value, value == "live"
        layers = self._live_layers if self.live else deep_config(value).n_layers
        self.going.change(layers)
        self.pointed = None

    def _point(self, at: dict[str, Any]) -> None:
        """Drag turns, a press without a drag chooses, and to point is to ask."""
        kind, x, y = at["kind"], float(at["x"]), float(at["y"])
        if at["canvas"] == "e17.alike":
            self._point_at_layer(kind, x)
        elif kind == "down":
            self.turning.grip(x, y)
        elif kind == "drag":
            self.turning.drag(x, y)
        elif kind in ("hover", "press"):
            found = None if self.turning.let_go() else nearest(self._on_sheet, x, y)
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
        if kind == "press" and self._plot is not None:
            left, right = self._plot
            self.going.go_near((x - left) / max(right - left, 1))

    # ---- what moves by itself -----------------------------------------------------

    @property
    def moving(self) -> bool:
        return (self.turning.rotating or self.going.playing) and not self.still

    def tick(self, seconds: float) -> None:
        seconds = min(seconds, 0.1)
        self.turning.tick(seconds)
        self.going.tick(seconds)

    # ---- the recording, and a run of its own ----------------------------------------

    @property
    def wants(self) -> str | None:
        known = self.live or self.deep.recorded or self.deep.problem
        return None if known else FILE

    def receive(self, name: str, data: bytes) -> None:
        self.deep.receive(data)

    def receive_failed(self, name: str, message: str) -> None:
        self.deep.problem = message

    @property
    def busy(self) -> bool:
        return self.deep.busy

    def work(self) -> None:
        self.deep.work()

    # ---- what is seen ---------------------------------------------------------------

    def compute(self, timeline: Timeline) -> None:
        data = timeline.trainer.data
        if isinstance(data, Corpus) and data is not self.corpus:
            self.corpus = data
            self.looking.forget_live()
        if self.live:
            n = MANY if self.many else FEW
            self.looking.look_at_live(timeline, self.corpus, n)
        else:
            deep = self.deep
            recording, place = deep.recording(self.model), deep.moment(self.model)
            self.looking.look_at(recording, place, (self.model, deep.here))

    @property
    def _sight(self) -> Sight | None:
        return self.looking.sight

    # ---- what is drawn ------------------------------------------------------------

    _plot: tuple[float, float] | None = None  # left and right of the lines, as drawn

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        size = width, height
        view, sight = self.turning.view, self._sight
        if canvas == "e17.alike":
            going = self.going
            drawing, self._plot = alike_chart(size, sight, going.last, going.layer)
            return drawing
        if sight is None:
            drawing, self._on_sheet = space(size, NOTHING, view)
            return drawing + in_the_middle(size, self.deep.waiting_said())
        look = self.looking.seen, self.colour, self.word, self.lit
        if self._looks[0] != look:
            lit = self.lit_as("word") or self.word
            self._looks = look, looks_of(sight.cloud, self.colour, self.word, lit)
        kinds, key = self._looks[1]
        points = points_of(sight, self.going.layer, kinds, self.trails)
        drawing, self._on_sheet = space(size, points, view, key)
        return drawing

    # ---- what is said -------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        cloud = self._sight.cloud if self._sight else None
        deep, turning = self.deep, self.turning
        state = {
            "e17.model": self.model,
            "e17.live": self.live,
            "e17.deep": not self.live,
            "e17.many": self.many,
            "e17.colour": self.colour,
            "e17.senses": bool(cloud and any(cloud.senses)),
            "e17.word": self.word,
            "e17.layer": round(self.going.part * NOTCHES),
            "e17.turn": round(turning.turn),
            "e17.tilt": round(turning.tilt),
            "e17.trails": self.trails,
            "e17.moves": not self.still,
            "e17.layer.off": self._sight is None,
            "e17.idle": not (self.live or self.busy),
            **{f"e17.{key}": value for key, value in deep.state(self.model).items()},
        }
        words = self.looking.listed
        items = [Item(w, w, w == self.word, f"word:{w}") for w in words]
        return {"state": state, "lists": {"e17.words": items}}

    def texts(self) -> dict[str, Words]:
        sight, deep, problem = self._sight, self.deep, self.deep.problem
        playing = self.going.playing and not self.still
        return {
            "e17.layer": says.layer_name(self.going.layer, self.going.last),
            "e17.many": f"{MANY} sentences",
            "e17.warmup": str(deep_config("pre").warmup),
            "e17.turn": f"{signed(self.turning.turn, 0)}°",
            "e17.tilt": f"{signed(self.turning.tilt, 0)}°",
            "e17.moment": f"{sight.step:,}" if sight else "–",
            "e17.play": "Stop" if playing else "Play the layers",
            "e17.rotate": "Stop turning" if self.turning.rotating else "Turn slowly",
            "e17.shares": says.shares_said(sight) if sight else "",
            "e17.readout": self._readout(),
            "e17.here": says.alike_said(sight, self.going.layer) if sight else "",
            "e17.made": OURS if self.live else deep.made_said(self.model),
            "e17.job": deep.job_said(self.model),
            "e17.problem": f"No recording: {problem}" if problem else "",
            "e17.deepnote": says.depth_said(sight) if sight else "",
            "e17.answer": self._answer(),
            "e17.finding": self._finding(),
        }

    def _readout(self) -> list[Piece]:
        """The word that is pointed at, and what lies nearest, in all dimensions."""
        sight = self._sight
        words = self.lit_as("word"), self.word
        n = point_of(sight, self.pointed, words) if sight else None
        if sight is None or n is None:
            return [("Point at a word, or choose one.", "")]
        of = self.looking.seen, self.going.layer, n  # turning changes none of it
        if self._read[0] != of:
            self._read = of, says.nearest_said(sight, self.going.layer, n)
        return self._read[1]

    def _finding(self) -> str:
        if self._sight is None:
            return self.deep.waiting_said()
        return says.change_said(self._sight, "" if self.live else self.model)

    def _answer(self) -> str:
        if self.live and self._sight is not None:
            return says.kin_said(self._sight)
        return "Choose the model of this page to see what it does."

    def labels(self) -> dict[str, str]:
        if self._sight is None:
            return dict.fromkeys(self.canvases, self.deep.waiting_said())
        seen = says.space_said(self._sight, self.going.layer, MODELS[self.model])
        said = f"{seen} {plain(self._readout())}"
        return {"e17.space": said, "e17.alike": self._finding()}

    def tables(self) -> list[Table]:
        sight, layer = self._sight, self.going.layer
        return says.tables_of(sight, layer, MODELS[self.model]) if sight else []
