"""A tensor path: plain ASGI from body to answer, no object per number."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from math import inf
from time import perf_counter
from typing import Protocol

from starlette.types import Receive, Scope, Send

from service.engine.engine import Engine
from service.engine.inference import Inference, Results
from service.errors import InvalidInputError, ModelNotReadyError, RejectedError, Rejection, ServiceError
from service.protocols.arrival import BodyLimits, ClientGoneError
from service.protocols.body import choose_encoding, compress, read_body
from service.protocols.call import Answer, Call, Codec
from service.protocols.decoding import Decoder
from service.protocols.refusals import refusal_of

logger = logging.getLogger(__name__)

Headers = dict[bytes, bytes]

TIMEOUT_HEADER = b"x-request-timeout-ms"
TIMEOUT_DIGITS = 12
STOPPING = "the server stops: try again"
NO_MEMORY = "there is not enough memory for this request: send fewer rows, or try again later"
INLINE_BYTES = 64 * 1024
"""A longer body takes its turn: its rows, e.g. texts, may be much dearer than those of the measurement."""

CLIENT_GONE = 499
INTERNAL_ERROR = 500


class Watcher(Protocol):
    """Is told of each answered request of one path."""

    def began(self) -> None:
        """Note that a request arrived."""

    def answered(self, status: int, seconds: float, received: int, sent: int) -> None:
        """Note an answer, its duration and the sizes of both bodies."""


@dataclass(frozen=True)
class EndpointLimits:
    """What bounds a request on its way to the engine.

    Args:
        body: Of the body.
        timeout_seconds: Deadline of a request; a client can only shorten it.
        compress_bytes: Smallest answer that is compressed on request.
    """

    body: BodyLimits
    timeout_seconds: float
    compress_bytes: int


class TensorEndpoint:
    """Answers one path in one protocol."""

    def __init__(  # each is another part of a request's way
        self, codec: Codec, decoder: Decoder, engine: Engine, limits: EndpointLimits, watcher: Watcher
    ) -> None:
        self._codec = codec
        self._decoder = decoder
        self._engine = engine
        self._limits = limits
        self._watcher = watcher

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        start = perf_counter()
        self._watcher.began()
        status, received, sent = INTERNAL_ERROR, 0, 0
        try:
            headers: Headers = dict(scope["headers"])
            try:
                body = await read_body(receive, headers, self._limits.body)
                received = len(body)
                answer = await self._answer(Call(body, headers, scope["query_string"]), receive)
                status = 200
            except ClientGoneError:
                raise
            except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  # nobody else would answer
                refusal = refusal_of(self._explain(error))
                status = refusal.status
                answer = self._codec.refuse(refusal)
                answer = Answer(answer.body, answer.content_type, (*answer.headers, *refusal.headers))
            sent = await self._send(send, status, answer, headers)
        except ClientGoneError:
            status = CLIENT_GONE
        finally:
            self._watcher.answered(status, perf_counter() - start, received, sent)

    def _explain(self, error: Exception | asyncio.CancelledError) -> ServiceError:
        match error:
            case ServiceError():
                return error
            case MemoryError():
                self._engine.rejected(Rejection.MEMORY)
                return RejectedError(Rejection.MEMORY, NO_MEMORY)
            case asyncio.CancelledError():  # Only the end of the server's patience in a stop cancels a request.
                return ModelNotReadyError(STOPPING)
            case _:
                logger.error("The service failed.", exc_info=error)
                return ServiceError()

    async def _answer(self, call: Call, receive: Receive) -> Answer:
        decoded = await self._decoder.decode(self._codec, call)
        seconds = min(
            self._limits.timeout_seconds,
            inf if decoded.timeout_seconds is None else decoded.timeout_seconds,
            _header_timeout(call.headers.get(TIMEOUT_HEADER)),
        )
        results = self._engine.run_inline(decoded.inference) if len(call.body) <= INLINE_BYTES else None
        if results is None:
            results = await _run_in_turn(self._engine, decoded.inference, seconds, receive)
        return self._codec.encode(decoded, results)

    async def _send(self, send: Send, status: int, answer: Answer, headers: Headers) -> int:
        body, extra = answer.body, list(answer.headers)
        if len(body) >= self._limits.compress_bytes:
            encoding = choose_encoding(headers.get(b"accept-encoding", b""))
            if encoding is not None:
                body = await compress(body, encoding)
                extra.append((b"content-encoding", encoding))
            extra.append((b"vary", b"accept-encoding"))
        length = str(len(body)).encode()
        head = [(b"content-type", answer.content_type), (b"content-length", length), *extra]
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": body})
        return len(body)


def _header_timeout(header: bytes | None) -> float:
    """Read how many seconds the client will wait; for ever if it does not say."""
    if header is None:
        return inf
    if not header.isdigit() or len(header) > TIMEOUT_DIGITS:
        message = "the header X-Request-Timeout-Ms is not a whole number of milliseconds"
        raise InvalidInputError(message)
    return int(header) / 1000


async def _run_in_turn(engine: Engine, inference: Inference, seconds: float, receive: Receive) -> Results:
    """Wait for the engine, but not for the sake of a client that has gone."""
    future = engine.submit(inference, seconds)
    gone = asyncio.ensure_future(_disconnected(receive))
    try:
        await asyncio.wait((future, gone), return_when=asyncio.FIRST_COMPLETED)
        if not future.done():
            raise ClientGoneError
        return future.result()
    finally:
        gone.cancel()
        future.cancel()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
