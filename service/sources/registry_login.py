"""Who somebody is to a registry: from the environment or from a file in the form of docker's ``config.json``."""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.bundle.reading import reading
from service.errors import BundleError
from service.sources.access import Access
from service.sources.registry_reference import Reference

_DOCKER_HUB_KEYS = {"docker.io": "https://index.docker.io/v1/"}


@dataclass(frozen=True)
class Login:
    """A user's name and password, or a token to get others with.

    Args:
        user: Name; empty for nobody in particular.
        password: Its password.
        refresh_token: What ``docker login`` calls an identity token; empty for none.
        obstacle: Why nobody in particular is asked for, as a sentence for when nobody gets in; empty where all was had.
    """

    user: str = ""
    password: str = ""
    refresh_token: str = ""
    obstacle: str = ""

    @property
    def basic(self) -> str:
        """The value of the header ``Authorization``; empty for nobody."""
        if not self.user:
            return ""
        return f"Basic {b64encode(f'{self.user}:{self.password}'.encode()).decode()}"


def find_login(reference: Reference, access: Access) -> Login:
    """Find who to be, or nobody, whom registries let in to what is public.

    ``REGISTRY_USERNAME`` and ``REGISTRY_PASSWORD`` come first, then the folder of credentials, ``REGISTRY_AUTH_FILE``
    (as podman and skopeo have it), and docker's own file.

    Raises:
        BundleError: If a file cannot be read.
    """
    user = os.environ.get("REGISTRY_USERNAME", "")
    if user:
        return Login(user, os.environ.get("REGISTRY_PASSWORD", ""))
    nobody = Login()
    for path in _files(access):
        login = _login_in(path, reference)
        if login and not login.obstacle:
            return login
        nobody = login or nobody
    return nobody


def _files(access: Access) -> Iterator[Path]:
    if access.registry_file:
        yield access.registry_file
    if named := os.environ.get("REGISTRY_AUTH_FILE"):
        yield Path(named)
    docker = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / "config.json"
    if docker.exists():
        yield docker


def _login_in(path: Path, reference: Reference) -> Login | None:
    with reading(path):
        content = path.read_bytes()
    try:
        config = json.loads(content)
        auths = config.get("auths") or {}
        entry = next((auths[key] for key in _keys(reference) if auths.get(key)), None)
        if entry:
            return _login_of(entry)
        helper = (config.get("credHelpers") or {}).get(reference.host) or config.get("credsStore")
    except (ValueError, AttributeError, TypeError):
        message = f"{path} is no file of registry passwords: it must look like docker's config.json."
        raise BundleError(message) from None
    if helper:
        message = (
            f"{path} keeps the password of {reference.host} in the helper {helper!r}, which is not asked: "
            "set REGISTRY_USERNAME and REGISTRY_PASSWORD."
        )
        return Login(obstacle=message)
    return None


def _keys(reference: Reference) -> Iterator[str]:
    """Name the entries that may be meant, the most exact one first."""
    path = f"{reference.host}/{reference.repository}"
    while "/" in path:
        yield path
        path = path.rpartition("/")[0]
    yield from (reference.host, f"https://{reference.host}", f"http://{reference.host}")
    if reference.host in _DOCKER_HUB_KEYS:
        yield _DOCKER_HUB_KEYS[reference.host]


def _login_of(entry: dict[str, Any]) -> Login:
    user, password = entry.get("username") or "", entry.get("password") or ""
    if entry.get("auth"):
        user, _, password = b64decode(entry["auth"]).decode().rstrip("\0").partition(":")
    return Login(user, password, entry.get("identitytoken") or "")
