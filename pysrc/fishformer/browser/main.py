"""The worker's entrance: messages of the page in and out, as bytes that cross fast.

A message is one object with a `kind`. It goes as JSON text, which crosses faster than
a converted object. Only the page's first one does not, for it carries the canvases,
and none that brings bytes.
"""

import asyncio
import json
import traceback
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import Any

from fishformer.browser.library import Library
from fishformer.browser.memory import within_memory
from fishformer.browser.show import Show


def start(xworker: Any, library: Library, bring: Callable[[], Any]) -> None:
    """Say hello, then wait for the page: its first message brings the canvases.

    The training task is made in that message's handler. Made here, it would keep
    the worker's script from ending, and no message would ever arrive.
    """
    show: Show | None = None
    tasks = []

    def post(kind: str, data: bytes | None = None, **message: Any) -> None:
        text = json.dumps({"kind": kind, **message})
        if data is None:
            xworker.postMessage(text)
        else:
            from pyodide.ffi import to_js

            array = to_js(data)
            xworker.postMessage(to_js([text, array]), to_js([array.buffer]))

    def report(error: Exception) -> None:
        detail = "".join(traceback.format_exception(error))
        post("error", message=f"{type(error).__name__}: {error}", detail=detail)

    async def run(task: Awaitable[None]) -> None:
        try:
            await task
        except Exception as error:
            report(error)

    def on_message(event: Any) -> None:
        nonlocal show
        data = event.data
        try:
            with within_memory(show) if show else nullcontext():
                message = json.loads(data) if isinstance(data, str) else data.to_py()
                if show is None:
                    show = Show(message, post, library, bring)
                    tasks.append(asyncio.create_task(run(show.run())))
                    if not library.whole:
                        tasks.append(asyncio.create_task(run(show.complete())))
                else:
                    show.hear(message)
        except Exception as error:
            report(error)

    xworker.onmessage = on_message
    post("hello")
