"""``https://`` and ``http://``: a folder on a web server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import SplitResult, quote

import httpx2

from service.errors import BundleError
from service.sources.access import Access
from service.sources.retry import TransientError
from service.sources.source import Part, shown
from service.sources.web import Call, Web, is_loopback, open_web, raw_chunks, refuse_failure

_IDENTITY = {"", "identity"}
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_WHOLE_SIZE = re.compile(r"bytes \*/(\d+)")


class HttpSource:
    """Files below an address, whose query (a signature, say) goes with each of them."""

    def __init__(self, web: Web, base: SplitResult, token: str) -> None:
        self._web, self._base, self._token = web, base, token

    @contextmanager
    def open(self, name: str, offset: int, version: str) -> Iterator[Part]:
        """Ask for a file, or for the rest of it."""
        headers = part_headers(offset, version)
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        place = self.place(name)
        with self._web.ask(Call("GET", self._address(name).geturl(), headers), place) as response:
            yield part_of(response, place)

    def place(self, name: str) -> str:
        """Give its address."""
        return shown(self._address(name))

    def _address(self, name: str) -> SplitResult:
        return self._base._replace(path=f"{self._base.path}/{quote(name, safe='%')}")


@contextmanager
def open_http(parts: SplitResult, access: Access) -> Iterator[HttpSource]:
    """Give the folder at an address.

    Raises:
        BundleError: If a token would be sent for all to read.
    """
    token = access.token()
    if token and parts.scheme == "http" and not is_loopback(parts.hostname):
        message = f"A token is not sent over http, where anybody can read it: fetch {shown(parts)} over https."
        raise BundleError(message)
    with open_web(access) as web:
        yield HttpSource(web, parts, token)


def part_headers(offset: int, version: str) -> dict[str, str]:
    """Ask for a file, or for the rest of it if the server can tell that it is still the same."""
    return {"Range": f"bytes={offset}-", "If-Range": version} if offset and version else {}


def part_of(response: httpx2.Response, place: str) -> Part:
    """Tell what a server answered, with which part of a file it begins.

    Raises:
        TransientError: If it may give the file later.
        BundleError: If it does not give it.
    """
    if response.status_code == httpx2.codes.RANGE_NOT_SATISFIABLE and "Range" in response.request.headers:
        return _nothing_more(response, place)
    refuse_failure(response, place)
    if response.headers.get("Content-Encoding", "") not in _IDENTITY and not place.endswith("gz"):
        message = f"{place} came compressed, although nobody asked for that: switch the server's compression off."
        raise BundleError(message)
    version, chunks = _version(response.headers), raw_chunks(response, place)
    if response.status_code == httpx2.codes.PARTIAL_CONTENT:
        found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if not found:
            message = f"{place} answered with a part of the file, and does not tell which one."
            raise TransientError(message)
        return Part(chunks, int(found[1]), int(found[2]) if found[2] != "*" else None, version)
    length = response.headers.get("Content-Length", "")
    return Part(chunks, 0, int(length) if length.isdigit() else None, version)


def _nothing_more(response: httpx2.Response, place: str) -> Part:
    """Understand that there is no rest: all had come but the word that it was all, or the file is another one now."""
    found = _WHOLE_SIZE.fullmatch(response.headers.get("Content-Range", ""))
    if found and response.request.headers["Range"] == f"bytes={found[1]}-":
        return Part(iter(()), int(found[1]), int(found[1]))
    return Part(_broken_off(f"{place} has become shorter while it was fetched."))


def _broken_off(reason: str) -> Iterator[bytes]:
    yield b""
    raise TransientError(reason)


def _version(headers: httpx2.Headers) -> str:
    """Choose what ``If-Range`` may carry: a strong entity tag, or else a date (RFC 9110, section 13.1.5)."""
    tag = headers.get("ETag", "")
    return tag if tag and not tag.startswith("W/") else headers.get("Last-Modified", "")
