"""E22's workshop natively: a copy of the package is edited, tried and put back."""

import importlib
import sys
import time
from pathlib import Path

import pytest


def ours():
    return [n for n in sys.modules if n == "fishformer" or n.startswith("fishformer.")]


def now(name):
    """A module of the package as it is at this moment."""
    return importlib.import_module(f"fishformer.{name}")


def changed(source, path, old, new):
    assert old in source.original[path]
    return {path: source.original[path].replace(old, new)}


def loss():
    data, config = now("corpus").load_fish(), now("config").Config()
    return now("training").Trainer(config, data).report.loss


SCALE = "  scores /= np.sqrt(config.d_head, dtype=x.dtype)"


def test_the_model_comes_first_and_what_runs_elsewhere_not_at_all(source):
    paths = list(source.original)
    assert paths[:3] == ["attention.py", "layers.py", "block.py"]
    assert "exhibits/e10_matrix.py" in paths and "charts/loss.py" in paths
    assert not [p for p in paths if p.startswith(("browser", "terminal", "__"))]


def test_an_edit_is_what_everybody_imports_and_goes_back_again(source):
    before, old = loss(), now("model")
    edits = changed(source, "layers.py", "y += b", "y += b + 1")
    assert source.swap(edits, loss) != before
    assert source.edits == edits and loss() != before and now("model") is not old
    traced = now("layers").linear_forward.__code__.co_filename
    assert "y += b + 1" in Path(traced).read_text()
    assert source.swap({}, loss) == before
    assert not source.edits and loss() == before


def test_bytecode_of_an_older_text_is_never_run(source):
    """Two edits of one length within a second: time and size are the same."""
    for factor in "23456":
        edits = changed(source, "layers.py", "y += b\n", f"y += {factor}\n")
        found = source.swap(edits, lambda: now("layers").linear_forward)
        assert found(*[now("params").np.zeros((1, 1))] * 2, 0)[0, 0] == int(factor)


def test_what_cannot_be_read_is_refused_at_its_line(source, copy):
    edits = changed(source, "attention.py", "H = config.n_heads", "H = = 1")
    line = source.original["attention.py"].split("H = config.n_heads")[0].count("\n")
    with pytest.raises(copy.EditError, match="cannot read attention") as refused:
        source.swap(edits, loss)
    assert (refused.value.file, refused.value.line) == ("attention.py", line + 1)
    assert not source.edits


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("scores /= wrong", "name 'wrong' is not defined"),
        ("scores /= 1 // 0", "divides by zero"),
        ("raise SystemExit", "end Python"),
        ("scores = scores[..., :2]", "could not be broadcast"),
        ("raise KeyboardInterrupt('<b>')", "<b>"),
        ("attention_forward(x, context, mask, p, config)", "again and again"),
    ],
)
def test_a_failing_trial_leaves_all_as_it_was(source, copy, new, words):
    before = loss()
    old = {name: sys.modules[name] for name in ours()}
    edits = changed(source, "attention.py", SCALE, f"  {new}")
    line = source.original["attention.py"].split(SCALE)[0].count("\n") + 1
    with pytest.raises(copy.EditError, match=words) as refused:
        source.swap(edits, loss)
    assert refused.value.file == "attention.py"
    # Of a shape the next line complains; what calls itself fails deep inside.
    assert line - 8 < refused.value.line <= line + 1
    assert (source.root / "attention.py").read_text() == source.original["attention.py"]
    assert {name: sys.modules[name] for name in ours()} == old
    assert fishformer_attribute("attention") is now("attention")
    assert not source.edits and loss() == before


def fishformer_attribute(name):
    return getattr(sys.modules["fishformer"], name)


def test_a_failing_trial_keeps_the_edit_before_it(source, copy):
    good = changed(source, "layers.py", "y += b\n", "y += b + 1\n")
    after = source.swap(good, loss)
    with pytest.raises(copy.EditError):
        source.swap({**good, "softmax.py": "import nothing_like_it\n"}, loss)
    assert source.edits == good and loss() == after


