"""Downloads: from where, by which hash, and what is said when one fails."""

import hashlib
import sys
import urllib.error
import urllib.request

import pytest
from standins import built, fails, wheel


def test_a_file_with_another_hash_is_refused_and_not_kept(build):
    pin = build.basics.CARRIER._replace(sha256="0" * 64)

    def obtain(pin, folder):
        (folder / pin.file).write_bytes(b"something else")
        return "nowhere"

    with pytest.raises(build.basics.BuildError) as error:
        build.downloads.fetch(pin, obtain)
    got = hashlib.sha256(b"something else").hexdigest()
    assert all(part in str(error.value) for part in (pin.file, pin.sha256, got))
    assert not build.downloads.cached(pin).exists()
    assert list(build.basics.WORK.glob("tmp-*")) == []


def test_a_damaged_file_in_the_cache_is_fetched_again(build):
    good = build.downloads.cached(build.basics.NUMPY).read_bytes()
    build.downloads.cached(build.basics.NUMPY).write_bytes(good[:-1])

    def obtain(pin, folder):
        (folder / pin.file).write_bytes(good)
        return "the source"

    assert build.downloads.fetch(build.basics.NUMPY, obtain).read_bytes() == good


def test_the_cdn_comes_first(build, server, tmp_path):
    build.basics.CDN = f"{server.url}{built(build).name}/runtime/"
    assert (
        build.downloads.from_pyodide(build.basics.MICROPIP, tmp_path) == "Pyodide's CDN"
    )
    kept = build.downloads.cached(build.basics.MICROPIP).read_bytes()
    assert (tmp_path / build.basics.MICROPIP.file).read_bytes() == kept


def test_without_the_cdn_the_wheels_come_out_of_the_carrier(build, tmp_path, capsys):
    def offline(url, path):
        raise urllib.error.URLError("no route")

    build.downloads.download = offline
    inner = {f"deep/inside/{build.basics.NUMPY.file}": b"the wheel"}

    def obtain(pin, folder):
        (folder / pin.file).write_bytes(wheel(inner))
        return "pip"

    build.downloads.from_pip = obtain
    sha256 = hashlib.sha256(wheel(inner)).hexdigest()
    build.basics.CARRIER = build.basics.CARRIER._replace(sha256=sha256)
    assert "gbdraw" in build.downloads.from_pyodide(build.basics.NUMPY, tmp_path)
    assert (tmp_path / build.basics.NUMPY.file).read_bytes() == b"the wheel"
    assert "no route" in capsys.readouterr().out
    with pytest.raises(build.basics.BuildError, match="does not carry"):
        build.downloads.from_pyodide(build.basics.MICROPIP, tmp_path)


def test_no_npm_and_no_network_is_one_sentence(build, monkeypatch, capsys):
    build.downloads.cached(build.basics.PYODIDE).unlink()
    monkeypatch.setenv("PATH", "")

    def pip(*args):
        raise build.basics.BuildError("no network: Node.js could not be fetched.")

    build.environment.pip = pip
    said = fails(build, capsys)
    assert "no npm on PATH" in said and "no network" in said
    assert not build.basics.DIST.exists()


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("npm error code ENOTFOUND\nnpm error network", "no network: it "),
        ("Retrying after NewConnectionError\nNo matching distribution", "no network: "),
        ("npm error code E404\nnpm error 404", "it cannot be had any more"),
        ("ERROR: No matching distribution found for x", "it cannot be had any more"),
        ("OSError: [Errno 28] No space left on device", "the disk is full: "),
        ("first\nlast words\n", "it failed: last words"),
        ("", "it failed: without a word"),
    ],
)
def test_a_tool_that_fails_is_explained(build, output, sentence):
    said = build.programs.explain("it", output)
    assert said.startswith(sentence) and "\n" not in said


def test_pips_refusal_of_a_hash_names_both(build):
    output = (
        "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n"
        "    numpy==2.2.5 from a file:\n        Expected sha256 aaa\n"
        "        Expected     or bbb\n             Got        ccc\n"
    )
    said = build.programs.explain("numpy", output)
    assert "expected sha256 aaa, got ccc" in said


def test_a_failing_command_gives_its_last_words(build):
    with pytest.raises(build.basics.BuildError, match=r"^the thing failed: because$"):
        build.programs.run(
            [sys.executable, "-c", "exit('first\\nbecause')"], "the thing"
        )
