"""HTTP as every source speaks it: bounded redirects, one scheme, and errors that say what to do."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx2

from service.errors import BundleError
from service.sources.access import Access
from service.sources.retry import TransientError, parse_retry_after
from service.sources.source import shown

TIMEOUT_SECONDS = 30.0
MAXIMUM_REDIRECTS = 5

_SCHEME = "scheme"
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}

_ADVICE = {
    401: "give credentials that are right and have not expired",
    403: "give credentials that may read it",
    404: "check the address",
    507: "make room there",
}


@dataclass(frozen=True)
class Call:
    """A request.

    Args:
        method: Of HTTP.
        url: Whole address.
        headers: What it needs besides.
        content: Makes the body, once for each time that it is sent.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: Callable[[], Iterable[bytes]] | None = None


class Web:
    """Sends requests and gives their answers.

    The library drops ``Authorization`` when a redirect leads to another host.
    """

    def __init__(self, client: httpx2.Client) -> None:
        self._client = client

    @contextmanager
    def ask(self, call: Call, place: str) -> Iterator[httpx2.Response]:
        """Send a request and give the answer, whose body is not read yet, whatever its status.

        Args:
            call: The request.
            place: What it is about, for people.

        Raises:
            TransientError: If the server cannot be reached or breaks off.
            BundleError: If it never will be, e.g. for a certificate or a redirect.
        """
        with translated(place):
            content = call.content() if call.content else None
            request = self._client.build_request(call.method, call.url, headers=call.headers, content=content)
        request.extensions[_SCHEME] = request.url.scheme
        with translated(place_of(request.url)):
            response = self._client.send(request, stream=True)
        try:
            yield response
        finally:
            response.close()


@contextmanager
def open_web(access: Access) -> Iterator[Web]:
    """Open a web that trusts the certificates that *access* names."""
    with httpx2.Client(
        verify=trusting(access.certificates),
        # Bodies are taken as they were sent: what a digest is of, and what goes on where it broke off.
        headers={"Accept-Encoding": "identity"},
        timeout=TIMEOUT_SECONDS,
        follow_redirects=True,
        max_redirects=MAXIMUM_REDIRECTS,
        event_hooks={"request": [_refuse_other_scheme]},
    ) as client:
        yield Web(client)


def trusting(certificates: Path | None) -> ssl.SSLContext:
    """Trust the certificates in a file beside those of the system.

    Raises:
        BundleError: If there are none in it.
    """
    context = httpx2.create_ssl_context()
    if certificates:
        try:
            context.load_verify_locations(certificates)
        except (OSError, ssl.SSLError) as error:
            reason = "it holds no certificates in PEM form" if isinstance(error, ssl.SSLError) else error.strerror
            message = f"Cannot read the certificates in {certificates}: {reason}."
            raise BundleError(message) from None
    return context


def is_distrusted(error: httpx2.HTTPError) -> bool:
    """Tell whether a request failed for the certificate, so that asking again does not help."""
    return "CERTIFICATE_VERIFY_FAILED" in str(error)


def reason_of(error: httpx2.HTTPError) -> str:
    """Tell why a request failed, without a full stop, and what to do about a certificate."""
    reason = (str(error) or type(error).__name__).rstrip(".")
    return f"{reason}; name the file of its CA with --ca-file" if is_distrusted(error) else reason


def is_address(url: str) -> bool:
    """Tell whether a service can be at an address."""
    try:
        parts = httpx2.URL(url)
        # As the system encodes it when it looks the host up: no label is empty or longer than 63.
        parts.raw_host.decode("ascii").encode("idna")
    except (httpx2.InvalidURL, UnicodeError):
        return False
    return parts.scheme in {"http", "https"} and bool(parts.host)


def _refuse_other_scheme(request: httpx2.Request) -> None:
    """See each request before it is sent, those that follow redirects too."""
    wanted = request.extensions[_SCHEME]
    if request.url.scheme != wanted:
        message = f"A redirect leads from {wanted} to {place_of(request.url)}, which is not followed: use that address."
        raise BundleError(message)


def place_of(url: httpx2.URL) -> str:
    """Write an address for people, without anything secret."""
    return shown(urlsplit(str(url)))


def is_loopback(host: str | None) -> bool:
    """Tell whether a host is this machine, where nobody listens in."""
    return host in _LOOPBACK


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Turn the library's errors into ours."""
    try:
        yield
    except httpx2.UnsupportedProtocol as error:
        message = f"{place} redirects to an address that is not followed: {error}."
        raise BundleError(message) from None
    except httpx2.TransportError as error:
        if is_distrusted(error):
            message = f"No answer from {place}: {reason_of(error)}."
            raise BundleError(message) from None
        message = f"No whole answer from {place}: {reason_of(error)}."
        raise TransientError(message) from None
    except UnicodeError:
        message = f"Cannot ask {place}: no host can have that name."
        raise BundleError(message) from None
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        message = f"Cannot ask {place}: {str(error).rstrip('.') or type(error).__name__}."
        raise BundleError(message) from None


def refuse_failure(response: httpx2.Response, place: str) -> None:
    """Refuse an answer that is no success.

    Raises:
        TransientError: If it may be one later: 408, 429 and 5xx.
        BundleError: Otherwise.
    """
    if response.is_success:
        return
    status = response.status_code
    advice = f": {_ADVICE[status]}" if status in _ADVICE else ""
    message = f"{place} answered {status} {response.reason_phrase}".strip() + f"{advice}."
    if response.is_server_error or status in {408, 429}:
        raise TransientError(message, parse_retry_after(response.headers.get("Retry-After", "")))
    raise BundleError(message)


def raw_chunks(response: httpx2.Response, place: str) -> Iterator[bytes]:
    """Read the body as it was sent."""
    with translated(place):
        # As it comes, not in chunks of a size: what came before it breaks off counts.
        yield from response.iter_raw()
