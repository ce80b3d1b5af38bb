"""Bring a bundle from elsewhere, whole and checked, or nothing of it."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import file_digest
from pathlib import Path

from service.bundle.manifest import MANIFEST_BYTES, MANIFEST_NAME, parse_manifest, read_manifest
from service.bundle.verify import Bundle
from service.bundle.write import refuse_other_files
from service.errors import BundleError
from service.sources.access import Access
from service.sources.archive import is_archive, open_archive
from service.sources.download import Wanted, download
from service.sources.places import open_source
from service.sources.source import Source, split_uri
from service.sources.turn import in_turn

_ARCHIVE = "archive"
_OLD = ".old"
_STAGING = re.compile(r"\.[0-9a-f]{16}\.new")


def fetch(uri: str, target: Path, digest: str, access: Access) -> Bundle:
    """Fetch a bundle into a folder, which may be a mounted volume. No line of the model's code is run.

    Args:
        uri: Of the bundle's folder, of its ``model.json``, or of a ``.tar.gz`` of it.
        target: A new or empty folder, or one with another bundle, which is replaced.
        digest: sha256 that ``model.json`` must have; empty to take what comes, which can be served only if its format
            executes no code.
        access: What it gets in with, and how far it may go.

    Raises:
        BundleError: If it cannot be fetched or is not what the digest says; the target stays as it was.
    """
    with _written_to(target):
        if not target.is_dir():
            refuse_other_files(target)
        with in_turn(target):
            _end_killed_fetches(target)
            refuse_other_files(target)
            if digest and _is_there(target, digest):
                return Bundle(target, read_manifest(target)[0], digest)
            with _staging(target) as staging:
                _bring(uri, staging, digest, access)
                bundle = Bundle(target, *read_manifest(staging))
            _put(staging, target, bundle.manifest.file)
    return bundle


def _bring(uri: str, staging: Path, digest: str, access: Access) -> None:
    parts = split_uri(uri)
    folder, _, name = parts.path.rstrip("/").rpartition("/")
    if name != MANIFEST_NAME and not is_archive(name):
        folder, name = parts.path.rstrip("/"), ""
    with open_source(parts._replace(path=folder), access) as source:
        if not is_archive(name):
            _take(source, staging, digest, access)
            return
        archive = staging / _ARCHIVE
        download(source, Wanted(name, access.maximum_bytes), archive, access)
        with open_archive(archive, source.place(name), access) as unpacked:
            _take(unpacked, staging, digest, access)
        archive.unlink()


def _take(source: Source, staging: Path, digest: str, access: Access) -> None:
    """Bring the manifest, and then the model file that it names."""
    download(source, Wanted(MANIFEST_NAME, MANIFEST_BYTES, digest), staging / MANIFEST_NAME, access)
    content = (staging / MANIFEST_NAME).read_bytes()
    manifest = parse_manifest(content, source.place(MANIFEST_NAME))
    if manifest.file in {MANIFEST_NAME, _ARCHIVE}:
        message = (
            f"{source.place(MANIFEST_NAME)} calls its model file {manifest.file}, which no bundle may: pack it again."
        )
        raise BundleError(message)
    download(source, Wanted(manifest.file, access.maximum_bytes, manifest.sha256), staging / manifest.file, access)


def _is_there(target: Path, digest: str) -> bool:
    if not (target / MANIFEST_NAME).exists():
        return False
    manifest, actual = read_manifest(target)
    path = target / manifest.file
    if actual != digest or not path.exists():
        return False
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest() == manifest.sha256


@contextmanager
def _written_to(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"Cannot write the bundle to {target}: {error.strerror or error}."
        raise BundleError(message) from None


@contextmanager
def _staging(target: Path) -> Iterator[Path]:
    """Give a new folder inside the target, which may be a mount; nothing of it is left behind if the block fails."""
    staging = target / f".{secrets.token_hex(8)}.new"
    staging.mkdir()
    try:
        yield staging
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def _put(staging: Path, target: Path, file: str) -> None:
    """Put a bundle in the place of the one that is there, if any.

    Model file and manifest of two bundles are never beside each other: the old model file goes first, then its
    manifest, and the new manifest comes last. Wherever this is broken off, the next fetch takes it from there.
    """
    if (target / MANIFEST_NAME).exists():
        with suppress(FileNotFoundError):
            (target / read_manifest(target)[0].file).replace(staging / _OLD)
        (target / MANIFEST_NAME).unlink()
    for name in (file, MANIFEST_NAME):
        (staging / name).replace(target / name)
    shutil.rmtree(staging, ignore_errors=True)


def _end_killed_fetches(target: Path) -> None:
    """Remove what a fetch left when it was killed, such as an init container that is started again.

    If it was putting its bundle, which was whole by then, in its place, that is finished.
    """
    for staging in [path for path in target.iterdir() if _STAGING.fullmatch(path.name)]:
        if _is_half_put(staging, target):
            (staging / MANIFEST_NAME).replace(target / MANIFEST_NAME)
        shutil.rmtree(staging)


def _is_half_put(staging: Path, target: Path) -> bool:
    """Tell whether the model file is in its place and its manifest is not."""
    if (target / MANIFEST_NAME).exists():
        return False
    try:
        file = read_manifest(staging)[0].file
    except BundleError:
        return False
    return (target / file).exists() and not (staging / file).exists()
