import json
import pickle
from dataclasses import replace

import numpy as np
import pytest

from fishformer.config import Config
from fishformer.storage import FORMAT, StorageError, load, save
from fishformer.tasks import Pair, Pairs, Question, Questions
from fishformer.training import Trainer

QUICK = Config(d_model=8, n_heads=2, d_ff=8, batch_size=8, seed=3)


@pytest.fixture
def saved(small, tmp_path):
    trainer = Trainer(QUICK, small)
    for _ in range(12):
        trainer.update()
    save(tmp_path / "run.npz", trainer)
    return trainer, tmp_path / "run.npz"


def test_a_saved_run_goes_on_with_the_same_bits(saved):
    trainer, path = saved
    loaded = load(path)
    assert loaded.config == QUICK
    assert loaded.report == trainer.report
    assert [loaded.update() for _ in range(15)] == [trainer.update() for _ in range(15)]
    np.testing.assert_array_equal(
        loaded.model.params.buffer, trainer.model.params.buffer
    )


def test_the_fish_come_back_whole(fish, tmp_path):
    save(tmp_path / "fish.npz", Trainer(QUICK, fish))
    assert load(tmp_path / "fish.npz").data.featured == fish.featured


def test_pairs_and_questions_come_back_too(tmp_path):
    pairs = Pairs(
        "two", (Pair(("un", "chat"), ("a", "cat")), Pair(("roi",), ("king",)))
    )
    questions = Questions("one", (Question(("who", "swims"), 0, "cod"),))
    for data, model in ((pairs, "encoder-decoder"), (questions, "encoder")):
        trainer = Trainer(replace(QUICK, model=model), data)
        trainer.update()
        save(tmp_path / "run.npz", trainer)
        loaded = load(tmp_path / "run.npz")
        assert loaded.data == data
        assert loaded.update() == trainer.update()


def changed(path, **changes):
    with np.load(path) as arrays:
        values = dict(arrays)
    about = json.loads(str(values["about"]))
    for name, value in changes.items():
        if name in about:
            about[name] = value
        else:
            values[name] = value
    values["about"] = np.array(json.dumps(about))
    np.savez(path, **values)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"format": "fishformer 99"}, "its format is not"),
        ({"settings": {"layers": "99"}}, "layers = 99"),
        ({"settings": {"layers": "1"}}, "params is not"),
        ({"params": np.zeros(3)}, "params is not"),
        ({"adam_m": np.full(2, np.nan)}, "adam_m is not"),
        ({"step": None}, ""),
        ({"rng_state": {"bit_generator": "MT19937"}}, ""),
        ({"data": {"kind": "Corpus", "name": "", "train": [], "held_out": []}}, ""),
        ({"data": {}}, ""),
    ],
)
def test_a_file_that_is_not_a_run_is_refused(saved, changes, says):
    _, path = saved
    changed(path, **changes)
    with pytest.raises(StorageError, match=f"run.npz holds no run.*{says}"):
        load(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half a zip", b"text"])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "other.npz"
    path.write_bytes(content)
    with pytest.raises(StorageError):
        load(path)


def test_a_pickle_is_never_opened(tmp_path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("the pickle was opened",))

    path = tmp_path / "trap.npz"
    trap = np.array([Trap()], dtype=object)
    np.savez(path, about=trap, params=trap)
    with pytest.raises(StorageError):
        load(path)
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(StorageError):
        load(path)


def test_the_format_is_named_once(saved):
    _, path = saved
    with np.load(path) as arrays:
        assert json.loads(str(arrays["about"]))["format"] == FORMAT
