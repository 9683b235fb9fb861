"""Files out of a run, runs out of files: right, the same again, or refused."""

import contextlib
import csv
import io
import json
import os
import pickle
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy as reference
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from fishformer.charts.alone import LEAST, MARGIN, MOST_LINES, on_paper, to_svg_file
from fishformer.charts.drawing import (
    Circle,
    Drawing,
    Heat,
    Line,
    Polygon,
    Rect,
    Rule,
    Text,
    text_width,
)
from fishformer.config import Config
from fishformer.exhibits.stage import Stage
from fishformer.exporting import safetensors
from fishformer.exporting.names import part, slug, source, stem
from fishformer.exporting.notebook import to_notebook
from fishformer.exporting.opening import open_file
from fishformer.exporting.script import Recipe, to_script
from fishformer.exporting.sources import ROOT, data_files, sources
from fishformer.exporting.tables import to_csv
from fishformer.exporting.taking import Taken
from fishformer.exporting.weights import MEMORIES
from fishformer.links import Link, to_file
from fishformer.runs import Run
from fishformer.storage import StorageError
from fishformer.training import train

SMALL = {"seed": "5", "layers": "1", "heads": "2", "d_model": "8", "d_ff": "8"}
ORIGINALS = {"optim.py": (ROOT / "optim.py").read_text("utf-8")}
EDIT = {"optim.py": ORIGINALS["optim.py"].replace("EPS = 0.9,", "EPS = 0.5,")}
SENTENCES = "\n".join(
    f"{who} {does} {where}"
    for who in ("le chat", "la chèvre", "l'ours")
    for does in ("dort", "mange")
    for where in ("à midi", "le soir")
)


@pytest.fixture(scope="module")
def stage():
    """A page whose run has come to step 30 and stands at 20."""
    stage = Stage(SMALL)
    stage.open()
    while stage.timeline.step < 30:
        stage.work()
    stage.command("seek", 20)
    while stage.busy:
        stage.work()
    return stage


@pytest.fixture
def taken(stage):
    return Taken(stage.capture(), stage.timeline)


def back(data, name="a file", edits=None):
    data = data.encode() if isinstance(data, str) else data
    return open_file(name, data, edits or {}, ORIGINALS)


def opened(run):
    """A new page with a run that came back."""
    stage = Stage()
    stage.add_run(run)
    while stage.busy:
        stage.work()
    return stage


# ---- tables -----------------------------------------------------------------


