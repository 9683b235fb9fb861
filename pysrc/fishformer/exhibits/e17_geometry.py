"""E17, The geometry: every word's vector after each layer, in three dimensions."""

from typing import Any

import numpy as np

from fishformer.block import add_and_norm_forward
from fishformer.charts.drawing import Drawing, Text
from fishformer.charts.space import nearest, space
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.exhibits import e17_words as says
from fishformer.exhibits.e17_deep import FILE, LAST_MOMENT, DeepModels
from fishformer.exhibits.e17_pictures import NOTHING, alike_chart, points_of
from fishformer.exhibits.e17_sight import Looking, Sight, listed, looks_of, sight_of
from fishformer.exhibits.e17_turning import HIGHEST, LOWEST, Turning
from fishformer.exhibits.exhibit import Exhibit, Item, Piece, Table, Words, plain
from fishformer.exhibits.numerals import signed
from fishformer.experiments import vectors_by_layer
from fishformer.geometry import Projector, principal_frame, unit_length
from fishformer.lessons.deep import deep_config
from fishformer.lessons.kinship import Cloud, kinship
from fishformer.model import Transformer
from fishformer.timeline import Timeline

MODELS = {
    "live": "this page’s model",
    "pre": "12 layers, pre-norm",
    "post": "12 layers, post-norm",
}
COLOURS = ("word", "sense", "position")
FEW, MANY = 9, 45  # sentences
FIRST_WORD = "bass"
LAYER_SPEED = 1.0  # layers a second, of two
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
        self.turning = Turning()
        self.deep = DeepModels()
        self.layer = float(config.n_layers)
        self.trails = True
        self.playing = False
        self.pointed: int | None = None  # a point, while the pointer is on it
        self._live_layers = config.n_layers
        self._looking = Looking()
        self._seen: Any = None
        self._sight: Sight | None = None
        self._read: tuple[Any, list[Piece]] = None, []  # the readout, and of what
        self._looks: tuple[Any, Any] = None, None  # what points look like, and of what
        self._list: tuple[Cloud | None, list[str]] = None, []
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
                self.layer = self.within(value, 0, NOTCHES) * self.n_layers / NOTCHES
                self.playing = False
            case "play":
                self._play()
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
            case "train" if self.model != "live":
                self._train()
            case "stop":
                self.deep.stop()
            case "other" if value in ("recorded", "here"):
                self.deep.here, self._seen = value == "here", None
            case _:
                super().handle(name, value)

    def _choose_model(self, value: str) -> None:
        part = self.layer / self.n_layers
        self.model, self.live = value, value == "live"
        self.layer = round(part * self.n_layers)
        self.pointed, self.playing = None, False

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
            self.turning.grip(x, y)
        elif kind == "drag":
            self.turning.drag(x, y)
        elif kind in ("hover", "press"):
            dragged = self.turning.let_go()
            found = None if dragged else nearest(self._on_sheet, x, y)
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
        return (self.turning.rotating or self.playing) and not self.still

    def tick(self, seconds: float) -> None:
        seconds = min(seconds, 0.1)
        self.turning.tick(seconds)
        if self.playing:
            self.layer += LAYER_SPEED * seconds * max(self.n_layers / 4, 1)
            if self.layer >= self.n_layers:
                self.layer, self.playing = float(self.n_layers), False

    # ---- the recording, and a run of its own ----------------------------------------

    @property
    def wants(self) -> str | None:
        deep = self.deep
        missing = self.model != "live" and not deep.recorded and not deep.problem
        return FILE if missing else None

    def receive(self, name: str, data: bytes) -> None:
        self.deep.receive(data)

    def receive_failed(self, name: str, message: str) -> None:
        self.deep.problem = message

    @property
    def busy(self) -> bool:
        return self.deep.busy

    def work(self) -> None:
        self.deep.work()

    def _train(self) -> None:
        self.deep.train(self.model, self.corpus)
        self._looking.forget((self.model, True))
        self._seen = None

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
            self._looking.forget_live()
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
        sight = self._looking.live(model, timeline, self.corpus, n)
        self._sight = sight or self._sight  # what was there before the run failed

    def _look_at_recording(self) -> None:
        recording = self.deep.recording(self.model)
        if recording is None or not recording.moments:
            self._sight, self._seen = None, None
            return
        place = self.deep.moment(self.model)
        key = self.model, self.deep.here, id(recording), place
        if key == self._seen:
            return
        self._seen = key
        self._sight = self._looking.recorded(key[:2], recording, place)

    # ---- what is drawn ------------------------------------------------------------

    _plot: tuple[float, float] | None = None  # left and right of the lines, as drawn

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        size = width, height
        view, sight = self.turning.view, self._sight
        if canvas == "e17.alike":
            drawing, self._plot = alike_chart(size, sight, self.n_layers, self.layer)
            return drawing
        if sight is None:
            drawing, self._on_sheet = space(size, NOTHING, view)
            said = Text(
                width / 2, height / 2, self.deep.waiting_said(), "ink-2", align="center"
            )
            return drawing + Drawing(width, height, [said])
        look = self._seen, self.colour, self.word, self.lit
        if self._looks[0] != look:
            lit = self.lit_as("word") or self.word
            self._looks = look, looks_of(sight.cloud, self.colour, self.word, lit)
        kinds, key = self._looks[1]
        points = points_of(sight, self.layer, kinds, self.trails)
        drawing, self._on_sheet = space(size, points, view, key)
        return drawing

    # ---- what is said -------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        cloud = self._sight.cloud if self._sight else None
        deep, turning = self.deep, self.turning
        recording = deep.recording(self.model)
        if cloud is not self._list[0]:
            self._list = cloud, listed(cloud) if cloud else []
        words = self._list[1]
        state = {
            "e17.model": self.model,
            "e17.live": self.model == "live",
            "e17.deep": self.model != "live",
            "e17.many": self.many,
            "e17.colour": self.colour,
            "e17.senses": bool(cloud and any(cloud.senses)),
            "e17.word": self.word,
            "e17.layer": round(self.layer / self.n_layers * NOTCHES),
            "e17.turn": round(turning.turn),
            "e17.tilt": round(turning.tilt),
            "e17.trails": self.trails,
            "e17.moves": not self.still,
            "e17.rotating": turning.rotating,
            "e17.playing": self.playing,
            "e17.moment": deep.moment(self.model),
            "e17.moment.off": recording is None or len(recording.moments) < 2,
            "e17.layer.off": self._sight is None,
            "e17.busy": self.busy,
            "e17.idle": self.model != "live" and not self.busy,
            "e17.progress": deep.progress,
            "e17.both": self.model in deep.own and self.model in deep.recorded,
            "e17.other": "here" if deep.here else "recorded",
            "e17.failed": deep.problem is not None and not deep.recorded,
        }
        items = [Item(w, w, w == self.word, f"word:{w}") for w in words]
        return {"state": state, "lists": {"e17.words": items}}

    def texts(self) -> dict[str, Words]:
        sight, problem = self._sight, self.deep.problem
        return {
            "e17.layer": says.layer_name(self.layer, self.n_layers),
            "e17.many": f"{MANY} sentences",
            "e17.warmup": str(deep_config("pre").warmup),
            "e17.turn": f"{signed(self.turning.turn, 0)}°",
            "e17.tilt": f"{signed(self.turning.tilt, 0)}°",
            "e17.moment": f"{sight.step:,}" if sight else "–",
            "e17.play": "Stop" if self.playing else "Play the layers",
            "e17.rotate": "Stop turning" if self.turning.rotating else "Turn slowly",
            "e17.shares": says.shares_said(sight) if sight else "",
            "e17.readout": self._readout(),
            "e17.here": says.alike_said(sight, self.layer) if sight else "",
            "e17.made": self._made(),
            "e17.job": self.deep.job_said(self.model),
            "e17.problem": f"No recording: {problem}" if problem else "",
            "e17.deepnote": says.depth_said(sight) if sight else "",
            "e17.answer": self._answer(),
            "e17.finding": self._finding(),
        }

    def _point_of_interest(self, sight: Sight) -> int | None:
        if self.pointed is not None and self.pointed < len(sight.cloud.words):
            return self.pointed
        lit = self.lit_as("word")
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
            self._read = (
                (self._seen, self.layer, n),
                says.nearest_said(sight, self.layer, n),
            )
        return self._read[1]

    def _made(self) -> str:
        if self.model == "live":
            return "The model of this page, at the step of the bar below."
        return self.deep.made_said(self.model)

    def _finding(self) -> str:
        if self._sight is None:
            return self.deep.waiting_said()
        return says.change_said(self._sight, "" if self.model == "live" else self.model)

    def _answer(self) -> str:
        if self.model != "live" or self._sight is None:
            return "Choose the model of this page to see what it does."
        return says.kin_said(self._sight)

    def labels(self) -> dict[str, str]:
        if self._sight is None:
            return {
                "e17.space": self.deep.waiting_said(),
                "e17.alike": self.deep.waiting_said(),
            }
        n = len(self._sight.cloud.words)
        said = says.alike_said(self._sight, self.layer)
        here = plain(said)
        readout = plain(self._readout())
        return {
            "e17.space": (
                f"{n} words of {MODELS[self.model]} in three dimensions, "
                f"{says.after(self.layer)}, step {self._sight.step:,}. {here} {readout}"
            ),
            "e17.alike": self._finding(),
        }

    def tables(self) -> list[Table]:
        if self._sight is None:
            return []
        return says.tables_of(self._sight, self.layer, MODELS[self.model])
