"""Which source a URI's scheme belongs to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from urllib.parse import SplitResult

from service.errors import BundleError
from service.sources.access import Access
from service.sources.bucket import open_bucket
from service.sources.folder import open_folder
from service.sources.http import open_http
from service.sources.registry import open_registry
from service.sources.source import Source

Open = Callable[[SplitResult, Access], AbstractContextManager[Source]]

SCHEMES: dict[str, Open] = {
    "file": open_folder,
    "http": open_http,
    "https": open_http,
    "s3": open_bucket,
    "gs": open_bucket,
    "az": open_bucket,
    "oci": open_registry,
}
"""The sources by scheme. Each takes the URI of a folder."""


def open_source(parts: SplitResult, access: Access) -> AbstractContextManager[Source]:
    """Give the source of a URI.

    Raises:
        BundleError: If there is none for its scheme.
    """
    try:
        return SCHEMES[parts.scheme](parts, access)
    except KeyError:
        ways = ", ".join(f"{scheme}://" for scheme in SCHEMES)
        message = f"A bundle cannot be fetched over '{parts.scheme}': the URI begins with one of {ways}."
        raise BundleError(message) from None
