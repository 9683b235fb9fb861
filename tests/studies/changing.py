"""The reader changed: without a part, twelve layers deep, with few sentences."""

import numpy as np

from fishformer.config import Config
from fishformer.corpus import load_corpus
from fishformer.experiments import (
    logit_lens,
    vectors_by_layer,
)
from fishformer.geometry import mean_cosine
from fishformer.grammar import plain, read_data
from fishformer.model import Transformer
from fishformer.probes import (
    saturation,
)
from fishformer.tokenizer import PAD
from fishformer.training import Trainer
from studies import Experiment, Finding, Measured, held_out_loss, trained
from studies.reading import WHOLE, fish, loss_at_every_gap

WITHOUT = {
    "residual": {"residual": False},
    "layer norm": {"norm": "none"},
    "root of dₖ": {"scale_scores": False},
    "feed-forward": {"feed_forward": False},
    "positions": {"positions": "none"},
}


# ---- E14: what it does without -----------------------------------------------------


def ablation_of(part: str) -> Experiment:
    """The default run without one part."""

    def run(seed: int) -> Measured:
        trainer = Trainer(Config(seed=seed, **WITHOUT[part]), fish())
        return {
            "ablations": {
                f"no {part}, step {step}": held_out_loss(trainer)
                for step in trained(trainer, 300, 1000)
            }
        }

    return run


def saturated(seed: int) -> Measured:
    """Random queries and keys: how much weight the largest of 10 scores gets."""
    rng = np.random.default_rng(seed)
    seen = np.ones((64, 10, 10), bool)
    found = {}
    for d_k in (8, 512):
        q, k = rng.standard_normal((2, 1, 1, 64, 10, d_k))
        weights = saturation(q, k, seen)
        found[f"d_k {d_k}, as it is"] = float(weights.unscaled.mean())
        found[f"d_k {d_k}, divided"] = float(weights.scaled.mean())
    return {"saturation": found}


# ---- E17: twelve layers ------------------------------------------------------------


def deep(norm: str) -> Experiment:
    """Twelve layers, with the layer norms before or after."""

    def run(seed: int) -> Measured:
        trainer = Trainer(Config(seed=seed, n_layers=12, norm=norm), fish())
        found = {
            f"{norm}, loss, step {step}": held_out_loss(trainer)
            for step in trained(trainer, 200, 500)
        }
        batch = trainer.held_out_batch
        assert isinstance(trainer.model, Transformer) and batch
        _, trace = trainer.model.forward(batch.token_ids, batch.places)
        vectors = vectors_by_layer(trace.stack)
        words = vectors[:, batch.token_ids != PAD]
        lens = logit_lens(trainer.model, trace.stack, batch.places)
        right = (lens.argmax(axis=-1) == batch.targets).mean(axis=1)
        lengths = np.linalg.norm(words, axis=-1).mean(axis=1)
        for layer in (0, 1, 2, 3, 6, 9, 12):
            found |= {
                f"{norm}, cosine, layer {layer}": float(mean_cosine(words)[layer]),
                f"{norm}, right, layer {layer}": float(right[layer]),
                f"{norm}, length, layer {layer}": float(lengths[layer]),
            }
        return {"depth": found}

    return run


# ---- what is too small -------------------------------------------------------------


def by_hand_alone(seed: int) -> Measured:
    """The sentences by hand, and no others."""
    lines = read_data("fish_by_hand.txt").splitlines()
    texts = [" ".join(plain(tuple(line.split()))) for line in lines if line[0] != "#"]
    trainer = Trainer(Config(seed=seed), load_corpus("\n".join(texts)))
    steps = range(20, 601, 20)
    losses = [loss_at_every_gap(trainer, "held_out") for _ in trained(trainer, *steps)]
    best = int(np.argmin(losses))
    found = {
        "best held-out loss": losses[best],
        "its step": float(steps[best]),
        "held-out loss, step 600": losses[-1],
        "training loss, step 600": loss_at_every_gap(trainer, "train"),
    }
    return {"by hand alone": found}


