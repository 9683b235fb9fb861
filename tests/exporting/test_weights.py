"""Weights and runs out of files: right, the same again, or refused."""

import io
import json
import pickle
import re
import zipfile

import numpy as np
import pytest
import safetensors.numpy as reference
from carried import (
    EDIT,
    ONE,
    ORIGINALS,
    SENTENCES,
    SMALL,
    about_of,
    back,
    bomb,
    changed,
    header,
    opened,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from fishformer.exhibits.stage import Stage
from fishformer.exporting.taking import Taken
from fishformer.exporting.weights import MEMORIES
from fishformer.links import Link, to_file
from fishformer.storage import StorageError

# ---- weights ----------------------------------------------------------------


@pytest.mark.parametrize("ending", ["npz", "safetensors"])
def test_weights_are_named_and_train_on_with_the_same_bits(stage, taken, ending):
    data = taken.as_file(ending)
    params = stage.timeline.trainer.model.params
    if ending == "npz":
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            read = dict(file)
    else:
        read = reference.load(data)
    assert {*params.views} == {*read} - {"about", *MEMORIES}
    for name, view in params.views.items():
        np.testing.assert_array_equal(read[name], view)

    found = back(data)
    assert found.words == "Training goes on as if it had never left."
    page = opened(found.run)
    assert page.timeline.step == page.timeline.last == 20
    assert page.timeline.report == stage.timeline.report
    assert [page.timeline.advance().loss for _ in range(10)] == [
        *stage.timeline.losses[21:31]
    ]
    page.command("seek", 4)  # before the weights: from the seed
    while page.busy:
        page.work()
    assert page.timeline.report.loss == stage.timeline.losses[4]


@settings(deadline=None, max_examples=20)
@given(st.data())
def test_any_weights_come_back_bit_for_bit(stage, data):
    trainer = stage.timeline.trainer
    buffer, ordinary = trainer.model.params.buffer, trainer.model.params.buffer.copy()
    numbers = st.floats(-2, 2, width=32)
    few = data.draw(arrays_of.arrays(np.float32, 50, elements=numbers))
    try:
        buffer[:50] = few
        for ending in ("npz", "safetensors"):
            found = back(Taken(stage.capture(), stage.timeline).as_file(ending)).run
            state = found.checkpoints[20]
            assert state.params.tobytes() == buffer.tobytes()
            assert state.adam_m.tobytes() == trainer.adam.m.tobytes()
    finally:
        buffer[...] = ordinary


def test_changed_weights_are_told_from_those_of_the_curve(stage, taken):
    data = taken.as_file("npz")
    values, _ = about_of(data)
    found = back(changed(data, tok_emb=values["tok_emb"] * 0))
    assert "not the weights that its curve led to" in found.words
    page = opened(found.run)
    assert (
        page.timeline.base == 20
        and not page.timeline.trainer.model.params["tok_emb"].any()
    )
    page.timeline.advance()
    assert Taken(page.capture(), page.timeline).run.base == 20
    with pytest.raises(ValueError, match="began from weights in a file, at step 20"):
        Taken(page.capture(), page.timeline).as_file("py")
    with pytest.raises(StorageError, match="without them it cannot"):
        back(Taken(page.capture(), page.timeline).as_file("json"))
    page.unpack(page.pack())
    assert page.timeline.base == 20
    loss = page.timeline.losses[21]
    page.command("seek", 18)  # before the base: the old run, up to the base
    while page.busy:
        page.work()
    assert [page.timeline.advance().loss for _ in range(3)][-1] == loss
    page.command("restart")
    assert page.capture().base == 0


def test_weights_without_an_optimiser_train_on(taken):
    found = back(changed(taken.as_file("npz"), **dict.fromkeys(MEMORIES)))
    assert "memory starts empty" in found.words
    page = opened(found.run)
    page.timeline.advance()
    assert np.isfinite(page.timeline.report.loss)


def with_run(**changes):
    return lambda said: {**said, "run": {**said["run"], **changes}}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"tok_emb": np.zeros((2, 3), np.float32)}, "'tok_emb' is 2 × 3 of float32"),
        ({"tok_emb": None}, "no 'tok_emb'"),
        ({"extra": np.zeros(2)}, "'extra', which is no parameter"),
        ({"optimiser.m": np.full(2, 1.0)}, "'optimiser.m' is 2 of float64"),
        ({"optimiser.v": None}, "no 'optimiser.v'"),
        ({"about": lambda said: {**said, "format": "fishformer weights 99"}}, "newer"),
        ({"about": lambda said: {**said, "format": "x"}}, "its format is not"),
        ({"about": lambda said: []}, "its format is not"),
        ({"about": lambda said: {**said, "parameters": {}}}, "which parameters"),
        ({"about": lambda said: {**said, "parameters": {"a": [9**9]}}}, "shape of 'a'"),
        ({"about": lambda said: {**said, "rng_state": {"a": 1}}}, "random state"),
        ({"about": lambda said: {**said, "held_out": "?"}}, "held-out loss is '?'"),
        ({"about": with_run(settings={**SMALL, "layers": "2"})}, "its settings call"),
        ({"about": with_run(settings={"layers": "99"})}, "layers = 99"),
        ({"about": with_run(settings={"model": "decoder"})}, "trains in a terminal"),
        ({"about": with_run(step=99)}, "step = 99 is not on its timeline"),
        ({"about": with_run(step=True)}, "its 'step' is True"),
        ({"about": with_run(losses=["<script>"])}, "among its losses"),
        ({"about": with_run(corpus="one line")}, "sentences"),
        ({"about": with_run(edits={"../../x.py": "1"})}, "edits '../../x.py'"),
        ({"about": with_run(edits={"no.py": "1"})}, "edits no.py"),
        ({"about": with_run(edits={"optim.py": "import os"})}, "os"),
        ({"about": with_run(edits={"optim.py": "x" * 200_001})}, "200,001 characters"),
    ],
)  # fmt: skip
def test_wrong_weights_are_refused_by_name(taken, changes, says):
    data = changed(taken.as_file("npz"), **changes)
    with pytest.raises(StorageError, match=r"a file cannot be brought back: .*"):
        back(data)
    with pytest.raises(StorageError, match=re.escape(says)):
        back(data)


