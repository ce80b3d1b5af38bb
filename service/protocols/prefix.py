"""The prefix of a proxy, which strips it from the path or leaves it on."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


def without_prefix(path: str, prefix: str) -> str:
    """Take a proxy's prefix off a path that has it as whole segments."""
    rest = path.removeprefix(prefix)
    return rest if rest.startswith("/") else path


class Prefix:
    """Tells FastAPI the prefix that a proxy strips or leaves on, and takes the prefix alone for the root.

    The server's own setting would put the prefix before each path, which is wrong where it was left on.
    """

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lead a request on."""
        if scope["type"] == "http":
            path = scope["path"]
            scope = {**scope, "root_path": self._prefix, "path": f"{path}/" if path == self._prefix else path}
        await self._app(scope, receive, send)
