"""Which numbers of a pass one goes into, and the way from there to the loss.

Both ways are plain sums. Forward: a number is a sum of products, a softmax, a layer
norm of others. Backward, the chain rule: its gradient is a sum over the numbers that
it goes into, of their gradients times how much each moves when it does.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from fishformer.layers import ACTIVATIONS, EPS
from fishformer.lessons.layout import Layout
from fishformer.lessons.places import LOSS, PROBS, Number, is_parameter, split

At = Callable[[int], Number]  # where the n-th of some numbers stands
FAR = 500  # numbers on a way; a model of twelve layers has some 70


class Uses(NamedTuple):
    """Numbers that one goes into, as far as they stand in one place."""

    at: At
    slopes: np.ndarray  # (N,) how much each moves when the number does
    gradients: np.ndarray  # (N,) of the loss with respect to each

    @property
    def parts(self) -> np.ndarray:
        """What each hands back: (N,)."""
        return self.slopes * self.gradients


class Wiring(Layout):
    """Which numbers of one reading a number goes into, and the way to the loss."""

    def uses(self, number: Number) -> list[Uses]:
        """All that a number goes into directly; nothing for the loss."""
        _, name = split(number.place)
        if is_parameter(number.place):
            return [uses for uses in self._of_parameter(number) if len(uses.slopes)]
        own = getattr(self, f"_of_{name}", None)
        return list(own(number) if own else self._of_stream(number))

    def handed_back(self, number: Number) -> float:
        """The gradient as the sum that the chain rule says it is."""
        return sum(float(uses.parts.sum()) for uses in self.uses(number))

    def onward(self, number: Number) -> Number | None:
        """Of the numbers that it goes into, the one that hands back most.

        None for the loss, and where nothing is handed back at all.
        """
        best, most = None, 0.0
        for uses in self.uses(number):
            n = int(np.abs(uses.parts).argmax())
            if abs(uses.parts[n]) > most:
                best, most = uses.at(n), float(abs(uses.parts[n]))
        return best

    def way(self, number: Number) -> list[Number]:
        """From a number to the loss, always by what hands back most."""
        found = [number]
        while len(found) < FAR and (ahead := self.onward(found[-1])) is not None:
            found.append(ahead)
        return found

    def _row(self, place: str, row: int, slopes: np.ndarray, head: int = 0) -> Uses:
        """Uses in one row of a place, which is slopes long."""
        gradients = self.gradients[place]
        mine = gradients[head, row] if gradients.ndim == 3 else gradients[row]
        return Uses(lambda n: Number(place, row, n, head), slopes, mine)

    def _column(self, place: str, column: int, slopes: np.ndarray, head: int = 0):
        """Uses in one column of a place, from its first row on."""
        gradients = self.gradients[place]
        mine = (
            gradients[head, :, column] if gradients.ndim == 3 else gradients[:, column]
        )
        return Uses(lambda n: Number(place, n, column, head), slopes, mine)

    def _one(self, place: str, row: int, column: int, slope: float) -> Uses:
        gradient = self.gradients[place][row, column]
        at = Number(place, row, column)
        return Uses(lambda _: at, np.array([slope]), np.array([gradient]))

    def _share(self, number: Number, columns: np.ndarray) -> np.ndarray:
        """The numbers of one head among those of all side by side."""
        width = self.config.d_head
        return columns[..., number.head * width : (number.head + 1) * width]

    def _of_q(self, number: Number) -> Iterator[Uses]:
        layer = f"layer_{split(number.place)[0]}"
        k = self.values[f"{layer}.k"][number.head, :, number.column]
        yield self._row(f"{layer}.scores", number.row, k / self.divisor, number.head)

    def _of_k(self, number: Number) -> Iterator[Uses]:
        layer = f"layer_{split(number.place)[0]}"
        q = self.values[f"{layer}.q"][number.head, :, number.column]
        yield self._column(f"{layer}.scores", number.row, q / self.divisor, number.head)

    def _of_v(self, number: Number) -> Iterator[Uses]:
        layer = f"layer_{split(number.place)[0]}"
        looks = self.values[f"{layer}.attn_weights"][number.head, :, number.row]
        column = number.head * self.config.d_head + number.column
        yield self._column(f"{layer}.mixed", column, looks)

    def _of_scores(self, number: Number) -> Iterator[Uses]:
        place = f"layer_{split(number.place)[0]}.attn_weights"
        looks = self.values[place][number.head, number.row]
        slopes = looks * (np.eye(len(looks))[number.column] - looks[number.column])
        yield self._row(place, number.row, slopes, number.head)

    def _of_attn_weights(self, number: Number) -> Iterator[Uses]:
        layer = f"layer_{split(number.place)[0]}"
        v = self.values[f"{layer}.v"][number.head, number.column]
        start, place = number.head * self.config.d_head, f"{layer}.mixed"
        mine = self._share(number, self.gradients[place][number.row])
        yield Uses(lambda n: Number(place, number.row, start + n), v, mine)

    def _of_mixed(self, number: Number) -> Iterator[Uses]:
        layer = f"layer_{split(number.place)[0]}"
        w_o = self.values[f"{layer}.w_o"][number.column]
        yield self._row(f"{layer}.attn_out", number.row, w_o)

    def _of_before(self, number: Number) -> Iterator[Uses]:
        place = f"layer_{split(number.place)[0]}.hidden"
        back = ACTIVATIONS[self.config.activation][1]
        slope = back(np.ones(1), np.array([self.reading.value(number)]))
        yield self._one(place, number.row, number.column, float(slope[0]))

    def _of_hidden(self, number: Number) -> Iterator[Uses]:
        layer = f"layer_{split(number.place)[0]}"
        w_out = self.values[f"{layer}.w_out"][number.column]
        yield self._row(f"{layer}.ffn_out", number.row, w_out)

    def _of_logits(self, number: Number) -> Iterator[Uses]:
        right = float(number.column == self.reading.target)
        yield self._one(LOSS, 0, 0, self.values[PROBS][0, number.column] - right)

    def _of_probs(self, number: Number) -> Iterator[Uses]:
        right = number.column == self.reading.target
        yield self._one(LOSS, 0, 0, -1 / self.reading.value(number) if right else 0.0)

    def _of_loss(self, number: Number) -> Iterator[Uses]:
        yield from ()

    def _of_norm(self, norm: str, number: Number) -> Uses:
        """Into every number of the row: it moves the mean and the variance too."""
        standing = self.standing(norm, number.row)
        D = len(standing.x)
        own = np.eye(D)[number.column]
        along = standing.normed * standing.normed[number.column]
        gain = self.values[f"{self.norm_parameters(norm)}.gain"][0]
        slopes = gain * (own - 1 / D - along / D) / np.sqrt(standing.variance + EPS)
        return self._row(norm, number.row, slopes)

    def _of_stream(self, number: Number) -> Iterator[Uses]:
        """What stands in a word's row from layer to layer: it can go several ways."""
        place, row, column = number.place, number.row, number.column
        if place == "embedding":
            yield self._of_norm("embedded", number)
        for layer in range(1, self.config.n_layers + 1):
            for half in (1, 2):
                norm = f"layer_{layer}.norm_{half}"
                sublayer, sum_ = self.sublayer(layer, half), f"layer_{layer}.sum_{half}"
                if sublayer not in self.values:
                    continue
                stream = self.stream(layer, half)
                if sum_ in self.values and place in (stream, sublayer):
                    yield self._one(sum_, row, column, 1.0)
                if norm in self.values and place == self.normed_from(norm):
                    yield self._of_norm(norm, number)
                if place == self.inside(layer, half):
                    yield from self._projected(layer, half, row, column)
        if "ln_final" in self.values and place == self.streams[-1]:
            yield self._of_norm("ln_final", number)
        if place == self.top and row == self.position:
            yield self._row("logits", 0, self.values["w_vocab"][column])

    def _projected(
        self, layer: int, half: int, row: int, column: int
    ) -> Iterator[Uses]:
        if half == 2:
            w_in = self.values[f"layer_{layer}.w_in"][column]
            yield self._row(f"layer_{layer}.before", row, w_in)
            return
        for name in "qkv":
            weights = self.values[f"layer_{layer}.w_{name}"][column]
            for head in range(self.config.n_heads):
                mine = self._share(Number("", head=head), weights)
                yield self._row(f"layer_{layer}.{name}", row, mine, head)

    def _of_parameter(self, number: Number) -> Iterator[Uses]:
        """A parameter goes into the same number of every word."""
        layer, name = split(number.place)
        row, column = number.row, number.column
        owner, _, kind = name.rpartition(".")
        T = len(self.token_ids)
        if kind in ("gain", "bias"):
            norms = {"ln_emb": "embedded", "ln_final": "ln_final"}
            norm = norms.get(owner) or f"layer_{layer}.norm_{owner[-1]}"
            rows = [self.standing(norm, t).normed[column] for t in range(T)]
            slopes = np.array(rows) if kind == "gain" else np.ones(T)
            yield self._column(norm, column, slopes)
        elif name == "tok_emb":
            used = np.array(self.token_ids) == row
            yield self._column("embedding", column, used.astype(float))
        elif name == "pos_emb":
            if row < T:
                yield self._one("embedding", row, column, 1.0)
        elif name in ("w_vocab", "b_vocab"):
            slope = 1.0
            if name == "w_vocab":
                slope = float(self.values[self.top][self.position, row])
            yield self._one("logits", 0, column, slope)
        elif name in ("w_q", "w_k", "w_v"):
            x = self.values[self.inside(layer, 1)][:, row]
            head, at = divmod(column, self.config.d_head)
            yield self._column(f"layer_{layer}.{name[-1]}", at, x, head)
        else:
            into, source = {
                "w_o": ("attn_out", f"layer_{layer}.mixed"),
                "w_in": ("before", self.inside(layer, 2)),
                "w_out": ("ffn_out", f"layer_{layer}.hidden"),
                "b_in": ("before", ""), "b_out": ("ffn_out", ""),
            }[name]  # fmt: skip
            slopes = self.values[source][:, row] if source else np.ones(T)
            yield self._column(f"layer_{layer}.{into}", column, slopes)