def read_csv(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_a_table_is_rfc_4180_with_a_byte_order_mark():
    data = to_csv(["a", "b"], [['say "no", twice', "two\nlines"], ["", "ä 鱼"]])
    assert (
        data == ('\ufeffa,b\r\n"say ""no"", twice","two\nlines"\r\n,ä 鱼\r\n').encode()
    )


def test_numbers_are_written_as_programs_read_them():
    row = ["−1,234.5", "12", "−0.03", "56%", "1.2e-05", "+3", "1,2", "3−4"]
    (_, read) = read_csv(to_csv(["n"] * 8, [row]))
    assert read == ["-1234.5", "12", "-0.03", "56%", "1.2e-05", "+3", "1,2", "3−4"]


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|x", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(cell):
    (_, read) = read_csv(to_csv(["c"], [[cell]]))
    assert read == [f"'{cell}"]


@given(st.lists(st.lists(st.text("ab\"',\n=−1 "), min_size=2, max_size=2)))
def test_cells_stay_apart(rows):
    read = read_csv(to_csv(["x", "y"], rows))
    assert len(read) == 1 + len(rows) and {len(row) for row in read} == {2}


@pytest.mark.parametrize("exhibit", ["e01", "e02", "e09"])
def test_tables_of_exhibits(stage, exhibit):
    for table in stage.exhibit(exhibit).tables():
        read = read_csv(to_csv(table.columns, table.rows))
        assert len(read) == 1 + len(table.rows)
        assert {len(row) for row in read} == {len(table.columns)}


# ---- pictures ---------------------------------------------------------------

TOKENS = {"paper": "#ffffff", "ink": "#102030", "ink-2": "#2", "sea": "#0000ff"} | {
    f"seq-{n}": f"#{n:02x}{n:02x}{n:02x}" for n in range(1, 10)
}
FONTS = {"sans": 'Arial, "Noto Sans"', "serif": "Georgia", "mono": "monospace"}


def test_an_svg_stands_alone_in_the_colours_of_the_theme():
    word = 'fill="var(--sea)" class="sans" <b>'
    marks = [
        Line(np.array([[0, 0], [9, 9]]), "sea", 2),
        Circle(3, 3, 2, "ink"),
        Text(5, 5, word, "ink"),
        Heat(0, 0, 8, 8, np.array([[0, 1 / 16]])),
    ]
    sheet = on_paper(Drawing(40, 30, marks), 'A "title"', "E10: <i>a run</i>, step 3")
    text = to_svg_file(sheet, 'A "title"', TOKENS, FONTS)
    root = ElementTree.fromstring(text)
    space = "{http://www.w3.org/2000/svg}"
    assert [word.text for word in root.iter(f"{space}text")][1:] == [
        'A "title"', "E10: <i>a run</i>, step 3",
    ]  # fmt: skip
    ground, line, circle, words = list(root)[:4]
    assert root.get("aria-label") == 'A "title"' and root.get("class") is None
    assert (ground.tag, ground.get("fill")) == (f"{space}rect", "#ffffff")
    assert (line.get("stroke"), circle.get("fill")) == ("#0000ff", "#102030")
    assert words.text == word and words.get("font-family") == FONTS["sans"]
    shades = {path.get("fill") for path in root.iter(f"{space}path")}
    assert "#020202" in shades  # half-way from the first stop to the second
    assert "var(" not in text.replace("var(--sea)&quot;", "")


def test_every_chart_of_the_first_exhibit_stands_alone(stage):
    tokens = dict.fromkeys(re.findall(r"--([\w-]+): #", STYLE), "#123456")
    for canvas in stage.exhibit("e01").canvases:
        sheet = on_paper(stage.draw(canvas, 300, 200), canvas, "")
        text = to_svg_file(sheet, canvas, tokens, FONTS)
        ElementTree.fromstring(text)
        assert "var(" not in text and "color-mix" not in text


STYLE = (Path(__file__).parents[1] / "site" / "style.css").read_text("utf-8")


def test_a_picture_has_a_margin_and_words_below_that_fit():
    marks = [
        Line(np.array([[0.0, 0], [99, 49]]), "sea"),
        Polygon(np.array([[0.0, 0], [9, 9], [0, 9]]), "sea"),
        Rule(0, 0, 99, 0, "edge"),
        Rect(0, 0, 9, 9, "sea"),
        Circle(3, 3, 2, "ink"),
        Text(5, 5, "word", "ink"),
        Heat(0, 0, 8, 8, np.zeros((1, 1))),
    ]
    long = "A map of which each row is a word that looks at others, " * 9
    sheet = on_paper(Drawing(100, 50, marks), long, "Fishformer, E10")
    paper, *moved = sheet.marks
    assert (paper.width, paper.height) == (sheet.width, sheet.height)
    assert paper.fill == "paper" and sheet.width == LEAST + 2 * MARGIN
    for mark, there in zip(marks, moved, strict=False):
        for name, old in mark._asdict().items():
            shift = MARGIN if name in ("x", "y", "xy", "x1", "x2", "y1", "y2") else 0
            if shift:
                np.testing.assert_array_equal(getattr(there, name), old + MARGIN)
            elif name != "values":
                assert getattr(there, name) == old
    words = moved[len(marks) :]
    assert len(words) == MOST_LINES + 1 and words[-2].text.endswith("…")
    for text in words:
        wide = text_width(text.text, text.size, text.weight)
        assert text.x == MARGIN and wide <= LEAST and text.y < sheet.height - 12
    assert words[0].y - 12 >= MARGIN + 50


def test_the_source_names_exhibit_run_step_and_seed():
    run = Run("two layers", {"seed": "5"})
    assert source("e10", run, 1212) == (
        "Fishformer, E10: two layers, step 1,212, seed 5"
    )
    run.edits = {"optim.py": "x"}
    assert source("runs", run, 0) == (
        "Fishformer, runs: two layers, step 0, seed 5, its Python edited"
    )
    assert source("e09", None, 7) == "Fishformer, E09"


# ---- names ------------------------------------------------------------------


def test_what_files_are_called():
    assert stem(Config(), 412) == "fishformer-2-layers-seed-7-step-412"
    assert (
        stem(Config(n_layers=1), 3, True) == "fishformer-1-layer-seed-7-edited-step-3"
    )
    assert part("e10", "Attention, layer 1!", 7) == (
        "fishformer-e10-attention-layer-1-step-7"
    )
    assert slug("../../<b>Äh</b>" + "x" * 99) == "b-h-b-" + "x" * 33
    assert part("e10", "鱼", 7) == "fishformer-e10-step-7"


# ---- safetensors ------------------------------------------------------------

floats = st.sampled_from([np.float16, np.float32, np.float64]).flatmap(
    lambda dtype: arrays_of.arrays(
        dtype, arrays_of.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
    )
)
tensors = st.dictionaries(
    st.text(min_size=1, max_size=9).filter(lambda name: name != "__metadata__"), floats
)
printable = st.text(st.characters(codec="utf-8"))


@settings(deadline=None)
@given(tensors, st.dictionaries(printable, printable, max_size=3))
def test_safetensors_come_back_and_their_own_library_reads_them(given, metadata):
    given = {name: array for name, array in given.items() if name.isprintable()}
    data = safetensors.write(given, metadata)
    read, said = safetensors.read(data)
    theirs = reference.load(data)
    assert said == metadata and list(read) == list(given)
    assert set(theirs) == set(given)
    for name, array in given.items():
        for other in (read[name], theirs[name]):
            assert (other.shape, other.dtype) == (array.shape, array.dtype)
            assert other.tobytes() == array.tobytes()


@settings(deadline=None)
@given(tensors)
def test_what_their_library_writes_is_read(given):
    given = {name: array for name, array in given.items() if name.isprintable()}
    read, _ = safetensors.read(reference.save(given))
    assert {name: array.tobytes() for name, array in read.items()} == {
        name: array.tobytes() for name, array in given.items()
    }


def header(size=None, **entries):
    text = json.dumps(entries).encode()
    return (len(text) if size is None else size).to_bytes(8, "little") + text


ONE = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "too short"),
        (header(9**9, a=ONE), "the file ends before"),
        (header(3, a=ONE), "header cannot be read"),
        (b"\x02" + bytes(7) + b"[]", "not a table"),
        (header(a=ONE), "ends in the middle of 'a'"),
        (header(a=ONE) + bytes(5), "speaks of 4 bytes"),
        (header(a={**ONE, "dtype": "I64"}) + bytes(4), "'I64'"),
        (header(a={**ONE, "shape": [2]}) + bytes(4), "does not lie"),
        (header(a={**ONE, "shape": [-1]}) + bytes(4), "shape of 'a'"),
        (header(a={**ONE, "data_offsets": [4, 8]}) + bytes(8), "does not lie"),
        (header(a={**ONE, "data_offsets": "?"}), "where 'a' lies"),
        (header(a=7), "where 'a' lies"),
        (header(a=ONE, b=ONE) + bytes(4), "'b' does not lie"),
        (header(__metadata__={"a": 1}), "not texts"),
        (b'\x0d' + bytes(7) + b'{"a":1,"a":2}', "twice"),
    ],
)  # fmt: skip
def test_what_is_no_safetensors_is_refused(data, says):
    with pytest.raises(safetensors.SafetensorsError, match=re.escape(says)):
        safetensors.read(data)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=40), st.integers(0, 400))
