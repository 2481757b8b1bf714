"""A page of Debian's chromium, without a window, spoken to by the DevTools protocol over a pipe."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from common import V8_BROWSER  # noqa: E402


class Page:
    """An empty page, for a `with` statement. `flags`: V8's."""

    def __init__(self, flags: list[str]):
        self.flags = flags
        self.received = b""
        self.number = 0
        self.session = {}

    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        reader, self.writer = os.pipe()
        self.reader, writer = os.pipe()
        # The browser reads from descriptor 3 and writes to 4.
        self.browser = subprocess.Popen(
            ["sh", "-c", 'in=$1 out=$2; shift 2; exec "$@" 3<&$in 4>&$out', "sh", str(reader), str(writer), V8_BROWSER,
             "--no-sandbox", "--disable-gpu", f"--user-data-dir={self.directory.name}", f"--js-flags={' '.join(self.flags)}",
             "--remote-debugging-pipe", "about:blank"],
            pass_fds=(reader, writer), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(reader)
        os.close(writer)
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = {"sessionId": self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]}
        self.call("Performance.enable", timeDomain="threadTicks")
        return self

    def __exit__(self, *_):
        self.browser.kill()
        self.browser.wait()
        self.directory.cleanup()

    def call(self, method: str, **parameters) -> dict:
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters, **self.session}
        rest = json.dumps(message).encode() + b"\0"
        while rest:
            rest = rest[os.write(self.writer, rest):]
        # Events come in between.
        while (answer := self.receive()).get("id") != self.number:
            pass
        if "error" in answer:
            raise SystemExit(f"{method}: {answer['error']}")
        return answer["result"]

    def receive(self) -> dict:
        while b"\0" not in self.received:
            piece = os.read(self.reader, 1 << 16)
            if not piece:
                raise SystemExit(f"{V8_BROWSER} ended")
            self.received += piece
        message, self.received = self.received.split(b"\0", 1)
        return json.loads(message)

    def evaluate(self, expression: str):
        """The value of an expression of JavaScript."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in result:
            raise SystemExit(result["result"].get("description", "an exception"))
        return result["result"].get("value")

    def cpu_time(self) -> float:
        """Seconds of the thread that JavaScript and WebAssembly run on."""
        metrics = self.call("Performance.getMetrics")["metrics"]
        return next(metric["value"] for metric in metrics if metric["name"] == "ThreadTime")
