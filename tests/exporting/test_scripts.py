"""Scripts and notebooks that train the same run anywhere."""

import json
import os
import re
import subprocess
import sys
from itertools import islice

import numpy as np
import pytest
from carried import EDIT, SENTENCES, SMALL, back

from fishformer.config import Config
from fishformer.exporting.notebook import to_notebook
from fishformer.exporting.script import Recipe, to_script
from fishformer.exporting.sources import ROOT, data_files, sources
from fishformer.exporting.taking import Taken
from fishformer.training import train


def run_python(path, *arguments):
    return subprocess.run(
        [sys.executable, "-I", str(path), *arguments],
        capture_output=True,
        text=True,
        cwd=path.parent,
        env={"OPENBLAS_NUM_THREADS": "1", "PATH": os.environ["PATH"]},
    )


def test_the_script_trains_the_same_run(taken, tmp_path):
    script = tmp_path / "run.py"
    script.write_text(taken.as_file("py"), "utf-8")
    done = run_python(script)
    assert done.returncode == 0, done.stderr
    loss = f"{taken.timeline.losses[20]:.4f}"
    assert f"step     20  loss {loss}  in the page {loss}" in done.stdout
    assert re.search(r"Steps 0 to 20: at most [0-9.]+e-0[6-9] from", done.stdout)
    assert done.stdout.endswith("The same run.\n")


def edited_losses(folder, edits, text, steps):
    """The losses of the package with edits, run as a package of its own."""
    for path, code in {**sources({}), **edits}.items():
        (folder / "fishformer" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "fishformer" / path).write_text(code, "utf-8")
    (folder / "go.py").write_text(
        "import sys; sys.path.insert(0, '.')\n"
        "from itertools import islice\n"
        "from fishformer.config import Config\n"
        "from fishformer.corpus import load_corpus\n"
        "from fishformer.training import train\n"
        f"config = Config.from_strings({SMALL!r})\n"
        f"reports = islice(train(config, load_corpus({text!r})), {steps} + 1)\n"
        "print([report.loss for report in reports])\n"
    )
    return json.loads(run_python(folder / "go.py").stdout)


@pytest.fixture(scope="module")
def edited(tmp_path_factory):
    """A run of edited code on sentences of one's own, whose text is hard to quote."""
    text = SENTENCES + "\n" + r'a \n "" \'\'\' b \\'
    hard = (ROOT / "params.py").read_text("utf-8") + "\n# ''' and \\"
    edits = {**EDIT, "params.py": hard}
    losses = edited_losses(tmp_path_factory.mktemp("edited"), EDIT, text, 20)
    config = Config.from_strings(SMALL)
    return Recipe(config, text, sorted(edits), losses, sources(edits), {})


def test_edits_and_sentences_are_in_the_script(edited, tmp_path):
    script = tmp_path / "run.py"
    script.write_text(to_script(edited, "run.py"), "utf-8")
    assert "Edited by hand: optim.py, params.py." in script.read_text("utf-8")
    done = run_python(script)
    assert done.returncode == 0, done.stderr
    assert "The same run." in done.stdout
    plain = edited._replace(code=sources({}))
    script.write_text(to_script(plain, "run.py"), "utf-8")
    done = run_python(script)
    assert done.returncode == 1 and "This is not the run of the page." in done.stderr


def test_in_float64_every_step_must_agree(tmp_path):
    config = Config.from_strings({**SMALL, "dtype": "float64"})
    losses = [report.loss for report in islice(train(config), 61)]
    code = sources({})
    recipe = Recipe(config, None, (), losses, code, data_files(code))
    script = tmp_path / "run.py"
    for move, status in ((0, 0), (1e-4, 1)):
        moved = [*losses[:50], losses[50] + move, *losses[51:]]
        script.write_text(to_script(recipe._replace(losses=moved), "x"), "utf-8")
        assert run_python(script).returncode == status


