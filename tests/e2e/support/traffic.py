"""Traffic through a Service while something happens to its pods."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from space import NAME, SETOSA, VIRGINICA, Object, Space

DRIVER = Path(__file__).with_name("load_driver.py").read_text()
URL = f"http://{NAME}/predict"
CONNECTIONS = 24
MEASURING_REQUESTS = 20_000


@dataclass
class Traffic:
    """Clients that are under way in the client's pod."""

    space: Space
    url: str = URL
    rate: float = 0
    questions: tuple[Object, ...] = (SETOSA, VIRGINICA)
    connections: int = CONNECTIONS

    def start(self) -> None:
        self.space.reach(self.url)
        plan = {"url": self.url, "connections": self.connections, "rate": self.rate, "questions": self.questions}
        self._program = self.space.start("exec", "-i", "client", "--", "python", "-c", DRIVER, json.dumps(plan))
        self._news = threading.Condition()
        self._last: dict[str, Any] = {"sent": 0}
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self._program.stdout:
            with self._news:
                self._last = json.loads(line)
                self._news.notify_all()
        with self._news:
            self._last = {**self._last, "ended": True}
            self._news.notify_all()

    def sent(self, at_least: int, seconds: float = 300) -> None:
        """Wait until so many requests were sent."""
        with self._news:
            there = self._news.wait_for(lambda: self._last["sent"] >= at_least or "ended" in self._last, seconds)
            assert there, f"only {self._last['sent']} of {at_least} requests in {seconds:g} seconds"
            assert "ended" not in self._last, f"the load driver ended early: {self._last}"

    def stop(self) -> dict[str, Any]:
        """Stop the clients and get their tally."""
        self._program.stdin.write("stop\n")
        self._program.stdin.flush()
        self._reader.join(60)
        self._program.wait(10)
        assert "done" in self._last, f"the load driver gave no tally: {self._last}, {self._program.stderr.read()}"
        return self._last

    def close(self) -> None:
        if self._program.poll() is None:
            self._program.kill()
            self._program.wait(10)
        self._reader.join(10)
        for pipe in (self._program.stdin, self._program.stdout, self._program.stderr):
            pipe.close()


@contextmanager
def traffic(space: Space, **plan: Any) -> Iterator[Traffic]:
    """Clients that keep their connections and never retry, from the first request to the end of the block."""
    under_way = Traffic(space, **plan)
    under_way.start()
    try:
        under_way.sent(1)
        yield under_way
    finally:
        under_way.close()


def with_upper(question: dict) -> dict:
    """A question that the first model answers in lower case and the changed one in upper case."""
    (answer,) = question["answers"]
    upper = {"predictions": [label.upper() for label in answer["predictions"]]}
    return {**question, "answers": [answer, upper]}


def capacity(space: Space) -> float:
    """Measure how many requests a second the release answers to clients that ask as fast as they can."""
    with traffic(space) as clients:
        clients.sent(MEASURING_REQUESTS)
        tally = clients.stop()
    assert tally["failed"] == 0, tally
    return float(tally["sent"] / tally["seconds"])
