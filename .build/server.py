"""A plain static host for this machine."""

from __future__ import annotations

import functools
import http.server
import os
from pathlib import Path


class Handler(http.server.SimpleHTTPRequestHandler):
    """Answers as a plain static host does, below the server's prefix."""

    server: Server
    protocol_version = "HTTP/1.1"
    extensions_map = {  # noqa: RUF012 (as the base class has it)
        ".html": "text/html; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".mjs": "text/javascript; charset=utf-8",
        ".json": "application/json",
        ".py": "text/x-python; charset=utf-8",
        ".txt": "text/plain; charset=utf-8",
        ".svg": "image/svg+xml",
        ".png": "image/png",
        ".webmanifest": "application/manifest+json",
        ".wasm": "application/wasm",
        ".zip": "application/zip",
        ".whl": "application/octet-stream",
    }

    def send_head(self):
        path, prefix = self.path.split("?")[0], self.server.prefix
        if path + "/" == prefix:
            self.send_response(301)
            self.send_header("Location", prefix)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        self.path = "/" + path.removeprefix(prefix)
        folder = os.path.isdir(self.translate_path(self.path))
        if not path.startswith(prefix) or (folder and path != prefix):
            self.send_error(404)
            return None
        return super().send_head()

    def end_headers(self):
        self.send_header("Cache-Control", "no-cache")  # a new build is seen at once
        super().end_headers()

    def log_message(self, *args):
        """Nothing: the terminal stays with the address."""


class Server(http.server.ThreadingHTTPServer):
    """`Server(folder, port, prefix)` on this machine only; .url is its address."""

    daemon_threads = True

    def __init__(self, folder: Path, port: int = 0, prefix: str = "/"):
        handler = functools.partial(Handler, directory=str(folder))
        super().__init__(("127.0.0.1", port), handler)
        self.prefix = f"/{prefix.strip('/')}/".replace("//", "/")
        self.url = f"http://127.0.0.1:{self.server_port}{self.prefix}"

    def handle_error(self, request, client_address):
        """Nothing: a browser that hangs up is no news."""