def test_nan_weights_are_refused(taken):
    values, _ = about_of(taken.as_file("npz"))
    values["tok_emb"][0, 0] = np.nan
    with pytest.raises(StorageError, match=r"'tok_emb' holds a number that is none"):
        back(changed(taken.as_file("npz"), tok_emb=values["tok_emb"]))


class Trap:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was opened",))


def test_no_pickle_is_opened(taken):
    trap = np.array([Trap()], dtype=object)
    file = io.BytesIO()
    np.savez(file, about=trap, tok_emb=trap)
    for data, says in (
        (file.getvalue(), "allow_pickle=False"),
        (pickle.dumps(Trap()), "is a pickle"),
        (changed(taken.as_file("npz"), tok_emb=trap), "allow_pickle=False"),
    ):
        with pytest.raises(StorageError, match=says):
            back(data)
    torch = io.BytesIO()
    with zipfile.ZipFile(torch, "w") as out:
        out.writestr("archive/data.pkl", pickle.dumps(Trap()))
    with pytest.raises(StorageError, match="is a pickle"):
        back(torch.getvalue())


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "it is empty"),
        (bytes(150_000_001), "it has 150 MB; up to 150 MB"),
        (bomb(), "unpacked it takes 200 MB"),
        (b"PK\x03\x04 half a zip", "cannot be unpacked"),
        (b"\x93NUMPY\x01\x00", "one array"),
        (b"\x89PNG\r\n\x1a\n\xff", "nothing that this page makes"),
        (b"the cod swims", "it is a text"),
        (b"# /// script\n", "a script is for Python"),
        (b'{"nbformat": 4}', "a notebook is for Jupyter"),
        (b'{"format": "fishformer run 2"}', "A newer page made it"),
        (b'{"format": "fishformer run 1"}', "it has no 'name'"),
        (b'{"a": ', "its JSON cannot be read"),
        (b"{" + b'"a":[' * 9**5, "its JSON cannot be read"),
        (header(a=ONE) + bytes(4), "not made by this page"),
        (b"[]", "it is a text"),
    ],
    ids=lambda x: x[:12] if isinstance(x, str) else "",
)
def test_what_is_no_file_of_ours_is_refused(data, says):
    with pytest.raises(StorageError, match=re.escape(says)):
        back(data)


def test_any_part_of_a_file_is_refused_or_read(taken):
    data = taken.as_file("npz")
    for end in range(0, len(data), len(data) // 40):
        with pytest.raises(StorageError):
            back(data[:end])


# ---- runs -------------------------------------------------------------------


def test_a_run_comes_back_at_its_step_from_its_seed(stage, taken):
    said = json.loads(taken.as_file("json"))
    assert said["corpus"] == "fish" and said["seed"] == 5 and said["replayable"]
    found = back(taken.as_file("json"))
    page = opened(found.run)
    assert found.words == "Its 20 steps are made again from its seed."
    assert page.timeline.step == 20 and page.timeline.last == 30
    assert page.timeline.report == stage.timeline.report
    assert page.timeline.held_out == stage.timeline.held_out
    assert page.live.name == stage.live.name and page.live.text is None


def test_on_a_long_way_to_its_step_a_run_says_where_it_is(taken, monkeypatch):
    monkeypatch.setattr("fishformer.player.TOLD_EVERY", 0)
    page = Stage()
    page.add_run(back(taken.as_file("json")).run)
    said = []
    while page.busy:
        assert page.work()
        said.append(page.player.status)
    assert "On the way to step 20, now 7" in said
    assert said[-1] == "Step 20, wound back from 30"


@pytest.mark.parametrize("edits", [{}, EDIT], ids=["", "edited"])
@pytest.mark.parametrize("ending", ["npz", "safetensors", "json"])
def test_a_run_on_own_sentences(ending, edits):
    page = Stage(SMALL)
    page.start_run(text=SENTENCES)
    page.timeline.advance()
    page.live.edits |= edits
    found = back(Taken(page.capture(), page.timeline).as_file(ending), edits=edits)
    assert found.run.edits == edits and found.run.text == SENTENCES
    assert opened(found.run).timeline.report == page.timeline.report


def test_a_file_of_a_link_becomes_a_run(stage):
    link = Link({"seed": "9", "d_model": "8", "heads": "2"}, 12, SENTENCES, EDIT)
    found = back(to_file(link, ORIGINALS))
    assert (found.goal, found.run.text, found.run.edits) == (12, SENTENCES, EDIT)
    assert found.run.config.seed == 9
    stage = Stage()
    stage.add_run(found.run)
    assert stage.timeline.step == 0 and stage.config.seed == 9
    with pytest.raises(StorageError, match="layers = 99"):
        back(to_file(Link({"layers": "99"}), ORIGINALS))
