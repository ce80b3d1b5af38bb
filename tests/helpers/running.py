"""A real server in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx2

PROGRAM = Path(sys.executable).parent / "ml-api"
HELPERS = Path(__file__).parent
PATIENCE = 60.0
"""Seconds until a test gives up on an event; no test waits that long unless something is broken."""


class Log:
    """The lines that a process writes, as they come."""

    def __init__(self, stream) -> None:
        self.lines: list[str] = []
        self._news = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._follow, args=(stream,), daemon=True)
        self._thread.start()

    def _follow(self, stream) -> None:
        for line in stream:
            with self._news:
                self.lines.append(line.rstrip("\n"))
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()
        stream.close()

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until a line matches."""

        def find() -> re.Match[str] | None:
            return next((found for line in self.lines if (found := re.search(pattern, line))), None)

        with self._news:
            self._news.wait_for(lambda: find() or self._ended, PATIENCE)
            found = find()
        assert found, f"no line matches {pattern!r}:\n{self}"
        return found

    def wait_for_end(self) -> None:
        """Wait until the process has closed its end."""
        self._thread.join(PATIENCE)
        assert self._ended, f"the process still writes:\n{self}"

    def __str__(self) -> str:
        return "\n".join(self.lines)


class Server:
    """``ml-api serve`` on a free port.

    Args:
        bundle: Its folder.
        arguments: More of the command line.
        settings: By name; they become environment variables.
        environment: Other environment variables.
    """

    def __init__(
        self,
        bundle: Path,
        arguments: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        **settings: object,
    ) -> None:
        values = {"port": 0, "drain_seconds": 0, **settings}
        variables = {f"ML_API_{name.upper()}": str(value) for name, value in values.items()}
        self.process = subprocess.Popen(
            [PROGRAM, "serve", bundle, *arguments],
            env={**os.environ, "PYTHONPATH": str(HELPERS), **(environment or {}), **variables},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.log = Log(self.process.stderr)
        self.client: httpx2.Client | None = None
        self.expects_errors = False
        self.expects_failure = False

    def listen(self) -> Server:
        """Wait until the server listens; it may not be ready."""
        if self.client is not None:
            return self
        self.url = self.log.wait_for(r"Listening on (http://\S+)\.")[1]
        self.host, _, port = self.url.removeprefix("http://").rpartition(":")
        self.port = int(port)
        self.client = httpx2.Client(base_url=self.url, timeout=PATIENCE)
        return self

    def ready(self) -> Server:
        """Wait until the model is ready."""
        self.listen()
        self.log.wait_for(r"Ready: ")
        assert self.client.get("/readyz").status_code == 200
        return self

    def signal(self, number: int) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def wait(self) -> int:
        """Wait for the end of the process and give its exit code."""
        code = self.process.wait(PATIENCE)
        self.log.wait_for_end()
        return code

    def stop(self) -> None:
        """Stop the server, and see that it ends well and has complained of nothing."""
        if self.client is not None:
            self.client.close()
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        code = self.wait()
        if self.expects_failure:
            return
        assert code == 0, f"exit code {code}:\n{self.log}"
        if not self.expects_errors:
            # What is no HTTP at all never reaches the application; uvicorn says so.
            complaint = re.compile("Traceback|Warning: | ERROR | WARNING (?!uvicorn.error: Invalid HTTP request)")
            assert not complaint.search(str(self.log)), str(self.log)
