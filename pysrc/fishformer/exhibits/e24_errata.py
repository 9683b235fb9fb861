"""E24, How we got here: the sizes of models, and every erratum computed anew."""

from math import log10
from typing import Any

import numpy as np

from fishformer.charts.drawing import Drawing
from fishformer.charts.sizes import SizeRow, row_at, sizes
from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.exhibits.exhibit import Exhibit, Item, Table, Words, listed, plain
from fishformer.exhibits.numerals import signed
from fishformer.lessons.counting import shape_of, total
from fishformer.lessons.errata import (
    MODELS,
    PRINTED_ROWS,
    Published,
    dinner_shares,
    furthest_off,
    gpt_2_sizes,
    helmet_agreement,
    how_many_times,
    model_named,
    pairs_grow,
    second_head_twice,
    tiny_block,
    without_exp,
)
from fishformer.softmax import softmax_forward
from fishformer.timeline import Timeline

HERE = "this page"
UNITS = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand"))


class Errata(Exhibit):
    """Two models to compare, and the numbers of the errata list."""

    id = "e24"
    canvases = ("e24.sizes",)
    shows_code = (
        how_many_times,
        dinner_shares,
        without_exp,
        helmet_agreement,
        tiny_block,
        pairs_grow,
        gpt_2_sizes,
        softmax_forward,
    )
    live = False

    def __init__(self, config: Config, corpus: Corpus):
        self.config, self.corpus = config, corpus
        self.one, self.other = "BERT base", "GPT-3"
        self._models: tuple[Published, ...] = ()
        self._said: dict[str, Words] = {}
        self._height = (1.0, 1.0)

    # ---- events ---------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        if name == "model":
            self._choose(str(value))
        elif name == "at":
            row = row_at(float(value["y"]), self._height, len(self._models))
            if value["kind"] == "press" and row is not None:
                self._choose(self._models[row].name)
        else:
            super().handle(name, value)

    def _choose(self, name: str) -> None:
        """The latest two are compared; to choose one of them again swaps them."""
        if name not in {model.name for model in self._models}:
            raise ValueError(f"There is no model named {name!r} here.")
        if name == self.other:
            name = self.one
        self.one, self.other = self.other, name

    def compute(self, timeline: Timeline) -> None:
        if self._models:
            return
        V = len(self.corpus.tokenizer)
        own = total(shape_of(self.config, V, self.corpus.max_len))
        here = Published(HERE, 2026, own, "nobody’s: it is counted", own)
        self._models = (here, *MODELS)
        self._said = self._errata()

    # ---- what is drawn ------------------------------------------------------------

    def _sizes(self) -> tuple[Published, Published]:
        """The two models, the smaller one first."""
        by_name = {model.name: model for model in self._models}
        two = by_name[self.one], by_name[self.other]
        return (two[1], two[0]) if two[0].parameters > two[1].parameters else two

    @property
    def ratio(self) -> float:
        """How many times as large the larger of the two is."""
        small, large = self._sizes()
        return large.parameters / small.parameters

    def draw(self, canvas: str, width: float, height: float) -> Drawing:
        self._height = width, height
        rows = [
            SizeRow(m.name, str(m.year), m.parameters, about(m.parameters),
                    m.name in (self.one, self.other))
            for m in self._models
        ]  # fmt: skip
        return sizes((width, height), rows, f"{_times(self.ratio)} times")

    # ---- what is said -------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        chosen = (self.one, self.other)
        items = [Item(m.name, m.name, m.name in chosen) for m in self._models]
        return {"lists": {"e24.models": items}}

    def texts(self) -> dict[str, Words]:
        small, large = self._sizes()
        return self._said | {
            "e24.ratio": [
                (large.name, "strong"), (" has ", ""), (_times(self.ratio), "num"),
                (" times as many parameters as ", ""), (small.name, "strong"),
                (f": {about(large.parameters)} against {about(small.parameters)}.", ""),
            ],
            "e24.answer": self._answer(),
            "e24.finding": self._finding(),
        }  # fmt: skip

    def _answer(self) -> str:
        return (
            "GPT-3 is "
            f"{_times(how_many_times('GPT-3', 'BERT base'))} times BERT base and "
            f"{_times(how_many_times('GPT-3', 'BERT large'))} times BERT large."
        )

    def _finding(self) -> str:
        ours = self._models[0].parameters
        ratio = model_named("GPT-3").parameters / ours
        return (
            f"The model of this page has {ours:,} parameters. GPT-3 has {about(ratio)} "
            f"times as many: {log10(ratio):.1f} powers of ten lie between them."
        )

    def _errata(self) -> dict[str, Words]:
        """The numbers of the list; none of them depends on anything that moves."""
        shares = dinner_shares()
        first, second, head = (
            helmet_agreement(row) for row in ("first", "second", "head_1")
        )
        printed, added = second_head_twice()
        block = tiny_block()
        divided = without_exp(np.array([1.0, 2.0, -1.0]))
        right = 100 * softmax_forward(np.array([1.0, 2.0, -1.0]))
        small, xl = gpt_2_sizes()
        rows = [f"{total:.2f}" for total in PRINTED_ROWS.sum(axis=1).tolist()]
        return {
            "e24.dinner": _per_cent(shares, 1),
            "e24.rows": listed(rows),
            "e24.sizes": _sizes_said(),
            "e24.first": f"{first.divided} of {first.printed}",
            "e24.second": f"{second.undivided} of {second.printed}",
            "e24.head": f"{head.undivided} of {head.printed}",
            "e24.head2": " ".join(_bare(number) for number in printed),
            "e24.added": " ".join(_bare(number) for number in added),
            "e24.one_head": f"{block.feed_forward / block.one_head:.2f}",
            "e24.all_heads": f"{block.feed_forward / block.attention:.0f}",
            "e24.plain": _per_cent(divided, 0),
            "e24.softmax": _per_cent(right, 1),
            "e24.pairs": f"{pairs_grow():.0f}",
            "e24.base": _times(how_many_times("GPT-3", "BERT base")),
            "e24.large": _times(how_many_times("GPT-3", "BERT large")),
            "e24.small": about(small),
            "e24.xl": about(xl),
        }

    def labels(self) -> dict[str, str]:
        return {"e24.sizes": plain(self.texts()["e24.ratio"])}

    def tables(self) -> list[Table]:
        rows = [
            [m.name, str(m.year), f"{m.parameters:,}", m.paper, counted(m)]
            for m in self._models
        ]
        columns = ["Model", "Year", "Parameters", "From", "Counted from its shape"]
        return [Table("Parameters of models", columns, rows)]


