"""``oci://``: a bundle as an artifact in a registry, a layer for each of its two files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from urllib.parse import SplitResult

from pydantic import TypeAdapter, ValidationError

from service.errors import BundleError
from service.sources.access import Access
from service.sources.http import part_headers, part_of
from service.sources.registry_client import RegistryClient, read_bounded
from service.sources.registry_reference import Reference, parse_reference
from service.sources.retry import attempts
from service.sources.source import Part
from service.sources.web import Call, open_web

TITLE = "org.opencontainers.image.title"
"""The annotation that names a layer's file, as ORAS writes it too."""

MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
_MANIFEST_BYTES = 4 * 1024 * 1024
_ALGORITHM = "sha256:"


@dataclass(frozen=True)
class Descriptor:
    """What an artifact says of one of its files."""

    digest: str
    size: int
    mediaType: str  # noqa: N815  # the specification's name
    annotations: dict[str, str] | None = None


@dataclass(frozen=True)
class Artifact:
    """The part of an image manifest (OCI image specification 1.1) that matters here."""

    layers: tuple[Descriptor, ...]
    mediaType: str = MANIFEST_TYPE  # noqa: N815


class RegistrySource:
    """The layers of an artifact, by their titles."""

    def __init__(self, registry: RegistryClient, artifact: Artifact) -> None:
        self._registry = registry
        self._layers = {(layer.annotations or {}).get(TITLE, ""): layer for layer in artifact.layers}

    @contextmanager
    def open(self, name: str, offset: int, version: str) -> Iterator[Part]:
        """Ask for a layer, or for the rest of it."""
        layer = self._layers.get(name)
        if layer is None or not layer.digest.startswith(_ALGORITHM):
            message = f"{self._registry.reference} holds no {name}: push a bundle there with 'ml-api push'."
            raise BundleError(message)
        url = self._registry.reference.url(f"blobs/{layer.digest}")
        with self._registry.ask(Call("GET", url, part_headers(offset, version))) as response:
            part = part_of(response, self.place(name))
            yield replace(part, total=layer.size, digest=layer.digest.removeprefix(_ALGORITHM))

    def place(self, name: str) -> str:
        """Name the artifact and the file."""
        return f"{self._registry.reference}/{name}"


@contextmanager
def open_registry(parts: SplitResult, access: Access) -> Iterator[RegistrySource]:
    """Give the artifact that a URI names."""
    reference = parse_reference(parts, access)
    with open_web(access) as web:
        registry = RegistryClient(web, reference, access)
        content = b""
        for attempt in attempts(access):
            with attempt:
                content = _read_manifest(registry)
        yield RegistrySource(registry, _parse(content, reference))


def _read_manifest(registry: RegistryClient) -> bytes:
    reference = registry.reference
    path = f"manifests/{reference.digest or reference.tag}"
    with registry.get(Call("GET", reference.url(path), {"Accept": MANIFEST_TYPE})) as response:
        return read_bounded(response, _MANIFEST_BYTES, str(reference))


def _parse(content: bytes, reference: Reference) -> Artifact:
    actual = _ALGORITHM + sha256(content).hexdigest()
    if reference.digest and actual != reference.digest:
        message = f"{reference} came with the digest {actual}: nothing of it was kept."
        raise BundleError(message)
    try:
        artifact = TypeAdapter(Artifact).validate_json(content)
    except ValidationError:
        artifact = None
    if artifact is None or artifact.mediaType != MANIFEST_TYPE:
        message = f"{reference} is no artifact with layers: push a bundle there with 'ml-api push'."
        raise BundleError(message)
    return artifact
