"""E22's source natively: a copy of the package is edited, tried and put back."""

import sys
from pathlib import Path

import pytest

from editing import SCALE, now


def changed(source, path, old, new):
    assert old in source.original[path]
    return {path: source.original[path].replace(old, new)}


def loss():
    data, config = now("corpus").load_fish(), now("config").Config()
    return now("training").Trainer(config, data).report.loss


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
    assert refused.value.detail == "H = = 1"
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
def test_a_failing_trial_leaves_all_as_it_was(source, copy, loaded, new, words):
    before = loss()
    old = loaded()
    edits = changed(source, "attention.py", SCALE, f"  {new}")
    line = source.original["attention.py"].split(SCALE)[0].count("\n") + 1
    with pytest.raises(copy.EditError, match=words) as refused:
        source.swap(edits, loss)
    assert refused.value.file == "attention.py"
    # Of a shape the next line complains; what calls itself fails deep inside.
    assert line - 8 < refused.value.line <= line + 1
    assert (source.root / "attention.py").read_text() == source.original["attention.py"]
    assert loaded() == old
    assert sys.modules["fishformer"].attention is now("attention")
    assert not source.edits and loss() == before


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
    with pytest.raises(copy.EditError, match="is in no function"):
        source.reset_function("layers.py", "x = = 1\n", 1)
    with pytest.raises(copy.EditError, match="no function mine"):
        source.reset_function("layers.py", "def mine():\n    pass\n", 1)


def test_a_method_is_reset_without_its_class(source):
    text = source.original["optim.py"]
    edited = text.replace("self.m += ", "self.m -= ")
    line = edited.split("self.m -= ")[0].count("\n") + 1
    assert source.reset_function("optim.py", edited, line) == (text, "Adam.update")
    broken = text.replace("self.m += ", "self.m = = ")
    assert source.reset_function("optim.py", broken, line) == (text, "Adam.update")


@pytest.mark.parametrize("path", ["attention.py", "layers.py", "stack.py", "optim.py"])
def test_a_function_that_cannot_be_read_is_found_by_its_indentation(source, copy, path):
    text = source.original[path]
    for name, first, last in copy.functions(text):
        if name.count(".") > 1 or "forward.attend" in name or ".think" in name:
            continue
        for line in {first, last}:
            found = copy.function_at(text, line)
            broken = text + "\nx = = 1\n"
            assert copy.function_at(broken, line) == found, (name, line)
