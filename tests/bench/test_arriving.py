"""The bench's part on arrival: the other build, what is counted, what is told."""

import gzip
import json
import re
import threading
import time
import urllib.error
import urllib.request
import zipfile

import pytest
from counting import Site
from report import report
from targets import targets
from untrimmed import write_untrimmed
from watching import AFTER, measures

import basics
import manifest


@pytest.fixture(scope="module")
def untrimmed(tmp_path_factory):
    new = tmp_path_factory.mktemp("bench") / "untrimmed"
    return write_untrimmed(basics.DIST, new)


def test_the_untrimmed_build_is_vouched_for_as_ours_is(untrimmed):
    listed = (untrimmed / "manifest.json").read_bytes()
    assert untrimmed.name == f"b-{basics.digest(listed)[:10]}"
    files = {file["path"]: file for file in json.loads(listed)["files"]}
    for name, data in manifest.files_in(untrimmed).items():
        if name != "manifest.json":
            assert files[name]["sha256"] == basics.digest(data)
    html = (untrimmed.parent / "index.html").read_text("utf-8")
    assert set(re.findall(r"\bb-[0-9a-f]{10}\b", html)) == {untrimmed.name}
    (sealed,) = re.findall(r'interpreter\.mjs" integrity="([^"]+)"', html)
    assert sealed == manifest.pages.integrity(untrimmed / "runtime/interpreter.mjs")


def test_the_untrimmed_build_loads_what_is_published(untrimmed):
    folder = untrimmed / "runtime"
    lock = json.loads((folder / "pyodide-lock.json").read_text())
    assert lock["packages"]["numpy"]["sha256"] == basics.NUMPY.sha256
    own = f"{basics.PROJECT['name']}-*.whl"
    (wheel,) = (path.name for path in folder.glob(own))
    archives = {basics.STDLIB, basics.NUMPY.file, wheel}
    for name in archives:
        members = zipfile.ZipFile(folder / name).namelist()
        assert not [member for member in members if member.endswith(".pyc")]
    assert not list(folder.glob("*.pack"))
    listed = json.loads((untrimmed / "manifest.json").read_text())["files"]
    needed = {file["path"] for file in listed if file["stage"] == "python"}
    assert {f"runtime/{name}" for name in archives} < needed  # for offline


def test_bytes_are_counted_as_a_host_sends_them(tmp_path):
    words = b"the same words again and again " * 100
    for name in ("index.html", "a.pack", "b.mjs", "late.mjs"):
        (tmp_path / name).write_bytes(words)
    site = Site(tmp_path)
    threading.Thread(target=site.serve_forever, daemon=True).start()

    def get(name, **headers):
        request = urllib.request.Request(site.url + name, headers=headers)
        return urllib.request.urlopen(request).read()

    begin = time.time()
    assert get("") == get("a.pack") == get("b.mjs?x") == words
    with pytest.raises(urllib.error.HTTPError, match="304"):
        get("b.mjs", **{"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"})
    with pytest.raises(urllib.error.HTTPError, match="404"):
        get("none")
    end = time.time()
    get("late.mjs")
    site.shutdown()
    site.server_close()
    packed = len(gzip.compress(words, 6))
    assert site.sent(begin, end) == len(words) + 2 * packed
    assert site.sent(begin, time.time()) == len(words) + 3 * packed


SEEN = {
    "step": 1500.0,
    "on": 1520.0,
    "text": 200.0,
    "frame": 190.0,
    "tasks": [[10, 90.0], [1600, 60.0], [1501 + AFTER, 500.0]],
    "shifts": [[100, 0.01], [3000, 0.02], [1501 + AFTER, 0.5]],
}


def test_a_visit_is_measured_until_two_seconds_after_the_first_step():
    found = measures(SEEN)
    assert found == {
        "step": 1500.0,
        "on": 1520.0,
        "text": 200.0,
        "frame": 200.0,  # not before anything else is painted
        "shift": pytest.approx(0.03),
        "longest": 90.0,
        "blocked": 50.0,
    }
    assert measures(SEEN | {"frame": 350.0})["frame"] == 350.0
    assert measures(SEEN | {"tasks": []})["longest"] == 0


def build(**changed):
    values = {**measures(SEEN), "longest": 0, "shift": 0.0, "bytes": 6e6, **changed}
    rounds = {key: [value, value / 2, 2 * value] for key, value in values.items()}
    return {"cold": rounds, "warm": rounds | {"step": [1000.0]}}


def test_the_arrival_can_be_reported_alone_and_its_targets_be_missed():
    def results(ours):
        return {
            "arrival": {"ours": ours, "untrimmed": build(step=9000.0)},
            "machine": {
                **dict.fromkeys(("processor", "system"), ""),
                **dict.fromkeys(("cores", "memory_gb", "load", "load at the end"), 1),
            },
            "versions": {"chromium": "1"},
            "rounds": 7,
            "date": "",
        }

    good, slow = results(build()), results(build(step=2000.0, shift=0.04))
    assert all(target.met for target in targets(good))
    missed = [target.what for target in targets(slow) if not target.met]
    assert [what.partition(",")[0] for what in missed] == [
        "s to the first step",
        "layout shift (CLS)",
        "layout shift (CLS)",
    ]
    (row,) = re.findall(r"\| s to the first step, n.*", report(slow, targets(slow)))[1:]
    cells = [cell.strip() for cell in row.split("|")]
    assert cells[2:5] == ["2.00", "1.00 to 4.00", "9.00"]
