"""What a fetch may do and what it gets in with, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from service.errors import BundleError

MAXIMUM_BYTES = 16 * 1024**3

_TOKEN_BYTES = 64 * 1024
_CA_FILE = "ca.crt"
_TOKEN_FILE = "token"  # noqa: S105  # a name
_REGISTRY_FILES = (".dockerconfigjson", "config.json")


class Listener(Protocol):
    """Is told how far a fetch is."""

    def received(self, name: str, size: int, total: int | None) -> None:
        """Take how many bytes of a file there are by now, and how many there will be if that is known."""

    def waiting(self, reason: str, seconds: float) -> None:
        """Take why something is tried again, and when."""


class Silence:
    """A listener that nobody listens to."""

    def received(self, name: str, size: int, total: int | None) -> None:
        """Drop it."""

    def waiting(self, reason: str, seconds: float) -> None:
        """Drop it."""


@dataclass(frozen=True)
class Patience:
    """How often something that may pass is tried, and how long to wait in between.

    Args:
        attempts: Tries in all.
        first_seconds: Wait before the second try; it doubles from try to try, with some chance in it.
        longest_seconds: Bound of a wait, also of one that a server asks for.
    """

    attempts: int = 6
    first_seconds: float = 0.5
    longest_seconds: float = 60.0


@dataclass(frozen=True)
class Access:
    """How a place is entered.

    Args:
        credentials: A folder such as a mounted Secret, with any of ``ca.crt``, ``token`` and ``.dockerconfigjson``.
        ca_file: Certificates to trust beside those of the system; wins over the folder's.
        token_file: Bearer token for https; wins over the folder's.
        plain_http: Whether a registry is asked over http.
        maximum_bytes: Bound of what is downloaded, and of what an archive may become.
        patience: What happens when a place cannot be reached.
        listener: Told about progress.
    """

    credentials: Path | None = None
    ca_file: Path | None = None
    token_file: Path | None = None
    plain_http: bool = False
    maximum_bytes: int = MAXIMUM_BYTES
    patience: Patience = field(default_factory=Patience)
    listener: Listener = field(default_factory=Silence)

    @property
    def certificates(self) -> Path | None:
        """The file of certificates to trust, if there is one."""
        return self.ca_file or self._in_folder(_CA_FILE)

    @property
    def registry_file(self) -> Path | None:
        """The folder's file in the form of docker's ``config.json``, if there is one."""
        return next((path for name in _REGISTRY_FILES if (path := self._in_folder(name))), None)

    def token(self) -> str:
        """Read the bearer token; empty when there is none.

        Raises:
            BundleError: If its file cannot be read or holds no token.
        """
        path = self.token_file or self._in_folder(_TOKEN_FILE)
        if path is None:
            return ""
        try:
            with path.open("rb") as file:
                token = file.read(_TOKEN_BYTES).decode("ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            message = f"Cannot read the token in {path}: {getattr(error, 'strerror', None) or 'it is not ASCII'}."
            raise BundleError(message) from None
        if not token or len(token.split()) > 1:
            message = f"{path} holds no bearer token: it must be one word."
            raise BundleError(message)
        return token

    def _in_folder(self, name: str) -> Path | None:
        path = self.credentials / name if self.credentials else None
        return path if path is not None and path.exists() else None
