"""Whatever is measured, the model and its training go on as if it had not been."""

from typing import NamedTuple

import numpy as np
import pytest

from fishformer.config import Config
from fishformer.experiments import (
    ablation_costs,
    logit_lens,
    sense_vectors,
    state_input_gradient,
    untrained,
    vectors_by_layer,
)
from fishformer.geometry import Projector, mean_cosine, sense_split
from fishformer.probes import (
    attention_entropy,
    attention_of,
    cue_places,
    head_scores,
    own_clause_share,
    saturation,
    sense_cues,
    share_on,
)
from fishformer.training import Trainer

SMALL = {"d_model": 8, "n_heads": 2, "d_ff": 6, "batch_size": 4}
TRANSFORMERS = ("encoder", "decoder", "encoder-decoder")
NORMS = ("post", "pre", "none")


def all_arrays(thing):
    """Copies of every array, number and text in named tuples, tuples and dicts."""
    if isinstance(thing, np.ndarray):
        return [(thing.dtype.str, thing.shape, thing.tobytes())]
    if isinstance(thing, dict):
        thing = [*thing.items()]
    if isinstance(thing, tuple | list):
        return [found for part in thing for found in all_arrays(part)]
    return [repr(thing)]


def everything(trainer):
    model = trainer.model
    return all_arrays(
        [
            *(model.params.buffer, model.grads.buffer, trainer.grads.buffer),
            *(trainer.adam.m, trainer.adam.v, trainer.rng.bit_generator.state),
            *(trainer.trace, trainer.batch, trainer.report, trainer.held_out_batch),
            trainer.checkpoint(),
        ]
    )


def measure_everything(trainer, data):
    """Every probe there is, as an exhibit might use it."""
    model, batch = trainer.model, trainer.batch
    place = int(batch.places[1][0])
    source = None if batch.source_ids is None else batch.source_ids[0]
    state_input_gradient(model, batch.token_ids[0], place, source)
    if model.config.model in TRANSFORMERS:
        _, trace = model.forward(batch.token_ids, batch.places, batch.source_ids)
        attention = attention_of(trace.stack)
        attention_entropy(attention.weights, attention.seen)
        head_scores(attention, batch.token_ids)
        saturation(attention.q, attention.k, attention.seen)
        vectors = vectors_by_layer(trace.stack)
        mean_cosine(vectors)
        projector = Projector(2)
        projector.keep(0, vectors)
        projector.project(1, vectors)
        logit_lens(model, trace.stack, batch.places)
        ablation_costs(model, batch)
        if getattr(data, "senses", ()):
            wanted = cue_places(data, "train", sense_cues(data))
            rows = wanted[: len(batch.token_ids)]
            T = batch.token_ids.shape[1]
            share_on(attention.weights, rows[:, :T, :T], attention.seen)
            own_clause_share(attention.weights[:, :, 0], data.train[0], data.joins)
            found = sense_vectors(model, data, "bass", ("train",))
            sense_split(found.vectors, found.senses)
    untrained(trainer.config, trainer.task)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("model", [*TRANSFORMERS, "elman", "lstm"])
def test_no_measure_changes_anything(model, norm, small, backwards):
    data = backwards if model == "encoder-decoder" else small
    config = Config(**SMALL, model=model, norm=norm)
    measured, left_alone = Trainer(config, data), Trainer(config, data)
    for _ in range(3):
        before = everything(measured)
        measure_everything(measured, data)
        assert everything(measured) == before
        measured.update()
        left_alone.update()
        assert everything(measured) == everything(left_alone)


def test_no_measure_of_the_fish_changes_anything(fish):
    trainer = Trainer(Config(**SMALL), fish)
    before = everything(trainer)
    measure_everything(trainer, fish)
    assert everything(trainer) == before


class Nested(NamedTuple):
    inner: tuple


def test_the_comparison_sees_a_change_of_one_bit():
    numbers = np.zeros(3)
    thing = {"a": Nested((numbers, 1.0))}
    before = all_arrays(thing)
    numbers[1] = -0.0
    assert all_arrays(thing) != before
