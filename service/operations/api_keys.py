"""Keys that clients must show: read from a mounted file, and again whenever that changes.

Only digests of the keys stay in memory, and only digests are compared, so that neither the time of an answer nor a
log line tells anything of a key.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from time import monotonic

from starlette.types import ASGIApp, Receive, Scope, Send

from service.errors import ServiceError, UnauthorizedError
from service.operations.headers import BrowserHeaders
from service.operations.stamp import stamp_of
from service.protocols.call import Refusal
from service.protocols.handlers import answer_at
from service.protocols.key_scheme import OPEN_PATHS
from service.protocols.prefix import without_prefix
from service.protocols.refusals import refusal_of

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""The file is looked at no more often than that; Kubernetes takes about a minute to bring a changed Secret."""

MAXIMUM_BYTES = 1024 * 1024
SHORT_BODY = 64 * 1024
"""The rest of a longer body is not worth waiting for: the connection is closed."""

MESSAGE = "this needs an API key: send the header 'Authorization: Bearer KEY' with a key that is known here"


class KeyFileError(ServiceError):
    """The file of API keys is missing, unreadable or holds no keys."""


def read_keys(path: Path) -> tuple[bytes, ...]:
    """Read a file with one key a line; empty lines and those that begin with # are left out.

    Raises:
        KeyFileError: If there is no such file, or no key in it; never quotes what is in it.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(MAXIMUM_BYTES + 1)
    except OSError as error:
        message = f"Cannot read the API keys in {path}: {error.strerror}; mount the file there, one key a line."
        raise KeyFileError(message) from None
    if len(content) > MAXIMUM_BYTES:
        message = f"{path} is larger than {MAXIMUM_BYTES} bytes: it should hold API keys, one a line."
        raise KeyFileError(message)
    keys = []
    for number, line in enumerate(content.splitlines(), start=1):
        key = line.strip()
        if not key or key.startswith(b"#"):
            continue
        if not all(0x21 <= character <= 0x7E for character in key):  # noqa: PLR2004  # what a header may carry
            message = f"Line {number} of {path} is no API key: a key is one word of visible ASCII characters."
            raise KeyFileError(message)
        keys.append(key)
    if not keys:
        message = f"{path} holds no API key: write one a line, or nobody could ask anything."
        raise KeyFileError(message)
    return tuple(keys)


class KeyRing:
    """The keys that are known now.

    Args:
        path: Of the file.
        clock: Seconds that never jump.

    Raises:
        KeyFileError: If there are no keys to begin with.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = monotonic) -> None:
        self._path = path
        self._clock = clock
        self._seen = stamp_of(path)
        self._digests = _digests(read_keys(path))
        self._next_look = clock() + LOOK_SECONDS

    def knows(self, key: bytes) -> bool:
        """Tell whether a key is known, in a time that does not depend on which one it resembles."""
        now = self._clock()
        if now >= self._next_look:
            self._next_look = now + LOOK_SECONDS
            self._follow()
        digest = sha256(key).digest()
        known = False
        for other in self._digests:
            known |= compare_digest(digest, other)
        return known

    def _follow(self) -> None:
        """Read the file again if it changed; keys that cannot be read leave the last ones in force."""
        seen = stamp_of(self._path)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self._digests = _digests(read_keys(self._path))
        except KeyFileError as error:
            logger.error("%s The last keys stay in force.", error)  # noqa: TRY400  # the sentence says it all
        else:
            logger.info("The API keys changed: %d known.", len(self._digests))


def _digests(keys: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return tuple(sha256(key).digest() for key in keys)


class KeyGate:
    """Lets nobody in without a key, but to the probes.

    Args:
        app: What is behind the gate.
        keys: Those that open it.
        root_path: Prefix that a proxy strips, or does not.
        turned_away: Is told the method of each request that is refused.
    """

    def __init__(self, app: ASGIApp, keys: KeyRing, root_path: str, turned_away: Callable[[str], None]) -> None:
        self._app = app
        self._keys = keys
        self._root_path = root_path
        self._turned_away = turned_away

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lead a request on, or refuse it."""
        if scope["type"] == "lifespan" or self._has_key(scope):
            await self._app(scope, receive, send)
            return
        path = without_prefix(scope["path"], self._root_path)
        if path in OPEN_PATHS:
            await self._app(scope, receive, send)
            return
        self._turned_away(scope["method"])
        refusal = refusal_of(UnauthorizedError(MESSAGE))
        if _has_long_body(scope):
            refusal = Refusal(refusal.status, refusal.message, (*refusal.headers, (b"connection", b"close")))
        await BrowserHeaders(answer_at(path, refusal))(scope, receive, send)

    def _has_key(self, scope: Scope) -> bool:
        for name, value in scope["headers"]:
            if name == b"authorization":
                scheme, _, key = value.partition(b" ")
                return scheme.lower() == b"bearer" and self._keys.knows(key.strip())
        return False


def _has_long_body(scope: Scope) -> bool:
    headers = dict(scope["headers"])
    return b"transfer-encoding" in headers or int(headers.get(b"content-length", 0)) > SHORT_BODY
