"""The tensor endpoint: what becomes of a fault of the service itself."""

from __future__ import annotations

import asyncio
import logging

from engines import engine

from service.bundle.signature import InputSpec, OutputSpec, Signature
from service.operations.http_metrics import HttpMetrics
from service.operations.metrics import make_registry
from service.protocols.arrival import BodyLimits
from service.protocols.call import Bounds, Call, Decoded
from service.protocols.decoding import Decoder
from service.protocols.endpoint import EndpointLimits, TensorEndpoint
from service.protocols.predict import V1Codec

SIGNATURE = Signature((InputSpec("x", "FP64", (-1, 1)),), (OutputSpec("double", "FP64", (-1,)),))


class FaultyCodec(V1Codec):
    """V1 with a fault in it."""

    def decode(self, call: Call) -> Decoded:
        raise ZeroDivisionError(call.body)


def test_a_fault_of_the_service_is_answered_500_without_a_detail_and_logged(caplog):
    asked, sent = [{"type": "http.request", "body": b"secret"}], []

    async def receive() -> dict:
        return asked.pop()

    async def send(message: dict) -> None:
        sent.append(message)

    async def answer() -> None:
        limits = EndpointLimits(BodyLimits(1000, 1), 1, 1000)
        watcher = HttpMetrics(make_registry()).path("POST", "/predict")
        endpoint = TensorEndpoint(
            FaultyCodec(SIGNATURE, Bounds(rows=10, columns=10, elements=100, json_bytes=1000, json_depth=20)),
            Decoder(),
            engine()[0],
            limits,
            watcher,
        )
        await endpoint({"type": "http", "headers": [], "query_string": b""}, receive, send)

    with caplog.at_level(logging.ERROR):
        asyncio.run(answer())
    start, body = sent
    assert start["status"] == 500
    assert body["body"] == b'{"error":"the service failed; its log has the reason"}'
    assert "ZeroDivisionError" in caplog.text
