"""The reader of the fish sentences: loss, attention, heads."""

import numpy as np

from fishformer.config import Config
from fishformer.corpus import Corpus
from fishformer.experiments import ablation_costs, untrained
from fishformer.model import Transformer
from fishformer.probes import (
    attention_entropy,
    attention_of,
    cue_places,
    own_clause_share,
    sense_cues,
    share_on,
)
from fishformer.softmax import cross_entropy_forward
from fishformer.tasks import hide
from fishformer.tokenizer import PAD
from fishformer.training import Trainer
from studies import Experiment, Finding, Measured, trained
from studies.senses import fish, senses

ANYWHERE = np.array([0]), np.array([0])
LOSS_STEPS = (100, 200, 300, 500, 1000)
WHOLE = "nothing taken out"


def layers_of(values: np.ndarray, when: str) -> dict[str, float]:
    """One number a layer, each with its label."""
    return {f"layer {k}, {when}": float(v) for k, v in enumerate(values, start=1)}


def default_run(seed: int) -> Measured:
    """The run that every visitor sees first."""
    trainer = Trainer(Config(seed=seed), fish())
    found: Measured = {name: {} for name in ("held-out loss", "guesses", "ablations")}
    found["own clause"] = layers_of(clause_shares(trainer), "step 0")
    found["entropy"] = layers_of(entropies(trainer), "step 0")
    found["sense cue"] = {f"{at}, step 0": v for at, v in cue_weights(trainer).items()}
    found["senses"] = senses(untrained_model(trainer), "untrained")
    for step in trained(trainer, *LOSS_STEPS):
        held_out = trainer.report.held_out
        assert held_out is not None
        when = f"step {step}"
        found["held-out loss"] |= {
            when: held_out.loss,
            f"every gap, {when}": loss_at_every_gap(trainer, "held_out"),
        }
        found["guesses"] |= {
            f"first, {when}": held_out.top_1,
            f"first five, {when}": held_out.top_5,
        }
        if step in (300, 1000):
            found["ablations"][f"{WHOLE}, {when}"] = held_out.loss
        if step in (500, 1000):
            found["own clause"] |= layers_of(clause_shares(trainer), when)
    found["entropy"] |= layers_of(entropies(trainer), "step 1000")
    cues = cue_weights(trainer).items()
    found["sense cue"] |= {f"{at}, step 1000": weight for at, weight in cues}
    assert isinstance(trainer.model, Transformer) and trainer.held_out_batch
    costs = ablation_costs(trainer.model, trainer.held_out_batch)
    found["heads"] = {
        "one head, least": float(costs.heads.min()),
        "one head, most": float(costs.heads.max()),
        "all of layer 1": float(costs.layers[0]),
        "all of layer 2": float(costs.layers[1]),
    }
    found["senses"] |= senses(trainer.model, "trained")
    return found


def untrained_model(trainer: Trainer) -> Transformer:
    model = untrained(trainer.config, trainer.task)
    assert isinstance(model, Transformer)
    return model


def clause_shares(trainer: Trainer) -> np.ndarray:
    """Own-clause share of each layer, mean over held-out sentences and heads."""
    corpus = fish()
    _, trace = trainer.model.forward(corpus.token_ids("held_out"), ANYWHERE)
    shares = []
    for row, words in enumerate(corpus.held_out):
        T = len(words)
        weights = [b.attention.attn_weights[row, :, :T, :T] for b in trace.blocks]
        share = own_clause_share(np.array(weights), words, corpus.joins)
        if share is not None:
            shares.append(share.mean(axis=-1))
    return np.mean(shares, axis=0)


def entropies(trainer: Trainer) -> np.ndarray:
    """How spread out attention is in each layer, mean over held-out words and heads."""
    _, trace = trainer.model.forward(fish().token_ids("held_out"), ANYWHERE)
    attention = attention_of(trace.stack)
    entropy = attention_entropy(attention.weights, attention.seen)
    assert entropy is not None
    return entropy.mean(axis=1)


def cue_weights(trainer: Trainer) -> dict[str, float]:
    """How much an ambiguous word looks at the words that give its sense away."""
    corpus = fish()
    wanted = cue_places(corpus, "held_out", sense_cues(corpus))
    _, trace = trainer.model.forward(corpus.token_ids("held_out"), ANYWHERE)
    attention = attention_of(trace.stack)
    share = share_on(attention.weights, wanted, attention.seen)
    assert share is not None
    return {
        "best head": float(share.score.max()),
        "mean of heads": float(share.score.mean()),
    }


