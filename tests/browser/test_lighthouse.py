"""What Lighthouse finds on the built site."""

import os
from pathlib import Path

import pytest
from auditing import audit, fetch_lighthouse
from serving import Host

import basics

# Not performance: its figures are of this machine's load too. The bench tells them.
CATEGORIES = ("accessibility", "best-practices", "seo")


@pytest.fixture(scope="module")
def lighthouse() -> Path:
    try:
        return fetch_lighthouse()
    except basics.BuildError as error:
        if "CI" in os.environ:
            raise
        pytest.skip(f"Lighthouse cannot be had: {error}")


def test_lighthouse_gives_95_or_more(lighthouse: Path, site: Host, tmp_path: Path):
    found = audit(lighthouse, site.url, tmp_path, CATEGORIES)
    site.asked = [path for path in site.asked if site.holds(path)]  # robots.txt
    scores = {name: part["score"] for name, part in found["categories"].items()}
    assert set(scores) == set(CATEGORIES)
    faults = [
        f"{audit['id']}: {audit['title']}"
        for audit in found["audits"].values()
        if audit["score"] is not None and audit["score"] < 1
    ]
    assert min(scores.values()) >= 0.95, (scores, faults)
