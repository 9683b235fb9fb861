"""The bench measures what it says; no browser is needed here."""

import json

import numpy as np
import ours
import pytest
from endless import memory_at
from history import bytes_kept
from report import table
from rounds import Timing, check, interleave, ratio
from standard import BATCHES, LONG, Shape
from targets import ARRIVAL, targets

from fishformer import attention, layers
from fishformer.config import Config
from fishformer.timeline import Timeline

TINY = Shape(batch=4, length=5, width=8, heads=2, layers=1, hidden=8, words=12)


def test_peers_take_turns():
    asked = []

    def timer(name, each):
        return lambda steps: asked.append((name, steps)) or each

    runs = {"slow": timer("slow", 100.0), "fast": timer("fast", 10.0)}
    timings = interleave(runs, rounds=3, seconds=0.2, warm_up=0)
    assert asked[2:] == [("slow", 2), ("fast", 20)] * 3  # both for 0.2 s
    assert timings["slow"] == Timing([100.0] * 3)
    assert ratio(timings["fast"], timings["slow"]) == 10


def test_a_ratio_is_that_of_a_typical_round():
    assert ratio(Timing([1, 1, 100]), Timing([2, 2, 200])) == 2
    assert ratio(Timing([1, 1, 1]), Timing([3, 3, 300])) == 3


def test_a_peer_that_computes_something_else_is_refused():
    check("a peer", [1.0, 2.0], [1.0, 2.00005], 1e-4)
    with pytest.raises(SystemExit, match="a peer"):
        check("a peer", [1.0, 2.0], [1.0, 2.1], 1e-4)
    with pytest.raises(SystemExit, match="a peer"):
        check("a peer", [float("nan")], [1.0], 1e-4)


def test_timed_products_are_the_same_products_and_all_of_them():
    plain, watched = ours.Run(TINY, False), ours.Run(TINY, False)
    functions = attention.attention_forward.__code__, layers.contract
    with ours.timed_products() as seconds:
        loss = watched.step()
    assert loss == plain.step()
    assert watched.step() == plain.step()
    # Linear layers: 4 + 2 in the block and the vocabulary, each once forward and
    # twice backward. Attention: scores and blend, each once forward, twice backward.
    assert len(seconds) == 3 * 7 + 3 * 2
    assert all(s > 0 for s in seconds)
    assert (attention.attention_forward.__code__, layers.contract) == functions


def test_the_start_of_a_peer_can_be_sent_and_is_that_of_the_run():
    start = json.loads(json.dumps(ours.Run(TINY, False).start()))
    run = ours.Run(TINY, False)
    np.testing.assert_array_equal(
        np.array(start["weights"], np.float32), run.model.params.buffer
    )
    sizes = [np.prod(shape) for shape in start["shapes"].values()]
    assert sum(sizes) == len(start["weights"])
    np.testing.assert_array_equal(
        start["batches"][3]["token_ids"], run.batches[3].token_ids
    )


@pytest.mark.parametrize("only_places", [False, True])
def test_pytorch_computes_the_same(only_places):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    from pytorch import TorchRun

    threads = torch.get_num_threads()
    run = ours.Run(TINY, only_places)
    peer = TorchRun(TINY, run)
    losses = [run.step() for _ in range(4)]
    check("PyTorch", [peer.step() for _ in range(4)], losses, 1e-4)
    torch.set_num_threads(threads)


def test_history_is_counted_in_full(small):
    timeline = Timeline(Config(d_model=8, n_heads=2, d_ff=8, n_layers=1), small)
    before = bytes_kept(timeline)  # with that of step 0
    while len(timeline.checkpoints) < 3:
        timeline.advance()
    kept = bytes_kept(timeline) - before
    arrays = 2 * 5 * timeline.trainer.model.params.buffer.size
    assert arrays < kept < 1.5 * arrays + 10_000


def test_a_long_run_is_measured_in_a_process_of_its_own():
    (first, kept, process), (last, more, most) = memory_at((13, 130))
    assert (first, last) == (13, 130)
    assert 0 < kept < more < 1e6 < 1e7 < process <= most < 1e9


def test_a_table_lines_up():
    lines = table(["a", "bb"], [["ccc", "d"], ["e", "1.25"]]).splitlines()
    assert lines == [
        "| a   |   bb |",
        "|-----|-----:|",
        "| ccc |    d |",
        "| e   | 1.25 |",
    ]


def test_targets_are_met_or_missed_by_the_numbers():
    arrived = {
        visit: {each.key: [0.0] for each in ARRIVAL} for visit in ("cold", "warm")
    }

    def results(ours_ms, megabytes):
        timings = {
            "ours": Timing([ours_ms]),
            "ours, only places": Timing([1.0]),
            "plain JavaScript": Timing([50.0]),
            "PyTorch": Timing([20.0]),
        }
        steps = {str(batch): timings for batch in BATCHES}
        return {
            "chromium": {**steps, "products": {"64": 0.8}},
            "native": steps,
            "drawing": {"train": Timing([10.0]), "draw": Timing([1.0])},
            "history": [(LONG, 1e6 * megabytes)],
            "endless": [(100, 1e6, 1e6 * (100 + megabytes))],
            "seeks": {"milliseconds": [100.0]},
            "arrival": {"ours": arrived},
        }

    assert all(target.met for target in targets(results(10.0, 149.0)))
    missed = [t.what for t in targets(results(25.0, 151.0)) if not t.met]
    # Both peers, the history, and the process that holds it.
    assert len(missed) == 2 * len(BATCHES) + 2
