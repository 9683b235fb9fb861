"""A host for one build, which counts what it sends."""

import functools
import gzip
import time
from pathlib import Path
from typing import Any

from untrimmed import PACKED

from server import Handler, Server


class Noting(Handler):
    """Notes when it answers what, and how."""

    server: "Site"

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        self.server.replies.append((time.time(), self.path, int(code)))


class Site(Server):
    """A folder on an origin of its own, whose answers are noted."""

    def __init__(self, folder: Path):
        super().__init__(folder)
        self.folder = folder
        self.RequestHandlerClass = functools.partial(Noting, directory=str(folder))
        self.replies: list[tuple[float, str, int]] = []

    def sent(self, begin: float, end: float) -> int:
        """Bytes of the bodies sent between two times, compressed as hosts do."""
        return sum(
            packed_size(self.folder / (path.split("?")[0].strip("/") or "index.html"))
            for at, path, code in self.replies
            if begin <= at < end and code == 200
        )


@functools.cache
def packed_size(file: Path) -> int:
    """Bytes of a file as a host sends it: with gzip, unless it is packed already."""
    data = file.read_bytes()
    as_it_is = file.suffix in (*PACKED, ".png")
    return len(data) if as_it_is else len(gzip.compress(data, 6))
