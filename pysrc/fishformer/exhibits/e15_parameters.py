"""E15, Where the parameters are: every matrix counted, from eight numbers to GPT-3."""

from typing import Any

from fishformer.block import block_shapes
from fishformer.charts.drawing import Drawing
from fishformer.charts.weights import Shares, share_bars, weights_to_scale
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.exhibits.exhibit import Exhibit, Matrix, Piece, Table, Words, capital
from fishformer.lessons.counting import (
    GPT_1,
    GPT_2,
    GPT_3,
    Shape,
    count_parts,
    shape_of,
    total,
    weights_of_block,
)
from fishformer.params import Params
from fishformer.timeline import Timeline

TINY = (8, 2, 32)  # D, H and F of source 000's example
KINDS = ("words", "attention", "feed-forward", "rest")
# The letter of a number, what it is called, and the greatest that is allowed.
NUMBERS = {
    "layers": ("n_layers", "Layers", 1_000),
    "heads": ("n_heads", "Heads in a layer", 1_024),
    "d_model": ("d_model", "Numbers a word", 100_000),
    "d_ff": ("d_ff", "Width of the feed-forward step", 400_000),
    "vocab": ("vocab_size", "Vocabulary", 10_000_000),
    "positions": ("max_len", "Positions", 10_000_000),
}
LETTERS = {
    "L": "n_layers", "D": "d_model", "F": "d_ff", "V": "vocab_size", "M": "max_len",
}  # fmt: skip
UNITS = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


def about(count: int) -> str:
    """A number as one says it: 37,168, 124 million, 174.6 billion."""
    for unit, name in UNITS:
        if count >= unit:
            return f"{count / unit:,.1f} {name}"
    return f"{count:,}"


def shares_of(shape: Shape) -> dict[str, float]:
    """Which share of a model's numbers is in each kind of part."""
    sizes = dict.fromkeys(KINDS, 0)
    for part in count_parts(shape):
        sizes[part.kind] += part.size
    return {kind: size / total(shape) for kind, size in sizes.items()}


