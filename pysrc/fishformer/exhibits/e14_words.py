"""What E14 says of its runs, and of the division by the root of d_k."""

from collections.abc import Sequence

from fishformer.charts.series import Curve
from fishformer.exhibits.e14_pictures import STAGES, five_seeds, largest, means
from fishformer.exhibits.exhibit import Piece, Table
from fishformer.exhibits.numerals import gain
from fishformer.lessons.ablations import KINDS, WHOLE, AblationRun, overlap
from fishformer.lessons.normalising import D_KS
from fishformer.probes import Saturation


def status_said(pair: Sequence[AblationRun | None], goal: int | None, seed: int) -> str:
    """How far both runs are; they are trained to a goal, or at rest."""
    if goal:
        step = min(run.step if run else 0 for run in pair)
        return f"Training both, step {step:,} of {goal:,}, seed {seed}"
    runs = [run for run in pair if run]
    if any(run.trouble for run in runs):
        return "Training failed: the loss is no longer a number."
    if len(runs) < len(pair):
        return f"Not trained yet, seed {seed}"
    return f"Step {min(run.step for run in runs):,}, seed {seed}"


def untrained_said(kind: str, seed: int) -> list[Piece]:
    """What can be trained here."""
    return [
        (f"With {KINDS[kind].without}: train it here beside the whole model. Both "
         f"start from seed {seed} and learn from the same sentences.", "")
    ]  # fmt: skip


def trained_said(kind: str, step: int, whole: float, lacking: float) -> list[Piece]:
    """The losses of the two runs of this page."""
    return [
        (f"Here, at step {step:,}: the whole model ", ""), (f"{whole:.2f}", "num"),
        (f", {KINDS[kind].without} ", ""), (f"{lacking:.2f}", "num"),
        (": ", ""), (f"{gain(lacking - whole)} nats", "num strong"), (".", ""),
    ]  # fmt: skip


def five_said(kind: str) -> str:
    """What five seeds say, in words that they bear out."""
    seeds, mean_of, said = five_seeds(), means(), []
    for step in STAGES:
        whole, lacking = seeds[WHOLE][step], seeds[kind][step]
        both = f"{mean_of[kind][step]:.2f} against {mean_of[WHOLE][step]:.2f}"
        if overlap(whole, lacking):
            said.append(f"at step {step:,} {both}, but the seeds overlap")
        elif min(lacking) > max(whole):
            said.append(f"at step {step:,} {both}, worse with every seed")
        else:
            said.append(f"at step {step:,} {both}, better with every seed")
    return f"Five seeds, {KINDS[kind].without}: {said[0]}; {said[1]}."


def saturated_said(d_k: int) -> list[Piece]:
    """What random queries and keys of d_k numbers come to."""
    plain, divided = largest(d_k)
    return [
        ("With dₖ = ", ""), (f"{d_k}", "num"),
        (" the largest of ten weights is ", ""), (f"{plain:.2f}", "num"),
        (" on average; divided by √dₖ, ", ""), (f"{divided:.2f}", "num"), (".", ""),
    ]  # fmt: skip


def live_said(found: Saturation, d_k: int, step: int, n_words: int) -> str:
    """The same in the live model, for one sentence."""
    divided, plain = float(found.scaled.mean()), float(found.unscaled.mean())
    return (
        f"In the live model dₖ is {d_k}. At step {step:,} the largest weight in a row "
        f"of {n_words} is {divided:.2f} divided and would be {plain:.2f} undivided, "
        "mean over heads and words of one sentence."
    )


def saturation_label() -> str:
    """The chart of it as a sentence."""
    found = {d_k: largest(d_k) for d_k in D_KS}
    told = (f"{d_k}: {plain:.2f} and {own:.2f}" for d_k, (plain, own) in found.items())
    return f"The largest of ten weights by dₖ, as it is and divided: {', '.join(told)}."


def saturation_table() -> Table:
    """The chart of it in numbers."""
    rows = [[str(d_k), *(f"{share:.3f}" for share in largest(d_k))] for d_k in D_KS]
    heads = ["dₖ", "as it is", "divided by its root"]
    return Table("The largest of ten weights, mean", heads, rows)


def runs_tables(curves: Sequence[Curve]) -> list[Table]:
    """What has been trained in this page, if anything has."""
    rows = [
        [curve.label or "another seed", f"{step:,.0f}", f"{loss:.3f}"]
        for curve in curves
        for step, loss in zip(curve.x, curve.y, strict=True)
    ]
    return [Table("Trained here", ["model", "step", "loss"], rows)] if rows else []