def test_a_module_that_breaks_another_is_refused(source, copy):
    edits = changed(source, "softmax.py", "def softmax_backward", "def another")
    with pytest.raises(copy.EditError, match="softmax_backward"):
        source.swap(edits, loss)


def test_files_that_are_not_ours_and_giants_are_refused(source, copy):
    for path in ("../conftest.py", "browser/main.py", "/etc/passwd", "nothing.py"):
        with pytest.raises(copy.EditError, match="There is no"):
            source.swap({path: "x = 1"}, loss)
    with pytest.raises(copy.EditError, match="200,000 are allowed"):
        source.swap({"layers.py": "#" * 200_001}, loss)
    with pytest.raises(copy.EditError, match="cannot read"):
        source.swap({"layers.py": "x\0"}, loss)


def test_a_diff_names_files_and_places(source):
    edits = changed(source, "layers.py", "y += b\n", "y += 2 * b\n")
    kinds = [change.kind for change in source.diff(edits)]
    assert kinds[:2] == ["file", "place"] and kinds.count("out") == 1
    texts = [change.text for change in source.diff(edits)]
    assert "-    y += b" in texts and "+    y += 2 * b" in texts
    assert source.diff(source.original) == []


def test_a_function_can_be_reset_alone(source, copy):
    text = source.original["layers.py"]
    edited = text.replace("y += b\n", "y += 9\n    y += 1\n")
    edited = edited.replace("return x.sum(axis=-1", "return 2 * x.sum(axis=-1")
    line = edited.split("y += 9")[0].count("\n") + 1
    back, name = source.reset_function("layers.py", edited, line)
    assert name == "linear_forward"
    assert back == text.replace("return x.sum(axis=-1", "return 2 * x.sum(axis=-1")
    with pytest.raises(copy.EditError, match="is in no function"):
        source.reset_function("layers.py", text, 1)
    with pytest.raises(copy.EditError, match="Reset the file"):
        source.reset_function("layers.py", "def f(:\n", 1)
    with pytest.raises(copy.EditError, match="no function mine"):
        source.reset_function("layers.py", "def mine():\n    pass\n", 1)


def test_a_method_is_reset_without_its_class(source):
    text = source.original["optim.py"]
    edited = text.replace("self.m += ", "self.m -= ")
    line = edited.split("self.m -= ")[0].count("\n") + 1
    assert source.reset_function("optim.py", edited, line) == (text, "Adam.update")


# ---- what is printed, and what never ends ------------------------------------------


def test_a_flood_of_prints_is_cut_to_what_one_can_read(copy):
    told = []
    printed = now("browser.printed").Printed(told.append)
    printed.take()
    try:
        print("first")
        printed.flush(now=True)
        for n in range(20_000):
            print("flood", n)
            printed.flush()
    finally:
        printed.give_back()
    assert told[0] == "first\n" and told[-1].endswith("flood 19999\n")
    assert "characters left out" in told[-1]
    assert all(len(text) < 4_100 for text in told) and len(told) < 12


@pytest.mark.skipif(sys.version_info < (3, 12), reason="no sys.monitoring")
def test_an_endless_loop_is_stopped_from_inside(copy):
    module = now("browser.watchdog")
    watchdog = module.Watchdog()
    watchdog.wake()
    began = time.perf_counter()
    try:
        for loop in ("while True: pass", "for n in iter(int, 1): n += 1"):
            body = f" try:\n  {loop}\n except Exception: pass"
            with pytest.raises(module.Stuck), watchdog.at_most(0.1):
                exec(f"def endless():\n{body}\nendless()")
        sum(range(200_000))  # outside of it nothing is stopped
    finally:
        watchdog.sleep()
    assert time.perf_counter() - began < 3