class Parameters(Exhibit):
    """A shape that a visitor can change, and how many numbers such a model learns."""

    id = "e15"
    canvases = ("e15.tiny", "e15.block", "e15.shares")
    live = False
    shows_code = (weights_of_block, count_parts, block_shapes, Params)
    terms = {  # noqa: RUF012
        "head": (weights_of_block, "one_head = "),
        "attention": (weights_of_block, "return Block"),
        "think": (weights_of_block, "return Block"),
        "square": (block_shapes, "square = "),
        "wide": (block_shapes, '"w_in"'),
    }

    def __init__(self, config: Config, corpus: Corpus):
        self.ours = shape_of(config, len(corpus.tokenizer), corpus.max_len)
        self.presets: dict[str, tuple[str, Shape]] = {
            "ours": ("this model", self.ours),
            "gpt1": ("GPT-1", GPT_1),
            "gpt2": ("GPT-2 small", GPT_2),
            "gpt3": ("GPT-3", GPT_3),
        }
        self.shape = self.ours
        self.errors: dict[str, str] = {}
        self.row = 2
        self.buffer = 0

    # ---- events ----------------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        if name == "preset" and value in self.presets:
            self.shape = self.presets[value][1]
            self.errors = {}
        elif name in NUMBERS:
            self._change(name, value)
        elif name == "row":
            self.row = max(int(value[1]), 0)
        else:
            super().handle(name, value)

    def _change(self, name: str, value: Any) -> None:
        """Another number in the shape, or a sentence that says why not."""
        field, label, most = NUMBERS[name]
        least = 0 if name == "positions" else 1
        self.errors.pop(name, None)
        old = getattr(self.shape, field)
        try:
            number = int(value)
            good = number == float(value) and least <= number <= most
        except (TypeError, ValueError, OverflowError):
            good = False
        if not good:
            self.errors[name] = (
                f"{label}: a whole number from {least} to {most:,}, please. It is "
                f"still {old:,}."
            )
            return
        self.shape = self.shape._replace(**{field: number})  # type: ignore[arg-type]

    # ---- what it counts --------------------------------------------------------------

    def compute(self, timeline: Timeline) -> None:
        self.buffer = timeline.trainer.model.params.buffer.size

    @property
    def chosen(self) -> str | None:
        """The preset whose shape this is."""
        found = (n for n, (_, shape) in self.presets.items() if shape == self.shape)
        return next(found, None)

    @property
    def part(self) -> int:
        """Which of its parts is opened; another shape may have fewer."""
        return min(self.row, len(count_parts(self.shape)) - 1)

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        size = width, height
        if canvas == "e15.tiny":
            return weights_to_scale(size, *TINY)
        shape = self.shape
        if canvas == "e15.block":
            width_of_ff = shape.d_ff if shape.feed_forward else 1
            return weights_to_scale(size, shape.d_model, shape.n_heads, width_of_ff)
        return share_bars(size, KINDS, self._shares())

    def _shares(self) -> list[Shares]:
        shown = [(name, shape) for name, shape in self.presets.values()]
        if self.chosen is None:
            shown.append(("as set above", self.shape))
        return [
            Shares(
                name, about(total(shape)), list(shares_of(shape).values()),
                shape == self.shape,
            )
            for name, shape in shown
        ]  # fmt: skip

    # ---- what is said ----------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        state: dict[str, Any] = {
            f"e15.{name}": getattr(self.shape, field)
            for name, (field, _, _) in NUMBERS.items()
        }
        state["e15.preset"] = self.chosen
        state["e15.refused"] = list(self.errors)
        parts = count_parts(self.shape)
        values = [[part.formula.replace(" ", ""), f"{part.size:,}"] for part in parts]
        values.append(["sum", f"{total(self.shape):,}"])
        names = [*(part.name for part in parts), "all"]
        matrix = Matrix(
            values, names, ["formula", "numbers"],
            lit=[(self.part, 0)], opened=(self.part, 1), use="row",
        )  # fmt: skip
        return {"state": state, "matrices": {"e15.parts": matrix}}

    def texts(self) -> dict[str, Words]:
        tiny = weights_of_block(*TINY)
        whole = total(self.shape)
        return {
            "e15.error": self._error(),
            "e15.total": f"{whole:,}",
            "e15.about": about(whole) if whole >= 1_000_000 else "",
            "e15.opened": self._opened(),
            "e15.d_head": self._d_head(),
            "e15.ratio": self._ratio(),
            "e15.check": self._check(),
            "e15.one_head": f"{tiny.one_head}",
            "e15.all_heads": f"{tiny.all_heads}",
            "e15.w_o": f"{tiny.w_o}",
            "e15.attention": f"{tiny.attention}",
            "e15.ffn": f"{tiny.feed_forward}",
            "e15.against_one": f"{tiny.feed_forward / tiny.one_head:.1f}",
            "e15.against_all": f"{tiny.feed_forward / tiny.attention:g}",
            "e15.gpt3_one": f"{self._against_one(GPT_3):,.0f}",
            "e15.finding": self._finding(),
        }

    @staticmethod
    def _against_one(shape: Shape) -> float:
        block = weights_of_block(shape.d_model, shape.n_heads, shape.d_ff)
        return block.feed_forward / block.one_head

    def _error(self) -> str:
        shape, said = self.shape, list(self.errors.values())
        if shape.d_head is None:
            said.append(
                f"{shape.n_heads:,} heads cannot share {shape.d_model:,} numbers "
                "equally; choose a number of heads that divides it."
            )
        return " ".join(said)

    def _opened(self) -> list[Piece]:
        """One part, with the numbers in place of the letters."""
        part = count_parts(self.shape)[self.part]
        put = "".join(
            f"{getattr(self.shape, LETTERS[letter]):,}" if letter in LETTERS else letter
            for letter in part.formula
        )
        return [
            (f"{part.name}: {part.formula} = {put} = ", ""),
            (f"{part.size:,}", "strong"),
        ]

    def _d_head(self) -> str:
        shape = self.shape
        if shape.d_head is None:
            return "–"
        return f"{shape.d_model:,} ÷ {shape.n_heads:,} = {shape.d_head:,}"

    def _ratio(self) -> list[Piece]:
        """Feed-forward against attention, in the chosen shape."""
        shape = self.shape
        if not shape.feed_forward:
            return [("This model has no feed-forward step.", "")]
        block = weights_of_block(shape.d_model, shape.n_heads, shape.d_ff)
        pieces = [
            ("In one block: feed-forward ", ""),
            (f"{block.feed_forward:,}", "num"),
            (", attention ", ""),
            (f"{4 * shape.d_model**2:,}", "num"),
            (": ", ""),
            (f"{block.feed_forward / (4 * shape.d_model**2):.4g} to 1", "num strong"),
        ]
        if shape.d_head is not None:
            pieces += [
                (". Against Q, K and V of one head: ", ""),
                (f"{self._against_one(shape):,.4g} to 1", "num"),
            ]
        return [*pieces, (".", "")]

    def _check(self) -> list[Piece]:
        counted = total(self.ours)
        same = (" = the same", "same")
        verdict = same if counted == self.buffer else (" ≠ not the same", "differs")
        return [
            ("This model, counted by these formulas: ", ""),
            (f"{counted:,}", "num"),
            (". Numbers in its buffer, in memory: ", ""),
            (f"{self.buffer:,}", "num"),
            verdict,
        ]

    def _finding(self) -> str:
        whole, shares = total(self.shape), shares_of(self.shape)
        name = self.presets[self.chosen][0] if self.chosen else "A model of this shape"
        return (
            f"{capital(name)} has {about(whole)} numbers to learn: "
            f"{shares['words']:.1%} in the vectors of words and positions and the word "
            f"scores, {shares['attention']:.1%} in attention, "
            f"{shares['feed-forward']:.1%} in the feed-forward steps."
        )

    def labels(self) -> dict[str, str]:
        shape = self.shape
        return {
            "e15.tiny": (
                "To scale: four matrices of attention of 8 × 8 weights, and two of "
                "the feed-forward step of 8 × 32. One head has half of the first three."
            ),
            "e15.block": (
                f"To scale: four matrices of {shape.d_model:,} × {shape.d_model:,}, "
                f"two of {shape.d_model:,} × {shape.d_ff:,}; one head has a part of "
                f"1 in {shape.n_heads:,} of the first three."
            ),
            "e15.shares": self._finding(),
        }

    def tables(self) -> list[Table]:
        rows = [
            [part.name, part.formula, f"{part.size:,}"]
            for part in count_parts(self.shape)
        ]
        rows.append(["all", "", f"{total(self.shape):,}"])
        models = [
            [row.name, row.says, *(f"{part:.1%}" for part in row.parts)]
            for row in self._shares()
        ]
        return [
            Table("Parameters by part", ["Part", "Formula", "Numbers"], rows),
            Table("Where they are", ["Model", "All", *KINDS], models),
        ]
