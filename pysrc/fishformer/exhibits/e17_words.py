"""What E17 says of what it sees, in sentences and tables."""

import numpy as np

from fishformer.exhibits.e17_sight import Sight, between
from fishformer.exhibits.exhibit import Piece, Table, listed, plain
from fishformer.exhibits.numerals import signed
from fishformer.geometry import unit_length
from fishformer.lessons.kinship import Cloud

N_NEAR = 3
CLEAR = 0.1  # cosine: a change that says something


def layer_name(layer: float, last: int) -> str:
    """Which of the layers is shown; it may be between two."""
    whole = int(layer)
    if layer != whole:
        return f"between {whole} and {whole + 1}"
    return f"{whole} of {last}" if whole else "0, before the first"


def after(layer: float) -> str:
    """The nearest layer, in words."""
    nearest = round(layer)
    return f"after layer {nearest}" if nearest else "before the first layer"


def shares_said(sight: Sight) -> str:
    """What the picture leaves out."""
    return (
        f"Three directions of {sight.units.shape[-1]}: they hold "
        f"{sight.shares.sum():.0%} of what tells these "
        f"{len(sight.cloud.words)} words apart. Larger is nearer."
    )


def space_said(sight: Sight, layer: float, model: str) -> str:
    """What the picture of a model shows."""
    return (
        f"{len(sight.cloud.words)} words of {model} in three dimensions, "
        f"{after(layer)}, step {sight.step:,}. {plain(alike_said(sight, layer))}"
    )


def nearest_said(sight: Sight, layer: float, n: int) -> list[Piece]:
    """One point, and what lies nearest to it, in all dimensions."""
    units = between(sight.units, layer)
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


def alike_said(sight: Sight, layer: float) -> list[Piece]:
    """The three cosines at a layer."""
    values = [float(between(values, layer)) for values in sight.alike]
    names = ("the same word in two sentences", "two words of one sentence",
             "any two words")  # fmt: skip
    said: list[Piece] = [(f"Mean cosine {after(layer)}: ", "")]
    for n, (name, value) in enumerate(zip(names, values, strict=True)):
        said += [
            (f"{name} ", ""),
            (signed(value), "num"),
            (", " if n < 2 else ".", ""),
        ]
    return said  # fmt: skip


def depth_said(sight: Sight) -> str:
    """What a deep model can do after each layer."""
    if sight.right is None or sight.held_out is None:
        return ""
    if not np.isfinite(sight.held_out):
        return f"Its vectors are {sight.lengths[-1]:.0f} long at the end."
    read = [n for n in (1, 3, 6, 12) if n <= sight.n_layers]
    layers = [str(n) for n in read]
    right = ", ".join(f"{sight.right[n]:.0%}" for n in read)
    return (
        f"At step {sight.step:,} its held-out loss is {sight.held_out:.2f}. Read "
        f"after layers {listed(layers)}, it guesses {right} of the hidden "
        f"words. Its vectors are {sight.lengths[0]:.1f} long at first and "
        f"{sight.lengths[-1]:.1f} after the last layer."
    )


def change_said(sight: Sight, norm: str = "") -> str:
    """From the first layer to the last; `norm` names a deep model."""
    alike, last = sight.alike, sight.n_layers
    first, end = ([signed(float(values[n])) for values in alike] for n in (0, last))
    name = f" of the {norm}-norm model" if norm else ""
    if norm and alike.everyone[-1] > 0.95:
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


def kin_said(sight: Sight) -> str:
    """What becomes of namesakes, and of the words of one sentence."""
    alike, last = sight.alike, sight.n_layers
    if not np.isfinite([alike.namesakes[0], alike.neighbours[0]]).all():
        return "These sentences share no word: there is nothing to compare."
    apart = [v[last] - v[0] for v in (alike.namesakes, alike.neighbours)]
    ways = (
        "apart" if apart[0] < 0 else "together",
        "together" if apart[1] > 0 else "apart",
    )
    end = "A vector that began as a word ends as a word in a sentence."
    if apart[0] > -CLEAR:
        end = "So it is at this step: let it learn, and look again."
    return (
        f"At step {sight.step:,} the uses of one word move {ways[0]}, from a mean "
        f"cosine of {signed(float(alike.namesakes[0]))} to "
        f"{signed(float(alike.namesakes[last]))}, and the words of one sentence "
        f"{ways[1]}, from {signed(float(alike.neighbours[0]))} to "
        f"{signed(float(alike.neighbours[last]))}. {end}"
    )


def tables_of(sight: Sight, layer: float, name: str) -> list[Table]:
    """All that the two charts show."""
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
    now = between(sight.places, layer)
    points = [
        [word, str(s + 1), str(p + 1), sense, *map(signed, xyz.tolist())]
        for word, s, p, sense, xyz in zip(
            sight.cloud.words, sight.cloud.sentence, sight.cloud.place,
            sight.cloud.senses, now, strict=True,
        )
    ]  # fmt: skip
    where = f"{name}, step {sight.step:,}"
    return [
        Table(f"Mean cosines by layer, {where}", columns, rows),
        Table(
            f"Where each word lies, {after(layer)}",
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
