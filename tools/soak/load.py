"""The load of a soak: good requests of every protocol, bad ones, clients that leave, and probes."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import cycle
from time import perf_counter

import httpx2
import orjson

CLIENTS = 8
REQUESTS_A_CONNECTION = 200


@dataclass(frozen=True)
class Question:
    """A request and the status that it has to bring."""

    method: str
    path: str
    content: bytes
    status: HTTPStatus


@dataclass
class Tally:
    """What happened since the last look.

    Attributes:
        durations: Of the predictions, in seconds.
        wrong: Answers with another status than they should have, by what they were.
        has_begun: Set by the first prediction.
    """

    durations: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    has_begun: asyncio.Event = field(default_factory=asyncio.Event)


def questions(name: str, inputs: dict[str, object], instances: object) -> list[Question]:
    """Write the requests for a model.

    Args:
        name: Of the model.
        inputs: A V2 request that it can answer.
        instances: Rows that it can answer.
    """
    rows = orjson.dumps({"instances": instances})
    infer = f"/v2/models/{name}/infer"
    return [
        Question("POST", "/predict", rows, HTTPStatus.OK),
        Question("POST", f"/v1/models/{name}:predict", rows, HTTPStatus.OK),
        Question("POST", infer, orjson.dumps(inputs), HTTPStatus.OK),
        Question("POST", "/predict", rows[:-1], HTTPStatus.BAD_REQUEST),
        Question("POST", infer, b'{"inputs":[{}]}', HTTPStatus.BAD_REQUEST),
        Question("GET", "/v2/models/unknown", b"", HTTPStatus.NOT_FOUND),
        Question("GET", "/readyz", b"", HTTPStatus.OK),
        Question("GET", "/metrics", b"", HTTPStatus.OK),
    ]


async def ask_until(url: str, asked: list[Question], tally: Tally, over: asyncio.Event) -> None:
    """Ask over several connections at once until it is over, renewing each connection now and then."""
    async with asyncio.TaskGroup() as group:
        for _ in range(CLIENTS):
            group.create_task(_ask(url, cycle(asked), tally, over))


async def _ask(url: str, asked: Iterator[Question], tally: Tally, over: asyncio.Event) -> None:
    # Not needed for HTTP; without one each client would read all certificates of the machine.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    while not over.is_set():
        async with httpx2.AsyncClient(base_url=url, timeout=30, verify=context) as client:
            for _ in range(REQUESTS_A_CONNECTION):
                if over.is_set():
                    return
                await _ask_once(client, next(asked), tally)


async def _ask_once(client: httpx2.AsyncClient, question: Question, tally: Tally) -> None:
    start = perf_counter()
    try:
        response = await client.request(question.method, question.path, content=question.content)
    except httpx2.HTTPError as error:
        tally.wrong.append(f"{question.path}: {type(error).__name__}")
        return
    if response.status_code != question.status:
        tally.wrong.append(f"{question.path}: {response.status_code} instead of {question.status.value}")
    elif question.method == "POST" and response.is_success:
        tally.durations.append(perf_counter() - start)
        tally.has_begun.set()
