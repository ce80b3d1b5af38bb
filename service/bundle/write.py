"""Writing a bundle as a whole or not at all."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.bundle.manifest import MANIFEST_NAME, read_manifest
from service.errors import BundleError


@contextmanager
def staged_folder(target: Path) -> Iterator[Path]:
    """Give a new folder beside *target* and put it in *target*'s place when the block succeeds.

    Whatever goes wrong in the block, *target* stays as it was and the new folder is removed.

    Raises:
        BundleError: If *target* exists and is neither an empty folder nor a bundle, or if the disk refuses.
    """
    target = target.absolute()
    try:
        refuse_other_files(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        # Not tempfile.mkdtemp: its folders cannot be read by the user that serves them.
        staging = target.parent / f".{target.name}.{secrets.token_hex(8)}.new"
        staging.mkdir()
        try:
            yield staging
            _replace(target, staging)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        message = f"Cannot write the bundle to {target}: {error}."
        raise BundleError(message) from None


def refuse_bundle(target: Path) -> None:
    """Refuse a target that holds a bundle already.

    Raises:
        BundleError: If there is one.
    """
    if (target / MANIFEST_NAME).exists():
        message = f"{target} holds a bundle already: choose another folder, or --overwrite it."
        raise BundleError(message)


def refuse_other_files(target: Path) -> None:
    """Refuse a target that holds anything but a bundle.

    Raises:
        BundleError: If *target* is a file, or a folder with files that are no part of a bundle.
    """
    if not target.exists():
        return
    if not target.is_dir():
        message = f"{target} is a file: name a folder for the bundle."
        raise BundleError(message)
    names = {path.name for path in target.iterdir()}
    if not names:
        return
    if MANIFEST_NAME not in names:
        message = f"{target} holds files but no bundle: name a new or an empty folder."
        raise BundleError(message)
    manifest, _ = read_manifest(target)
    others = names - {MANIFEST_NAME, manifest.file}
    if others:
        message = f"{target} holds {min(others)!r} beside a bundle: move it away or name another folder."
        raise BundleError(message)


def _replace(target: Path, staging: Path) -> None:
    if not target.exists():
        staging.rename(target)
        return
    old = staging.with_suffix(".old")
    target.rename(old)
    try:
        staging.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
