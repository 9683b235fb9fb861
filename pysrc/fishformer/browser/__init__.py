"""The only part that knows it runs in a browser: messages, painter, pacing."""

import importlib
from typing import Any


def module(name: str) -> Any:
    """A module of the package as it is now: an edit of its source makes new ones."""
    return importlib.import_module(f"fishformer.{name}")