def loss_at_every_gap(trainer: Trainer, split: str) -> float:
    """Each word of each sentence hidden in turn; sentences weigh alike."""
    assert isinstance(trainer.data, Corpus)
    losses = []
    for row in trainer.data.token_ids(split):
        words = row[row != PAD]
        batch = hide(np.tile(words, (len(words), 1)), np.arange(len(words)))
        logits, _ = trainer.model.forward(batch.token_ids, batch.places)
        losses.append(cross_entropy_forward(logits, batch.targets)[0])
    return float(np.mean(losses))


EXPERIMENTS: dict[str, Experiment] = {"fish": default_run}
FLOOR = fish().grammar_floor or 0.0


FINDINGS = {
    "held-out loss": Finding(
        "E01",
        "Held-out loss falls to {step 100}, {step 300}, {step 500} and {step 1000} "
        "nats at steps 100, 300, 500 and 1,000 ({every gap, step 1000} with every "
        f"word hidden in turn); the grammar's floor is {FLOOR:.2f}.",
        "below 1.6 at step 500, and within 0.6 of the floor at step 1,000",
        lambda m: m["step 500"].max() < 1.6 and m["step 1000"].max() < FLOOR + 0.6,
        "default, 1,000 steps",
        "3.3, 2.5, 1.8, 1.2, .86 at steps 100, 200, 300, 500, 1,000",
    ),
    "guesses": Finding(
        "E01",
        "At step 1,000 the first guess is right for {first, step 1000} of held-out "
        "gaps, and the right word is among the first five for "
        "{first five, step 1000}.",
        "over .75 and .93",
        lambda m: (
            m["first, step 1000"].min() > 0.75
            and m["first five, step 1000"].min() > 0.93
        ),
        "default, 1,000 steps",
        ".72 and .98",
    ),
    "own clause": Finding(
        "E01 E10",
        "Of its attention a word gives its own clause {layer 1, step 0} at the start, "
        "an even spread, and {layer 1, step 1000} and {layer 2, step 1000} in the two "
        "layers at step 1,000.",
        "over .55 and .70",
        lambda m: (
            m["layer 1, step 1000"].min() > 0.55 and m["layer 2, step 1000"].min() > 0.7
        ),
        "default, 1,000 steps; held-out sentences, mean of heads",
        ".47 to .74 and .78 at step 600",
    ),
    "entropy": Finding(
        "E01 E10",
        "Attention starts even (entropy {layer 1, step 0} and {layer 2, step 0} of "
        "what is possible) and ends with structure: {layer 1, step 1000} and "
        "{layer 2, step 1000}.",
        "over .99 in both at first, at last below .96 and .8",
        lambda m: (
            min(m["layer 1, step 0"].min(), m["layer 2, step 0"].min()) > 0.99
            and m["layer 1, step 1000"].max() < 0.96
            and m["layer 2, step 1000"].max() < 0.8
        ),
        "default, 1,000 steps; held-out sentences, mean of heads",
        "1.00 to .84 and .76 at step 600",
    ),
    "sense cue": Finding(
        "E10 E12",
        "The head that looks most at the words which give a sense away gives them "
        "{best head, step 1000} (at first {best head, step 0}); the mean of heads "
        "{mean of heads, step 1000}.",
        "the best head gives over 1.5 times an even share",
        lambda m: bool(
            (m["best head, step 1000"] > 1.5 * m["best head, step 0"]).all()
        ),
        "default, 1,000 steps; held-out sentences",
        ".07 to .20",
    ),
    "heads": Finding(
        "E12",
        "One head switched off costs {one head, least} to {one head, most} nats, all "
        "four of a layer {all of layer 1} and {all of layer 2}: redundancy, not roles.",
        "the costliest head costs less than half of its whole layer",
        lambda m: bool(
            (
                m["one head, most"]
                < np.minimum(m["all of layer 1"], m["all of layer 2"]) / 2
            ).all()
        ),
        "default, 1,000 steps; held-out loss",
        "+.06 to +.31 for one, +1.7 to +1.8 for all of a layer",
    ),
}
