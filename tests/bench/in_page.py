"""Calls from the bench's page into Python: JSON in, JSON out."""

import importlib
import inspect
import json
from typing import Any


async def call(module: str, name: str, given: str, canvases: Any) -> str:
    """The answer of a function, given keywords; canvases only if there are any."""
    function = getattr(importlib.import_module(module), name)
    keywords = json.loads(given)
    if canvases.object_keys().length:
        keywords["canvases"] = canvases
    answer = function(**keywords)
    return json.dumps(await answer if inspect.isawaitable(answer) else answer)
