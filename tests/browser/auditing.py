"""Lighthouse, from npm and locked by hash in tests/lighthouse/."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from browsers import CHROMIUM_FLAGS, ROOT, find_chromium

import downloads
import programs

LOCKED = ROOT / "tests" / "lighthouse"
FILES = ("package.json", "package-lock.json")


def fetch_lighthouse() -> Path:
    """Its command, fetched into .work/ once. Raises BuildError if it cannot be had."""
    home = ROOT / ".work" / "lighthouse"
    done, wanted = home / "complete", (LOCKED / FILES[1]).read_text()
    if not done.exists() or done.read_text() != wanted:
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        for name in FILES:
            shutil.copyfile(LOCKED / name, home / name)
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        command = [*downloads.npm(), "ci", *options]
        programs.run(command, "Lighthouse", cwd=home)
        done.write_text(wanted)
    return home / "node_modules" / "lighthouse" / "cli" / "index.js"


def audit(
    lighthouse: Path, url: str, folder: Path, categories: tuple[str, ...], *flags: str
) -> dict[str, Any]:
    """What it finds on a page; its report and its browser's profile lie in `folder`."""
    report = folder / "report.json"
    browser = [
        *(*CHROMIUM_FLAGS, "--headless=new", f"--user-data-dir={folder}/profile"),
    ]
    browser = [flag for flag in browser if " " not in flag]
    command = [
        *(downloads.node(), str(lighthouse), url),
        *("--quiet", "--output=json", f"--output-path={report}"),
        *("--no-enable-error-reporting", f"--only-categories={','.join(categories)}"),
        *(f"--chrome-flags={' '.join(browser)}", *flags),
    ]
    env = {**os.environ, "CHROME_PATH": find_chromium()}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, done.stderr
    found = json.loads(report.read_text())
    assert "runtimeError" not in found, found["runtimeError"]
    return found
