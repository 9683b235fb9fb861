"""What goes into files, and how it comes back."""

import io
import json
import zipfile

import numpy as np

from fishformer.exhibits.stage import Stage
from fishformer.exporting.opening import open_file
from fishformer.exporting.sources import ROOT

SMALL = {"seed": "5", "layers": "1", "heads": "2", "d_model": "8", "d_ff": "8"}
ORIGINALS = {"optim.py": (ROOT / "optim.py").read_text("utf-8")}
EDIT = {"optim.py": ORIGINALS["optim.py"].replace("EPS = 0.9,", "EPS = 0.5,")}
SENTENCES = "\n".join(
    f"{who} {does} {where}"
    for who in ("le chat", "la chèvre", "l'ours")
    for does in ("dort", "mange")
    for where in ("à midi", "le soir")
)


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


def header(size=None, **entries):
    text = json.dumps(entries).encode()
    return (len(text) if size is None else size).to_bytes(8, "little") + text


ONE = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}


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


def bomb():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        for n in range(4):
            out.writestr(f"{n}.npy", bytes(50_000_000))
    return file.getvalue()
