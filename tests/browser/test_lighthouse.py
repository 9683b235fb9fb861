"""Lighthouse, from npm and locked by hash in tests/lighthouse/, on the built site."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from browsers import CHROMIUM_FLAGS, ROOT, find_chromium
from serving import Host

import basics
import downloads
import programs

LOCKED = ROOT / "tests" / "lighthouse"
FILES = ("package.json", "package-lock.json")
# Not performance: its figures are of a simulated telephone, and of this machine's load.
CATEGORIES = ("accessibility", "best-practices", "seo")


@pytest.fixture(scope="module")
def lighthouse() -> Path:
    """Its command, fetched into .work/ once."""
    home = ROOT / ".work" / "lighthouse"
    done, wanted = home / "complete", (LOCKED / FILES[1]).read_text()
    if not done.exists() or done.read_text() != wanted:
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        for name in FILES:
            shutil.copyfile(LOCKED / name, home / name)
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        try:
            command = [*downloads.npm(), "ci", *options]
            programs.run(command, "Lighthouse", cwd=home)
        except basics.BuildError as error:
            pytest.skip(f"Lighthouse cannot be had: {error}")
        done.write_text(wanted)
    return home / "node_modules" / "lighthouse" / "cli" / "index.js"


def test_lighthouse_gives_95_or_more(lighthouse: Path, site: Host, tmp_path: Path):
    report = tmp_path / "report.json"
    flags = [*CHROMIUM_FLAGS, "--headless=new", f"--user-data-dir={tmp_path}/profile"]
    flags = [flag for flag in flags if " " not in flag]
    command = [
        *(downloads.node(), str(lighthouse), site.url),
        *("--quiet", "--output=json", f"--output-path={report}"),
        *("--no-enable-error-reporting", f"--only-categories={','.join(CATEGORIES)}"),
        f"--chrome-flags={' '.join(flags)}",
    ]
    env = {**os.environ, "CHROME_PATH": find_chromium()}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, done.stderr
    found = json.loads(report.read_text())
    assert "runtimeError" not in found, found["runtimeError"]
    site.asked = [path for path in site.asked if site.holds(path)]  # robots.txt
    scores = {name: part["score"] for name, part in found["categories"].items()}
    assert set(scores) == set(CATEGORIES)
    faults = [
        f"{audit['id']}: {audit['title']}"
        for audit in found["audits"].values()
        if audit["score"] is not None and audit["score"] < 1
    ]
    assert min(scores.values()) >= 0.95, (scores, faults)
