"""``s3://``, ``gs://`` and ``az://``: a folder in a bucket, by fsspec, with the logins that each cloud's tools know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import IO, Any
from urllib.parse import SplitResult, unquote

from service.errors import BundleError
from service.sources.access import Access
from service.sources.source import Part

_BLOCK_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class Cloud:
    """A kind of bucket.

    Args:
        library: The package that reads it for fsspec.
        module: Where in it the class is.
        files: Name of that class.
        credentials: What lets somebody in, for people.
    """

    library: str
    module: str
    files: str
    credentials: str


CLOUDS = {
    "s3": Cloud(
        "s3fs",
        "s3fs",
        "S3FileSystem",
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a file in AWS_SHARED_CREDENTIALS_FILE, or give a role",
    ),
    # Not gcsfs.GCSFileSystem, which asks another service over gRPC, with minutes of patience, how a bucket is laid out.
    "gs": Cloud(
        "gcsfs",
        "gcsfs.core",
        "GCSFileSystem",
        "name the file of a key in GOOGLE_APPLICATION_CREDENTIALS, or give an identity",
    ),
    "az": Cloud(
        "adlfs",
        "adlfs",
        "AzureBlobFileSystem",
        "set AZURE_STORAGE_ACCOUNT_NAME with AZURE_STORAGE_ACCOUNT_KEY or AZURE_STORAGE_SAS_TOKEN, or give an identity",
    ),
}
"""By scheme. The libraries try again by themselves what is worth it."""


class BucketSource:
    """Files below a prefix of a bucket."""

    def __init__(self, files: Any, parts: SplitResult) -> None:  # noqa: ANN401  # fsspec has no types
        self._files, self._parts = files, parts

    @contextmanager
    def open(self, name: str, offset: int, version: str) -> Iterator[Part]:
        """Open an object; what breaks off is asked for again within the library."""
        del offset, version
        place = self.place(name)
        with _told(place, self._parts.scheme):
            path = f"{self._parts.netloc}{unquote(self._parts.path)}/{unquote(name)}"
            file = self._files.open(path, "rb", block_size=_BLOCK_BYTES, cache_type="readahead")
        with file:
            yield Part(_chunks(file, place, self._parts.scheme), total=file.size)

    def place(self, name: str) -> str:
        """Give its address."""
        return f"{self._parts.scheme}://{self._parts.netloc}{self._parts.path}/{name}"


@contextmanager
def open_bucket(parts: SplitResult, access: Access) -> Iterator[BucketSource]:
    """Give the folder that a URI names.

    Raises:
        BundleError: If the extra for it is not installed.
    """
    scheme = parts.scheme
    cloud = CLOUDS[scheme]
    try:
        import_module(cloud.library)
        implementation = getattr(import_module(cloud.module), cloud.files)
    except ImportError:
        message = f"Fetching from {scheme}:// needs libraries that are not installed: pip install 'ml-api[{scheme}]'."
        raise BundleError(message) from None
    with _told(f"{scheme}://{parts.netloc}", scheme):
        files = implementation(**_options(scheme, access), skip_instance_cache=True)
    yield BucketSource(files, parts)


def _options(scheme: str, access: Access) -> dict[str, Any]:
    if scheme == "s3" and access.certificates:
        return {"client_kwargs": {"verify": str(access.certificates)}}
    return {}


def _chunks(file: IO[bytes], place: str, scheme: str) -> Iterator[bytes]:
    with _told(place, scheme):
        while chunk := file.read(_BLOCK_BYTES):
            yield chunk


@contextmanager
def _told(place: str, scheme: str) -> Iterator[None]:
    """Turn what the libraries raise, which is anything, into a sentence."""
    try:
        yield
    except FileNotFoundError:
        message = f"{place} does not exist: check the address."
        raise BundleError(message) from None
    except PermissionError as error:
        message = f"{place} may not be read ({_reason(error)}): {CLOUDS[scheme].credentials}."
        raise BundleError(message) from None
    except Exception as error:  # noqa: BLE001  # each cloud has errors of its own
        message = f"Cannot fetch {place}: {_reason(error)}; if it is about credentials, {CLOUDS[scheme].credentials}."
        raise BundleError(message) from None


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
