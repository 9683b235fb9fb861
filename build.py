#!/usr/bin/env python3
"""Build, serve and test Fishformer. Standard library only; it sets up the rest.

    python3 build.py          write dist/: the whole site, for any static host
    python3 build.py serve    build if needed, serve, print the address
    python3 build.py test     environment, browsers, build, then pytest
    python3 build.py bench    side-by-side timings

What it downloads and makes goes into .work/ and dist/, both ignored by git. The
sha256 of every download stands in pyproject.toml or tests/requirements.txt.
"""

import sys
from pathlib import Path

try:
    import fcntl  # noqa: F401
    import tomllib  # noqa: F401
except ModuleNotFoundError:
    sys.exit("build.py needs Python 3.11 or newer, on Linux, macOS or WSL.")

sys.path.insert(0, str(Path(__file__).resolve().parent / ".build"))

from commands import command_line

if __name__ == "__main__":
    sys.exit(command_line(sys.argv[1:], __doc__))
