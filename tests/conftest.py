"""What several test files share."""

import pytest

from fishformer.corpus import load_corpus, load_fish


@pytest.fixture(scope="session")
def fish():
    return load_fish()


@pytest.fixture(scope="session")
def small():
    """A corpus that trains in a moment."""
    subjects = ("a cod", "the eel", "one old crab", "my pike")
    verbs = ("swims", "sleeps", "hides", "turns")
    places = ("in the sea", "near a reef", "under the boat", "at night")
    lines = [f"{s} {v} {p}" for s in subjects for v in verbs for p in places]
    return load_corpus("\n".join(lines))
