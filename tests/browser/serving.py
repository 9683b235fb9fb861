"""A plain static host for the built site, which can be told to misbehave."""

import gzip
import http.server
import threading
import time
from collections import Counter
from pathlib import Path

PREFIX = "/some/where/"  # the site must work under any path
SLOW = 2e6  # bytes a second of a file that is served slowly
BLOCK = 8192  # bytes that a thin line takes at a time
TEXTS = (".html", ".css", ".js", ".mjs", ".json")


class Host(http.server.ThreadingHTTPServer):
    """Serves a folder under PREFIX, without any header that a static host lacks.

    `faults` maps the end of a path to what goes wrong with it: "missing", "broken"
    (HTTP 500), "corrupt" (one byte differs), "short" (the line is closed after the
    first half), "hang" (the second half comes after let_go), "slow", or bytes to serve
    in its place. `asked` lists every path that was asked for.

    With `thin`, all answers share one line of so many bytes a second, each begins after
    so many seconds, texts are compressed, and `sent` counts the bytes of each path.
    """

    daemon_threads = True

    def __init__(self, folder: Path):
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder = folder
        self.url = f"http://127.0.0.1:{self.server_port}{PREFIX}"
        self.faults: dict[str, str | bytes] = {}
        self.asked: list[str] = []
        self.let_go = threading.Event()  # answers that hang go on
        self.thin: tuple[float, float] | None = None
        self.line = threading.Lock()
        self.sent: Counter[str] = Counter()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def built(self) -> Path:
        """The folder of the build."""
        (folder,) = self.folder.glob("b-*")
        return folder

    def holds(self, path: str) -> bool:
        """Whether a path of a request is that of a file of the site."""
        inside = path.startswith(PREFIX)
        return path == PREFIX or (inside and self.file(path).is_file())

    def file(self, path: str) -> Path:
        return self.folder / (path.removeprefix(PREFIX) or "index.html")

    def behave(self) -> None:
        """Forget the faults and what was asked for."""
        self.let_go.set()
        self.let_go = threading.Event()
        self.faults, self.asked, self.thin, self.sent = {}, [], None, Counter()

    def stop(self) -> None:
        self.let_go.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address):
        """A browser that goes away is no news."""


class Handler(http.server.SimpleHTTPRequestHandler):
    """One request: GET of a file."""

    server: Host
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.split("?")[0]
        self.server.asked.append(path)
        faults = self.server.faults.items()
        fault = next((what for end, what in faults if path.endswith(end)), None)
        if not self.server.holds(path) or fault == "missing":
            self.send_error(404)
            return
        if fault == "broken":
            self.send_error(500)
            return
        file = self.server.file(path)
        body = fault if isinstance(fault, bytes) else file.read_bytes()
        if fault == "corrupt":
            middle = len(body) // 2
            body = body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(file.name))
        if self.server.thin and file.name.endswith(TEXTS):
            body = gzip.compress(body, 6)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self._send(body, fault)

    def _send(self, body: bytes, fault: str | bytes | None) -> None:
        half = len(body) // 2
        if fault == "short":
            self.wfile.write(body[:half])
            self.close_connection = True
        elif fault == "hang":
            let_go = self.server.let_go
            self.wfile.write(body[:half])
            let_go.wait(300)
            self.wfile.write(body[half:])
        elif fault == "slow":
            block = int(SLOW / 20)
            for at in range(0, len(body), block):
                self.wfile.write(body[at : at + block])
                time.sleep(0.05)
        elif self.server.thin:
            rate, latency = self.server.thin
            time.sleep(latency)
            for at in range(0, len(body), BLOCK):
                block = body[at : at + BLOCK]
                with self.server.line:
                    time.sleep(len(block) / rate)
                self.wfile.write(block)
                self.server.sent[self.path] += len(block)
        else:
            self.wfile.write(body)

    def log_message(self, *args):
        pass
