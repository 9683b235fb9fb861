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
from driver import Driver
from keys import strokes

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


# A violation that the page catches would not show on the console.
TELL_VIOLATIONS = """() =>
  document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`Content Security Policy: ${event.violatedDirective}`))"""


class Firefox(Driver):
    """Firefox ESR, without a window, in a profile of its own."""

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
        self._hosts: set[str] = set()
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
        self._ask("script.addPreloadScript", functionDeclaration=TELL_VIOLATIONS)
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
                self._hosts.add(url.split("/")[2])

    @property
    def hosts(self) -> set[str]:
        return self._hosts

    def open(self, url: str) -> None:
        go = {"context": self._context, "url": url, "wait": "complete"}
        self._ask("browsingContext.navigate", **go)

    def reload(self) -> None:
        self._ask("browsingContext.reload", context=self._context, wait="complete")

    def evaluate(self, expression: str) -> Any:
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

    def _act(self, kind: str, actions: list[dict[str, Any]]) -> None:
        source = {"type": kind, "id": kind, "actions": actions}
        self._ask("input.performActions", context=self._context, actions=[source])

    def press(self, keys: str) -> None:
        pressed = strokes(keys)
        down = [{"type": "keyDown", "value": key} for key in pressed]
        up = [{"type": "keyUp", "value": key} for key in reversed(pressed)]
        self._act("key", down + up)

    def write(self, text: str) -> None:
        kinds = ("keyDown", "keyUp")
        self._act("key", [{"type": kind, "value": c} for c in text for kind in kinds])

    def click_at(self, x: int, y: int) -> None:
        move = {"type": "pointerMove", "x": x, "y": y}
        press = [{"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp")]
        self._act("pointer", [move, *press])

    def screenshot(self) -> bytes:
        shot = self._ask("browsingContext.captureScreenshot", context=self._context)
        return base64.b64decode(shot["data"])

    def quit(self) -> None:
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
