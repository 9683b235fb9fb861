"""The commands: build, serve, test, bench."""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import basics
import environment
import server
import sites
from basics import BuildError, say

BROWSERS = (
    "chromium firefox-esr webkit2gtk-driver libwebkit2gtk-4.1-0 xvfb xauth "
    "fonts-liberation"
)

# A whole run: a file on each processor and one more, for a third of the time a browser
# waits; in the order of tests/browser/conftest.py, and numpy and PyTorch with one
# thread in each, for they would crowd each other. A browser can stop for good (Chromium
# does, drawing without a GPU, once in many thousand canvases): its test fails then, and
# the rest of the file goes on in another process.
WORKERS = min(os.cpu_count() or 1, 4) + 1
LIMIT = 600  # seconds; the longest test takes some 200 on a slow machine
WHOLE = (
    f"-n {WORKERS} --dist loadfile --no-loadscope-reorder "
    f"-o faulthandler_timeout={LIMIT} -o faulthandler_exit_on_timeout=true "
    "--max-worker-restart 1"
).split()
ONE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)


def serve(port: int, prefix: str) -> int:
    """Build, and serve until Ctrl-C. Returns the exit status."""
    with basics.alone():
        sites.build()
    try:
        site = server.Server(basics.DIST, port, prefix)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", "") or str(error)
        raise BuildError(f"port {port}: {why}; try another with --port.") from None
    say(f"Fishformer is at {site.url} (Ctrl-C ends)")
    with site, contextlib.suppress(KeyboardInterrupt):
        site.serve_forever()
    return 0


def find_browsers() -> dict[str, str]:
    """Environment variables for the tests: name -> path, "" if there is none."""
    commands = {
        "CHROMIUM": ("chromium", "chromium-browser", "google-chrome"),
        "FIREFOX": ("firefox-esr", "firefox"),
        "WEBKIT_DRIVER": ("WebKitWebDriver",),
        "XVFB_RUN": ("xvfb-run",),
    }
    found = {
        name: next(filter(None, map(shutil.which, names)), "")
        for name, names in commands.items()
    }
    mini = sorted(map(str, Path("/usr").glob("lib*/*/webkit*gtk*/MiniBrowser")))
    found["MINIBROWSER"] = mini[0] if mini else ""
    return {name: os.environ.get(name, path) for name, path in found.items()}


def tools() -> Path:
    """The environment's Python with all that tests and bench need; dist/ is built."""
    with basics.alone():
        python = environment.install("development tools", environment.locked())
        try:
            environment.install("PyTorch", basics.TORCH_LOCK.read_text())
        except BuildError as error:
            say(f"  nothing will be compared with PyTorch: {error}")
        sites.build()
    return python


def test(arguments: list[str]) -> int:
    """Set everything up, run pytest with these arguments, return its status.

    Without arguments it is the whole run, several files at a time.
    """
    missing = [name for name, path in find_browsers().items() if not path]
    if missing:
        environment.install_packages(
            BROWSERS, f"the tests find no {', '.join(missing)}"
        )
    python = tools()
    command = [str(python), "-m", "pytest", *(arguments or WHOLE)]
    env = {**ONE_THREAD, **os.environ, **find_browsers()}
    return subprocess.call(command, cwd=basics.ROOT, env=env)


def bench(file: str | None, only: str | None) -> int:
    """Set everything up, run tests/bench, or one part of it, return its status."""
    if not find_browsers()["CHROMIUM"]:
        environment.install_packages(
            "chromium fonts-liberation", "the bench finds no Chromium"
        )
    command = [str(tools()), str(basics.ROOT / "tests" / "bench")]
    command += ["--json", file] if file else []
    command += ["--only", only] if only else []
    places = (
        basics.ROOT / "pysrc",
        basics.ROOT / "tests" / "browser",
        basics.ROOT / ".build",
    )
    path = {"PYTHONPATH": os.pathsep.join(map(str, places))}
    return subprocess.call(command, env={**os.environ, **find_browsers(), **path})


def main(arguments: list[str], about: str) -> int:
    """Run one command and return the exit status."""
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=about, formatter_class=plain)
    commands = parser.add_subparsers(dest="command", metavar="command")
    commands.add_parser("build", help="write dist/ (the default)")
    serving = commands.add_parser("serve", help="build if needed and serve dist/")
    serving.add_argument("--port", type=int, default=8000)
    serving.add_argument("--prefix", default="/", help="a path, such as /some/path/")
    commands.add_parser("test", help="what follows goes to pytest", add_help=False)
    timings = commands.add_parser("bench", help="side-by-side timings")
    timings.add_argument("--json", metavar="FILE", help="write everything there too")
    timings.add_argument("--only", choices=["arrival"], help="measure this part alone")
    options, rest = parser.parse_known_args(arguments)
    if options.command == "test":
        return test([a for a in rest if a != "--"])
    if rest:
        parser.error(f"unknown: {' '.join(rest)}")
    if options.command == "serve":
        return serve(options.port, options.prefix)
    if options.command == "bench":
        return bench(options.json, options.only)
    with basics.alone():
        sites.build()
    return 0


def command_line(arguments: list[str], about: str = __doc__) -> int:
    """main(), with each failure as one sentence on stderr."""
    try:
        return main(arguments, about)
    except BuildError as error:
        sentence = str(error)
    except KeyboardInterrupt:
        sentence = "stopped; dist/ is as it was."
    except OSError as error:
        sentence = f"{error.filename or 'writing'}: {error.strerror or error}."
        if error.errno == errno.ENOSPC:
            sentence = "the disk is full; dist/ is as it was."
    print(f"build.py: {sentence}", file=sys.stderr)
    return 1
