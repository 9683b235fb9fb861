"""E01: a sentence of one's own, what the maps show, the Python and the numbers."""

import re
import textwrap

import pytest
from fishpage import FishPage

from fishformer.corpus import Corpus

HOSTILE = "<img src=x onerror=alert(1)>"


def type_own(page: FishPage, text: str) -> None:
    page.tab.get_by_label("Your own sentence").fill(text)


def error(page: FishPage) -> str:
    return page.tab.locator("#own-error").inner_text()


@pytest.fixture
def own(page: Corpus) -> tuple[str, ...]:
    """A sentence that the model has not seen, of words that it knows."""
    return page.held_out[0]
