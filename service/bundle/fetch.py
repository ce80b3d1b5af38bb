"""Bring a bundle from elsewhere: its digest is known beforehand, so nothing else can arrive."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx2

from service.bundle.manifest import MANIFEST_BYTES, MANIFEST_NAME, Manifest, parse_manifest, read_manifest
from service.bundle.write import refuse_other_files
from service.errors import BundleError

CHUNK_BYTES = 1024 * 1024
TIMEOUT_SECONDS = 30.0
CONNECT_RETRIES = 3
MAXIMUM_BYTES = 16 * 1024**3

Report = Callable[[str, int], None]
"""Is told the name of a file and how many bytes of it have arrived."""


def fetch(uri: str, target: Path, digest: str, report: Report) -> Manifest:
    """Fetch a bundle into a folder, which may be a mounted volume.

    Args:
        uri: Of the bundle's folder, or of its ``model.json``: ``file://``, ``http://`` or ``https://``.
        target: A new or empty folder, or one with another bundle, which is replaced.
        digest: sha256 that ``model.json`` must have.
        report: Told about progress.

    Raises:
        BundleError: If it cannot be fetched or is not what the digest says; the target stays as it was.
    """
    refuse_other_files(target)
    if _is_there(target, digest):
        return read_manifest(target)[0]
    base = uri.removesuffix("/").removesuffix(f"/{MANIFEST_NAME}")
    with _staging(target) as staging:
        _download(f"{base}/{MANIFEST_NAME}", staging / MANIFEST_NAME, MANIFEST_BYTES, digest, report)
        manifest = parse_manifest((staging / MANIFEST_NAME).read_bytes(), staging / MANIFEST_NAME)
        _download(f"{base}/{manifest.file}", staging / manifest.file, MAXIMUM_BYTES, manifest.sha256, report)
        # The manifest last: without it the folder holds no bundle.
        for name in (manifest.file, MANIFEST_NAME):
            (staging / name).replace(target / name)
    return manifest


def _is_there(target: Path, digest: str) -> bool:
    if not (target / MANIFEST_NAME).exists():
        return False
    manifest, actual = read_manifest(target)
    file = target / manifest.file
    return actual == digest and file.exists() and sha256(file.read_bytes()).hexdigest() == manifest.sha256


@contextmanager
def _staging(target: Path) -> Iterator[Path]:
    """Give a folder inside the target, since the target may be a mount, and leave nothing behind after a failure."""
    is_new = not target.exists()
    try:
        staging = target / f".{secrets.token_hex(8)}.new"
        staging.mkdir(parents=True)
        try:
            yield staging
        except BaseException:
            shutil.rmtree(target if is_new else staging, ignore_errors=True)
            raise
        shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        message = f"Cannot write the bundle to {target}: {error.strerror or error}."
        raise BundleError(message) from None


def _download(uri: str, path: Path, limit: int, digest: str, report: Report) -> None:
    received = sha256()
    size = 0
    with path.open("wb") as file:
        for chunk in _chunks(uri):
            size += len(chunk)
            if size > limit:
                message = f"{uri} is larger than {limit} bytes."
                raise BundleError(message)
            received.update(chunk)
            file.write(chunk)
            report(path.name, size)
    if received.hexdigest() != digest:
        message = f"{uri} has the digest {received.hexdigest()}, but {digest} is wanted: nothing of it was kept."
        raise BundleError(message)


def _chunks(uri: str) -> Iterator[bytes]:
    try:
        parts = urlsplit(uri)
    except ValueError as error:
        message = f"Cannot fetch {uri}: {error}."
        raise BundleError(message) from None
    if parts.scheme == "file":
        yield from _file_chunks(Path(unquote(parts.path)))
    elif parts.scheme in {"http", "https"}:
        yield from _http_chunks(uri, parts.scheme)
    else:
        message = f"A bundle cannot be fetched over '{parts.scheme}': the URI begins with file://, http:// or https://."
        raise BundleError(message)


def _file_chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk
    except OSError as error:
        message = f"Cannot read {path}: {error.strerror}."
        raise BundleError(message) from None


def _http_chunks(uri: str, scheme: str) -> Iterator[bytes]:
    transport = httpx2.HTTPTransport(retries=CONNECT_RETRIES)
    try:
        with (
            httpx2.Client(transport=transport, timeout=TIMEOUT_SECONDS, follow_redirects=True) as client,
            client.stream("GET", uri) as response,
        ):
            if any(hop.url.scheme != scheme for hop in (*response.history, response)):
                message = f"{uri} redirects to another scheme than {scheme}, which is not followed."
                raise BundleError(message)
            if response.status_code != httpx2.codes.OK:
                message = f"{uri} answered {response.status_code} {response.reason_phrase}."
                raise BundleError(message)
            yield from response.iter_bytes(CHUNK_BYTES)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        message = f"Cannot fetch {uri}: {str(error) or type(error).__name__}."
        raise BundleError(message) from None
