"""Clients that keep their connections, send POST requests at a steady rate, never retry, and check each answer.

Runs inside the cluster, in a pod of the service's own image, as ``python -c``; so it is one file and imports only what
that image has. Standard input takes ``stop``; standard output gives a line of JSON each second and one at the end.

    python load_driver.py '{"url": "http://iris:80/predict", "connections": 24, "rate": 1000, "questions": [...]}'
"""

import asyncio
import collections
import json
import sys
import time
import urllib.parse

import httptools
import uvloop

TIMEOUT_SECONDS = 30.0
KEPT_FAILURES = 50


class Tally:
    """What was sent and what came back."""

    def __init__(self, questions):
        self.begun = time.time()
        self.sent = 0
        self.connections = 0
        self.right = collections.Counter()
        self.failed = collections.Counter()
        self.failures = []
        self.seconds = []
        self.answers = [{json.dumps(answer): answer for answer in question["answers"]} for question in questions]

    def check(self, question, status, body, started):
        self.seconds.append(time.perf_counter() - started)
        if status != 200:
            self.fail(f"status {status}", body.decode(errors="replace")[:200])
            return
        answer = json.dumps(json.loads(body))
        if answer in self.answers[question]:
            self.right[answer] += 1
        else:
            self.fail("wrong answer", answer[:200])

    def fail(self, kind, detail=""):
        self.failed[kind] += 1
        if len(self.failures) < KEPT_FAILURES:
            self.failures.append({"time": time.time(), "kind": kind, "detail": detail})

    def summary(self, **more):
        ordered = sorted(self.seconds) or [0.0]

        def at(share):
            return round(1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)], 1)

        return {
            "sent": self.sent,
            "right": sum(self.right.values()),
            "failed": sum(self.failed.values()),
            "seconds": round(time.time() - self.begun, 1),
            "connections": self.connections,
            "answers": self.right,
            "kinds": self.failed,
            "failures": self.failures,
            "p50_ms": at(0.5),
            "p99_ms": at(0.99),
            "slowest_ms": at(1.0),
            **more,
        }


class Connection(asyncio.Protocol):
    """One connection at a time; a lost one is replaced, and what it owed is counted as failed."""

    def __init__(self, load, number):
        self.load = load
        self.tally = load.tally
        self.loop = load.loop
        self.question = number % len(load.requests)
        self.request = load.requests[self.question]
        self.due = self.loop.time() + number * load.interval / load.connections
        self.transport = None
        self.answered = asyncio.Event()
        self.answered.set()
        self.timer = None

    async def open(self):
        try:
            await asyncio.wait_for(self.loop.create_connection(lambda: self, *self.load.address), TIMEOUT_SECONDS)
        except (OSError, TimeoutError) as error:
            self.tally.sent += 1
            self.tally.fail(f"no connection: {type(error).__name__}")
            if not self.load.stopping:
                self.loop.call_later(0.05, self.reconnect)

    def reconnect(self):
        task = self.loop.create_task(self.open())
        self.load.tasks.add(task)
        task.add_done_callback(self.load.tasks.discard)

    def connection_made(self, transport):
        self.transport = transport
        self.parser = httptools.HttpResponseParser(self)
        self.tally.connections += 1
        self.schedule()

    def schedule(self):
        if self.load.stopping:
            self.transport.close()
            return
        wait = self.due - self.loop.time()
        if wait > 0:
            self.loop.call_later(wait, self.send, self.transport)
        else:
            self.send(self.transport)

    def send(self, transport):
        # The connection that this was planned for may be gone, and another one has planned its own.
        if transport is not self.transport or self.load.stopping:
            return
        # A client that is late sends at once until it has caught up: the rate is that of all the run.
        self.due += self.load.interval
        self.answered.clear()
        self.body = b""
        self.started = time.perf_counter()
        self.tally.sent += 1
        self.timer = self.loop.call_later(TIMEOUT_SECONDS, self.give_up)
        transport.write(self.request)

    def give_up(self):
        self.answered.set()
        self.tally.fail("no answer in time")
        self.transport.abort()

    def data_received(self, data):
        self.parser.feed_data(data)

    def on_body(self, data):
        self.body += data

    def on_message_complete(self):
        self.answered.set()
        self.timer.cancel()
        self.tally.check(self.question, self.parser.get_status_code(), self.body, self.started)
        if not self.parser.should_keep_alive():
            self.transport.close()
        else:
            self.loop.call_soon(self.next, self.transport)

    def next(self, transport):
        if transport is self.transport and not transport.is_closing():
            self.parser = httptools.HttpResponseParser(self)
            self.schedule()

    def connection_lost(self, error):
        self.transport = None
        if not self.answered.is_set():
            self.answered.set()
            self.timer.cancel()
            self.tally.fail("connection lost before the answer", type(error).__name__)
        if not self.load.stopping:
            self.reconnect()


class Load:
    """All connections, and the clock that tells how far they are."""

    def __init__(self, url, connections, rate, questions):
        parts = urllib.parse.urlsplit(url)
        self.loop = asyncio.get_running_loop()
        self.address = (parts.hostname, parts.port or 80)
        self.connections = connections
        self.interval = connections / rate if rate else 0.0
        self.requests = [make_request(parts, question["body"]) for question in questions]
        self.tally = Tally(questions)
        self.tasks = set()
        self.stopping = False

    async def run(self):
        stop = asyncio.Event()
        self.loop.add_reader(sys.stdin, lambda: sys.stdin.readline().strip() in ("stop", "") and stop.set())
        clients = [Connection(self, number) for number in range(self.connections)]
        for client in clients:
            client.reconnect()
        while not stop.is_set():
            try:
                await asyncio.wait_for(stop.wait(), 1)
            except TimeoutError:
                failed = sum(self.tally.failed.values())
                tell({"sent": self.tally.sent, "failed": failed})
        self.stopping = True
        owed = [client.answered.wait() for client in clients]
        await asyncio.wait_for(asyncio.gather(*owed), TIMEOUT_SECONDS + 1)
        tell(self.tally.summary(done=True))


def make_request(parts, body):
    content = json.dumps(body).encode()
    headers = [f"Host: {parts.netloc}", "Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([f"POST {parts.path} HTTP/1.1", *headers, "", ""]).encode() + content


def tell(news):
    sys.stdout.write(json.dumps(news) + "\n")
    sys.stdout.flush()


async def main():
    await Load(**json.loads(sys.argv[1])).run()


uvloop.run(main())