def test_damaged_safetensors_never_do_worse_than_be_refused(junk, place):
    whole = safetensors.write({"a": np.ones(3, np.float32)}, {"b": "c"})
    with contextlib.suppress(safetensors.SafetensorsError):
        safetensors.read(whole[:place] + junk + whole[place + len(junk) :])


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


def about_of(data):
    with np.load(io.BytesIO(data)) as file:
        values = dict(file)
    return values, json.loads(str(values["about"]))


def changed(data, about=None, **values):
    """A .npz with other arrays (None: without it), or with other words about it."""
    before, said = about_of(data)
    arrays = {name: a for name, a in {**before, **values}.items() if a is not None}
    arrays["about"] = np.array(json.dumps(about(said) if about else said))
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


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


def bomb():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        for n in range(4):
            out.writestr(f"{n}.npy", bytes(50_000_000))
    return file.getvalue()


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


def test_a_run_on_own_sentences_with_edits(stage):
    page = Stage(SMALL)
    page.start_run(text=SENTENCES)
    page.timeline.advance()
    page.live.edits |= EDIT
    found = back(Taken(page.capture(), page.timeline).as_file("json"), edits=EDIT)
    assert found.run.edits == EDIT and found.run.text == SENTENCES
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


# ---- scripts and notebooks --------------------------------------------------


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