def test_edits_that_training_does_not_use_are_not_carried(stage):
    stage.live.edits["exhibits/e10_matrix.py"] = "# nothing"
    try:
        script = Taken(stage.capture(), stage.timeline).as_file("py")
    finally:
        stage.live.edits.clear()
    assert "e10_matrix" not in script and "Edited by hand" not in script


def test_a_run_that_broke_down_is_written_as_json_that_all_can_read(stage):
    run = stage.capture()
    held, losses = dict(run.held_out), run.losses[:]
    run.losses[20], run.held_out[20] = np.nan, held[20]._replace(loss=np.inf)
    try:
        text = Taken(run, stage.timeline).as_file("json")
    finally:
        run.losses, run.held_out = losses, held
    assert "NaN" not in text and "Infinity" not in text
    assert np.isnan(back(text).run.losses[20])


def test_a_longer_run_that_ends_elsewhere_is_no_reproduction(tmp_path):
    config = Config.from_strings(SMALL)
    losses = [report.loss for report in islice(train(config), 91)]
    code = sources({})
    recipe = Recipe(config, None, (), losses, code, data_files(code))
    script = tmp_path / "run.py"
    for move, status in ((0.05, 0), (2.5, 1)):
        moved = [*losses[:21], *(loss + move for loss in losses[21:])]
        script.write_text(to_script(recipe._replace(losses=moved), "x"), "utf-8")
        done = run_python(script)
        assert done.returncode == status, done.stdout + done.stderr


def as_python(notebook):
    """What Jupyter would do with the cells, the one magic among them by hand."""
    lines = []
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"])
        magic, _, rest = source.partition("\n")
        if magic.startswith("%%writefile "):
            path = magic.removeprefix("%%writefile ")
            lines.append(
                f"open({path!r}, 'w', encoding='utf-8').write({rest + chr(10)!r})"
            )
        else:
            lines.append(source)
    return "\n".join(lines)


def test_the_notebook_trains_the_same_run(edited, taken, tmp_path):
    for text in (taken.as_file("ipynb"), to_notebook(edited, "folder")):
        script = tmp_path / "notebook.py"
        script.write_text(as_python(json.loads(text)), "utf-8")
        done = run_python(script)
        assert done.returncode == 0, done.stderr
        assert done.stdout.endswith("The same run.\n")


def test_the_notebook_keeps_the_rules_of_nbformat_4_5(taken):
    notebook = json.loads(taken.as_file("ipynb"))
    assert {*notebook} == {"cells", "metadata", "nbformat", "nbformat_minor"}
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    kernel = notebook["metadata"]["kernelspec"]
    assert kernel["name"] and kernel["display_name"]
    assert notebook["metadata"]["language_info"]["name"] == "python"
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len({*ids}) == len(ids)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name) for name in ids)
    for cell in notebook["cells"]:
        keys = {"id", "cell_type", "metadata", "source"}
        if cell["cell_type"] == "code":
            keys |= {"execution_count", "outputs"}
            assert cell["outputs"] == [] and cell["execution_count"] is None
        else:
            assert cell["cell_type"] == "markdown"
        assert {*cell} == keys and isinstance(cell["metadata"], dict)
        assert all(isinstance(line, str) for line in cell["source"])
        assert all(line.endswith("\n") for line in cell["source"][:-1])


def test_the_code_is_all_that_training_imports_and_no_more():
    code = sources({})
    assert {"training.py", "layers.py", "config.py", "__init__.py"} <= {*code}
    assert not any(path.startswith(("charts/", "exhibits/")) for path in code)
    more = sources({"optim.py": "from fishformer.charts import ink\n"})
    assert {"charts/ink.py", "charts/__init__.py", "charts/drawing.py"} <= {*more}
    assert more["optim.py"] == "from fishformer.charts import ink\n"
    assert sources({"params.py": ""})["params.py"] == ""
