"""Libraries that only an extra brings: what to install when one is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import requires

from service.errors import ServiceError

PACKAGE = "ml-api"

_PREFERRED = "pack"
"""The extra to name where several bring a library: it brings what every other command needs as well."""

_DISTRIBUTIONS = {"sklearn": "scikit-learn", "yaml": "pyyaml"}
"""Libraries that are imported by another name than they are installed by."""

_REQUIREMENT = re.compile(r"([\w.-]+)(?:\[([\w-]+)\])?.*extra == ['\"]([\w-]+)['\"]")


class MissingLibraryError(ServiceError):
    """A library is not installed that an extra brings."""


@contextmanager
def naming_extras() -> Iterator[None]:
    """Say which extra to install when a library is missing in the block.

    Raises:
        MissingLibraryError: If an extra brings the library.
        ModuleNotFoundError: If none does.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        extra = extra_of(_DISTRIBUTIONS.get(library, library))
        if not extra:
            raise
        message = f"This needs {library}, which is not installed: pip install '{PACKAGE}[{extra}]'."
        raise MissingLibraryError(message) from None


def extra_of(distribution: str) -> str:
    """Name the extra that brings a distribution, by the package's own metadata; empty if none does."""
    found = [match.groups() for line in requires(PACKAGE) or () if (match := _REQUIREMENT.fullmatch(line))]
    own = {extra for name, _, extra in found if name == distribution}
    extras = own | {extra for name, other, extra in found if name == PACKAGE and other in own}
    return _PREFERRED if _PREFERRED in extras else min(extras, default="")
