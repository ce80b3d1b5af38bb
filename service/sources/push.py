"""Bring a bundle into a registry."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

import httpx2

from service.bundle.manifest import MANIFEST_NAME, Manifest, read_manifest
from service.bundle.reading import reading
from service.errors import BundleError
from service.sources.access import Access
from service.sources.registry import MANIFEST_TYPE, TITLE
from service.sources.registry_client import RegistryClient
from service.sources.registry_reference import Reference, parse_reference
from service.sources.retry import attempts
from service.sources.source import CHUNK_BYTES, split_uri
from service.sources.web import Call, open_web

ARTIFACT_TYPE = "application/vnd.ml-api.bundle.v1"
_MANIFEST_LAYER = "application/vnd.ml-api.manifest.v1+json"
_MODEL_LAYER = "application/vnd.ml-api.model.v1"
# The image specification's way to say that an artifact has no configuration.
_EMPTY_TYPE, _EMPTY = "application/vnd.oci.empty.v1+json", b"{}"


@dataclass(frozen=True)
class Pushed:
    """What was brought where.

    Args:
        reference: By the artifact's digest, which always means this bundle.
        manifest: The bundle's.
        sha256: The bundle's digest.
    """

    reference: Reference
    manifest: Manifest
    sha256: str


@dataclass(frozen=True)
class _Blob:
    name: str
    media_type: str
    digest: str
    size: int
    chunks: Callable[[], Iterable[bytes]]

    def descriptor(self) -> dict[str, Any]:
        return {"mediaType": self.media_type, "digest": self.digest, "size": self.size}


def push(folder: Path, uri: str, access: Access) -> Pushed:
    """Bring a bundle into a registry, the artifact's manifest last: a tag never names half a bundle.

    Raises:
        BundleError: If it is no whole bundle, or the registry does not take it.
    """
    parts = split_uri(uri)
    if parts.scheme != "oci":
        message = f"A bundle cannot be pushed over '{parts.scheme}': write oci://HOST/REPOSITORY:TAG."
        raise BundleError(message)
    reference = parse_reference(parts, access)
    if not reference.tag:
        message = f"{reference} names a digest, which nobody can choose: push to a tag."
        raise BundleError(message)
    manifest, digest = read_manifest(folder)
    files = [_file(folder / MANIFEST_NAME, _MANIFEST_LAYER), _file(folder / manifest.file, _MODEL_LAYER)]
    if [file.digest for file in files] != [f"sha256:{digest}", f"sha256:{manifest.sha256}"]:
        message = f"The bundle in {folder} is damaged, or was changed just now: fetch or pack it again."
        raise BundleError(message)
    with open_web(access) as web:
        registry = RegistryClient(web, reference, access)
        empty = _blob("", _EMPTY_TYPE, _EMPTY)
        for blob in (empty, *files):
            _bring(registry, blob, access)
        artifact = _blob("", MANIFEST_TYPE, _artifact(manifest, empty, files))
        for attempt in attempts(access):
            with attempt:
                _put(registry, reference.url(f"manifests/{reference.tag}"), artifact, access)
    pinned = Reference(reference.host, reference.api, reference.repository, digest=artifact.digest)
    return Pushed(pinned, manifest, digest)


def _file(path: Path, media_type: str) -> _Blob:
    with reading(path), path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
        size = file.tell()
    return _Blob(path.name, media_type, f"sha256:{digest}", size, lambda: _chunks(path))


def _chunks(path: Path) -> Iterator[bytes]:
    with reading(path), path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _blob(name: str, media_type: str, content: bytes) -> _Blob:
    return _Blob(name, media_type, f"sha256:{sha256(content).hexdigest()}", len(content), lambda: [content])


def _artifact(manifest: Manifest, empty: _Blob, files: list[_Blob]) -> bytes:
    """Write the artifact's manifest; the same bundle gives the same bytes, and so the same digest."""
    document = {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "artifactType": ARTIFACT_TYPE,
        "config": empty.descriptor(),
        "layers": [file.descriptor() | {"annotations": {TITLE: file.name}} for file in files],
        "annotations": {TITLE: manifest.name, "org.opencontainers.image.version": manifest.version},
    }
    return json.dumps(document, separators=(",", ":")).encode()


def _bring(registry: RegistryClient, blob: _Blob, access: Access) -> None:
    """Upload a blob unless the registry has it (distribution specification, "Pushing a blob monolithically")."""
    reference = registry.reference
    for attempt in attempts(access):
        with attempt:
            with registry.ask(Call("HEAD", reference.url(f"blobs/{blob.digest}"))) as response:
                if response.status_code == httpx2.codes.OK:
                    return
            begin = Call("POST", reference.url("blobs/uploads/"), {"Content-Length": "0"})
            with registry.get(begin) as response:
                location = response.request.url.join(response.headers.get("Location", ""))
            _put(registry, str(location.copy_merge_params({"digest": blob.digest})), blob, access)


def _put(registry: RegistryClient, url: str, blob: _Blob, access: Access) -> None:
    is_manifest = blob.media_type == MANIFEST_TYPE
    headers = {
        "Content-Length": str(blob.size),
        "Content-Type": MANIFEST_TYPE if is_manifest else "application/octet-stream",
    }

    def sent() -> Iterator[bytes]:
        size = 0
        for chunk in blob.chunks():
            yield chunk
            size += len(chunk)
            if blob.name:
                access.listener.received(blob.name, size, blob.size)

    with registry.get(Call("PUT", url, headers, sent)):
        """The registry has it, and checked its digest."""
