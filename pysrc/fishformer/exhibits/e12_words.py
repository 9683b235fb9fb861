"""What E12 says of heads and of what each costs.

Shapes: L layers, H heads.
"""

import json
from collections.abc import Collection
from functools import cache

import numpy as np

from fishformer.charts.bars import percent
from fishformer.charts.costs import CostRow
from fishformer.config import Config
from fishformer.exhibits.e12_costs import Costs, Head
from fishformer.exhibits.exhibit import Matrix, Table, Words, listed
from fishformer.exhibits.numerals import gain
from fishformer.grammar import read_data
from fishformer.lessons.counting import GPT_2, GPT_3, Shape
from fishformer.lessons.heads import Costing, HeadScores

EVENNESS = "evenness"


def nats(value: float) -> str:
    """A change of the loss, with its sign."""
    text = gain(value)
    return "0.00" if text[1:] == "0.00" else text


# What is shown of five runs: (finding, what was measured) and its name here.
FIVE = {
    ("heads", "one head, least"): "cheapest head",
    ("heads", "one head, most"): "dearest head",
    ("heads", "all of layer 1"): "all of layer 1",
    ("heads", "all of layer 2"): "all of layer 2",
    ("sense cue", "best head, step 0"): "cue, best head, at 0",
    ("sense cue", "best head, step 1000"): "cue, best head, at 1,000",
    ("sense cue", "mean of heads, step 1000"): "cue, mean, at 1,000",
}


@cache
def five_seeds() -> Matrix:
    """What the heads of the default model do, from five random starts."""
    found = json.loads(read_data("findings.json"))
    values = []
    for name, key in FIVE:
        measured = found["findings"][name]["measured"][key]
        say = nats if name == "heads" else percent
        values.append([say(value) for value in (measured["mean"], *measured["values"])])
    columns = ["mean", *(f"seed {seed}" for seed in found["seeds"])]
    return Matrix(values, list(FIVE.values()), columns)


def n_heads(shape: Shape) -> int:
    """All heads of a model."""
    return shape.n_layers * shape.n_heads


def sizes_said(config: Config) -> str:
    """How many heads other models have."""
    return (
        f"Ours: {config.n_layers} layers of {config.n_heads}. GPT-2 in its small "
        f"size: {GPT_2.n_layers} of {GPT_2.n_heads}, which is {n_heads(GPT_2):,} "
        f"heads. GPT-3: {GPT_3.n_layers} of {GPT_3.n_heads}, which is "
        f"{n_heads(GPT_3):,}"
    )


def names_of(heads: Collection[Head], config: Config) -> str:
    """Such as "head 1.2", "heads 1.2 and 2.3" or "all of layer 1 and head 2.3"."""
    whole, single = [], []
    for layer in range(1, config.n_layers + 1):
        here = [f"{n}.{h}" for n, h in sorted(heads) if n == layer]
        if len(here) == config.n_heads > 1:
            whole.append(f"all of layer {layer}")
        else:
            single += here
    if single:
        single[0] = f"head{'s' * (len(single) > 1)} {single[0]}"
    return listed([*whole, *single])


def loss_name(held_out: bool) -> str:
    """Which loss the costs are measured by."""
    return "the held-out loss" if held_out else "the loss on training sentences"


def cost_said(without: str, cost: Costing, loss: str) -> Words:
    """What it costs to do without the heads of this name."""
    with_all, others = cost.losses
    return [
        (f"Without {without}, at step {cost.step:,}, ", ""),
        (f"{loss} is ", ""),
        (f"{others:.2f}", "num"),
        (" instead of ", ""),
        (f"{with_all:.2f}", "num"),
        (": ", ""),
        (f"{nats(others - with_all)} nats", "num strong"),
        (". The live model itself keeps all its heads.", ""),
    ]


def each_said(costs: Costs, loss: str) -> str:
    """What it costs to do without each head, and without each layer's."""
    heads, layers = costs.heads, costs.layers
    return (
        f"At step {costs.step:,} {loss} is {costs.loss:.2f}. "
        f"One head less changes it by {nats(float(heads.min()))} to "
        f"{nats(float(heads.max()))}, all heads of a layer by "
        f"{nats(float(layers.min()))} to {nats(float(layers.max()))}."
    )


NOT_MEASURED = (
    "{n} heads, each taken out alone, then each layer’s together. It takes about a "
    "second."
)
FAILED = (
    "This run has failed: its numbers are no longer numbers. Wind it back to an "
    "earlier step."
)


def sample_said(scores: HeadScores, n_sentences: int, split: str) -> str:
    """On what the scores are measured, and what they would be for an even look."""
    even = ", ".join(
        f"{name} {percent(share.even)}" for name, share in scores.shares.items()
    )
    kind = "held-out" if split == "held_out" else "training"
    return (
        f"Means over {n_sentences} {kind} sentences. Attention spread evenly would "
        f"give: {even}."
    )


def cost_rows(costs: Costs, lit: Head) -> list[CostRow]:
    """Each layer's heads, what they add up to, and the whole layer."""
    rows = []
    for layer, heads in enumerate(costs.heads.tolist(), start=1):
        for head, cost in enumerate(heads, start=1):
            name = f"head {layer}.{head}"
            rows.append(CostRow(name, cost, lit=(layer, head) == lit))
        rows.append(CostRow("added up", float(costs.heads[layer - 1].sum())))
        whole = float(costs.layers[layer - 1])
        rows.append(CostRow(f"all of layer {layer}", whole, whole=True))
    return rows


def cost_table(each: Costs, lit: Head) -> Table:
    """The same in numbers."""
    rows = [[row.label, nats(row.cost)] for row in cost_rows(each, lit)]
    caption = f"Change of the loss without it, nats, step {each.step:,}"
    return Table(caption, ["taken out", "change"], rows)


def finding(step: int, name: str, values: np.ndarray, even: float) -> str:
    """How far the heads differ in one score: (L, H)."""
    layer, head = np.unravel_index(int(values.argmax()), values.shape)
    low = percent(float(values.min()))
    best = f"{percent(float(values.max()))} (head {layer + 1}.{head + 1})"
    if name == EVENNESS:
        return (
            f"At step {step:,} the evenness of the heads is from {low} to {best}; "
            "100% is an even look at every word."
        )
    return (
        f"At step {step:,} heads give from {low} to {best} of their attention to "
        f"“{name}”; an even spread would give {percent(even)}."
    )