EXPERIMENTS: dict[str, Experiment] = {
    **{f"no {part}": ablation_of(part) for part in WITHOUT},
    "saturation": saturated,
    "deep, pre": deep("pre"),
    "deep, post": deep("post"),
    "by hand": by_hand_alone,
}


def costs(m: dict[str, np.ndarray], part: str, step: int) -> np.ndarray:
    """What the loss rises by without a part, seed by seed."""
    return m[f"no {part}, step {step}"] - m[f"{WHOLE}, step {step}"]


FINDINGS = {
    "ablations": Finding(
        "E14",
        f"Held-out loss at step 300 is {{{WHOLE}, step 300}}; without residual "
        "{no residual, step 300}, positions {no positions, step 300}, layer norm "
        "{no layer norm, step 300}, root of d_k {no root of dₖ, step 300}, "
        f"feed-forward {{no feed-forward, step 300}}. At step 1,000: {{{WHOLE}, "
        "step 1000}; {no residual, step 1000}, {no positions, step 1000}, "
        "{no layer norm, step 1000}, {no root of dₖ, step 1000}, "
        "{no feed-forward, step 1000}.",
        "no residual costs over 1 nat, and no positions cost something, at both steps; "
        "without layer norm, and without feed-forward, step 300 is better",
        lambda m: (
            min(costs(m, "residual", step).min() for step in (300, 1000)) > 1
            and min(costs(m, "positions", step).min() for step in (300, 1000)) > 0
            and max(
                costs(m, part, 300).max() for part in ("layer norm", "feed-forward")
            )
            < 0
        ),
        "default but for one part, 1,000 steps",
        "at step 300: 1.93; residual 3.25, positions 2.58; the others within the "
        "spread, or the reverse",
    ),
    "saturation": Finding(
        "E14",
        "The largest of ten weights of random queries and keys is {d_k 8, as it is} at "
        "d_k 8 and {d_k 512, as it is} at d_k 512; divided by the root of d_k, "
        "{d_k 8, divided} and {d_k 512, divided}.",
        "over .9 at d_k 512, below .4 divided",
        lambda m: (
            m["d_k 512, as it is"].min() > 0.9 and m["d_k 512, divided"].max() < 0.4
        ),
        "standard normal numbers, 64 sentences of 10 words",
        ".61 at d_k 8, .95 at 512, .31 divided",
    ),
    "depth": Finding(
        "E17",
        "With 12 layers pre-norm learns (held-out loss {pre, loss, step 500} at step "
        "500) and post-norm does not ({post, loss, step 500}): after its last layer "
        "the mean cosine between words is {post, cosine, layer 12} "
        "(pre-norm {pre, cosine, layer 12}). Read after layers 1, 3, 6 and 12, "
        "pre-norm guesses {pre, right, layer 1}, {pre, right, layer 3}, "
        "{pre, right, layer 6} and {pre, right, layer 12} right; its vectors grow from "
        "{pre, length, layer 0} to {pre, length, layer 12}.",
        "pre-norm below 2.5, post-norm above 3.8 with a cosine over .95",
        lambda m: (
            m["pre, loss, step 500"].max() < 2.5
            and m["post, loss, step 500"].min() > 3.8
            and m["post, cosine, layer 12"].min() > 0.95
        ),
        "12 layers, 500 steps; held-out sentences",
        "pre-norm 1.92 at step 500, .05 .27 .36 ... .55 by layer, lengths 1.5 to 66; "
        "post-norm stuck at word frequency, cosine 1.00",
    ),
    "by hand alone": Finding(
        "E01",
        "Sentences by hand alone are only memorised: held-out loss is best, "
        "{best held-out loss}, at step {its step}, and {held-out loss, step 600} at "
        "step 600, where training loss is {training loss, step 600}.",
        "held-out loss never below 3, and over a nat above its best at step 600",
        lambda m: (
            m["best held-out loss"].min() > 3
            and bool((m["held-out loss, step 600"] > m["best held-out loss"] + 1).all())
        ),
        "default, the sentences by hand, 600 steps",
        "161 sentences: 3.87, overfitting from step 200",
    ),
}
