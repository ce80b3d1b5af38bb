"""``oci://HOST/REPOSITORY:TAG`` or ``…@sha256:DIGEST``: the name of an artifact in a registry."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult

from service.errors import BundleError
from service.sources.access import Access
from service.sources.source import shown
from service.sources.web import is_loopback

_DIGEST = "sha256:[0-9a-f]{64}"
# As the distribution specification 1.1 has them, "Pulling manifests".
_REPOSITORY = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*"
_NAME = re.compile(rf"/(?P<repository>{_REPOSITORY})(?::(?P<tag>\w[\w.-]{{0,127}})|@(?P<digest>{_DIGEST}))", re.ASCII)

_DOCKER_HUB = "docker.io"
_DOCKER_HUB_API = "registry-1.docker.io"


@dataclass(frozen=True)
class Reference:
    """An artifact in a registry.

    Args:
        host: With a port if it has one.
        api: Where the registry answers: scheme and host.
        repository: Name of the repository.
        tag: Empty when a digest is given.
        digest: Of the artifact's manifest, with ``sha256:`` before it; empty when a tag is given.
    """

    host: str
    api: str
    repository: str
    tag: str = ""
    digest: str = ""

    def url(self, path: str) -> str:
        """Give the address of something in the repository."""
        return f"{self.api}/v2/{self.repository}/{path}"

    def __str__(self) -> str:
        """Write it as a URI."""
        end = f"@{self.digest}" if self.digest else f":{self.tag}"
        return f"oci://{self.host}/{self.repository}{end}"


def parse_reference(parts: SplitResult, access: Access) -> Reference:
    """Read a reference.

    Raises:
        BundleError: If it is none, or carries a password.
    """
    found = _NAME.fullmatch(parts.path)
    if not found or not parts.hostname or "@" in parts.netloc or parts.query:
        message = (
            f"{shown(parts)} names no artifact: write oci://HOST/REPOSITORY:TAG or "
            "oci://HOST/REPOSITORY@sha256:DIGEST, in lower case and without a password."
        )
        raise BundleError(message)
    scheme = "http" if access.plain_http or is_loopback(parts.hostname) else "https"
    api = _DOCKER_HUB_API if parts.netloc == _DOCKER_HUB else parts.netloc
    return Reference(parts.netloc, f"{scheme}://{api}", found["repository"], found["tag"] or "", found["digest"] or "")
