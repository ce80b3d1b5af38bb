"""Headers that keep a browser from doing more with an answer than showing it."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

NO_SNIFFING = ("X-Content-Type-Options", "nosniff")
"""On every answer; the server itself writes it, for nothing."""

POLICY = b"content-security-policy"
NOTHING = b"default-src 'none'; frame-ancestors 'none'"
"""What an answer may load that says nothing of itself."""


class BrowserHeaders:
    """Adds them to whatever FastAPI answers; the tensor paths, which no browser shows, take a shorter way.

    Args:
        app: What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lead a request on."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"] = list(message["headers"])
                if not any(name == POLICY for name, _ in headers):
                    headers.append((POLICY, NOTHING))
                headers += [(b"referrer-policy", b"no-referrer"), (b"x-frame-options", b"DENY")]
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