def counted(model: Published) -> str:
    """A model's parameters as counted from its shape, if they can be."""
    return "–" if model.counted is None else f"{model.counted:,}"


def _sizes_said() -> str:
    """Which sizes are only quoted, and how near the others come when counted."""
    quoted = [model.name for model in MODELS if model.counted is None]
    found = f"{len(MODELS) - len(quoted)} of the {len(MODELS)}"
    return (
        "Each mark is ten times the one before. Sizes and years are as published, and "
        f"rounded. Counted from their shapes, {found} come within "
        f"{furthest_off():.1%} of that; {listed(quoted)} is only quoted. "
        "That of this page is counted."
    )


def about(count: float) -> str:
    """A size in words: 27 thousand, 1.54 billion."""
    for unit, name in UNITS:
        if count >= unit:
            value = count / unit
            digits = 0 if value >= 99.5 else 1 if value >= 9.95 else 2
            text = f"{value:.{digits}f}"
            return f"{text.rstrip('0').rstrip('.') if '.' in text else text} {name}"
    return f"{count:,.0f}"


def _times(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}"


def _per_cent(numbers: np.ndarray, digits: int) -> str:
    return f"{listed([signed(float(n), digits) for n in numbers])}%"


def _bare(number: str) -> str:
    """As the article sets it: .43 for 0.43."""
    return number.removeprefix("0")
