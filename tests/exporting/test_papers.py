"""Tables, pictures and the names of files."""

import csv
import io
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from fishformer.exporting.names import part, slug, source, stem
from fishformer.exporting.tables import to_csv
from fishformer.runs import Run

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


STYLE = (Path(__file__).parents[2] / "site" / "style.css").read_text("utf-8")


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
