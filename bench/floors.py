"""What there is to compare with: a FastAPI endpoint that does nothing, and a bare ASGI app that answers a constant."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

empty = FastAPI()


@empty.post("/predict")
async def predict() -> dict[str, str]:
    """Answer without a look at the request."""
    return {"status": "alive"}


async def bare(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a constant, framework-free."""
    if scope["type"] != "http":
        return
    await receive()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"16")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"status":"ok!"}'})
