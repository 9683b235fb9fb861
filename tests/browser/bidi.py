"""Firefox, driven over WebDriver BiDi: the protocol that it speaks by itself."""

import base64
import itertools
import json
import re
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import websocket

PREFERENCES = {  # no home page, no updates, no reports: no other host is asked
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage": "about:blank",
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.proxy.type": 0,
    "remote.active-protocols": 1,
    "toolkit.telemetry.enabled": False,
}


class Firefox:
    """One browser with one page."""

    name = "Firefox"

    def __init__(self, binary: str):
        self._folder = tempfile.TemporaryDirectory(prefix="fish-firefox-")
        profile = Path(self._folder.name)
        lines = (f'user_pref("{k}", {json.dumps(v)});' for k, v in PREFERENCES.items())
        (profile / "user.js").write_text("\n".join(lines))
        self._log = profile / "stderr.txt"
        options = "--headless --no-remote --remote-debugging-port 0"
        window = "--width 1280 --height 900"
        command = [binary, *options.split(), *window.split(), "--profile", str(profile)]
        with self._log.open("w") as log:
            self._process = subprocess.Popen(command, stderr=log, stdout=log)
        self._ids = itertools.count(1)
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        try:
            self._socket = websocket.create_connection(
                self._address() + "/session", timeout=60, suppress_origin=True
            )
            self.version = self._begin()
        except BaseException:
            self._process.kill()
            raise

    def _address(self) -> str:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if found := re.search(r"listening on (ws://\S+)", self._log.read_text()):
                return found[1]
            time.sleep(0.1)
        raise RuntimeError(f"Firefox did not start:\n{self._log.read_text()}")

    def _begin(self) -> str:
        session = self._ask("session.new", capabilities={})
        contexts = self._ask("browsingContext.getTree")["contexts"]
        self._context = contexts[0]["context"]
        self._ask(
            "session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"]
        )
        return session["capabilities"]["browserVersion"]

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        """One command and its answer; events on the way are noted."""
        number = next(self._ids)
        command = {"id": number, "method": method, "params": params}
        self._socket.send(json.dumps(command))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == number:
                if message["type"] == "error":
                    raise RuntimeError(f"{method}: {message['message']}")
                return message["result"]
            self._note(message)

    def _note(self, event: dict[str, Any]) -> None:
        what = event.get("params", {})
        if event.get("method") == "log.entryAdded" and what["level"] == "error":
            self.complaints.append(what["text"])
        elif event.get("method") == "network.beforeRequestSent":
            url = what["request"]["url"]
            if url.startswith("http"):
                self.hosts.add(url.split("/")[2])

    def open(self, url: str) -> None:
        """Load a page."""
        go = {"context": self._context, "url": url, "wait": "complete"}
        self._ask("browsingContext.navigate", **go)

    def evaluate(self, expression: str) -> Any:
        """The value of an expression, possibly a promise, that JSON can carry."""
        as_text = (
            f"Promise.resolve({expression}).then((value) => JSON.stringify(value))"
        )
        result = self._ask(
            "script.evaluate",
            expression=as_text,
            target={"context": self._context},
            awaitPromise=True,
        )
        if result["type"] == "exception":
            raise RuntimeError(result["exceptionDetails"]["text"])
        return json.loads(result["result"].get("value", "null"))

    def press(self, key: str) -> None:
        """One key, such as " " or a code point of WebDriver's."""
        actions = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        keyboard = {"type": "key", "id": "keyboard", "actions": actions}
        self._ask("input.performActions", context=self._context, actions=[keyboard])

    def screenshot(self) -> bytes:
        """What the window shows, as PNG."""
        shot = self._ask("browsingContext.captureScreenshot", context=self._context)
        return base64.b64decode(shot["data"])

    def quit(self) -> None:
        """End the browser."""
        try:
            self._ask("browser.close")
            self._socket.close()
            self._process.wait(10)
        except (RuntimeError, OSError, websocket.WebSocketException):
            pass
        except subprocess.TimeoutExpired:
            pass
        finally:
            self._process.kill()
            self._process.wait()
            self._folder.cleanup()
