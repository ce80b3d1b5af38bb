"""Integrity and trust: checked before a byte of the model file is parsed."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from service.bundle.manifest import Manifest, read_manifest
from service.bundle.reading import reading
from service.errors import BundleError, UntrustedBundleError


@dataclass(frozen=True)
class Trust:
    """What somebody outside the bundle says about it.

    Args:
        sha256: The digest that the bundle must have; empty when nobody pinned one.
        owner: Whether the owner vouches for the bundle without a digest.
    """

    sha256: str = ""
    owner: bool = False


@dataclass(frozen=True)
class Bundle:
    """A bundle that may be loaded; its model file is checked when it is read."""

    folder: Path
    manifest: Manifest
    sha256: str

    def __repr__(self) -> str:
        """Tell what it is in one line: a notebook shows it."""
        manifest = self.manifest
        return f"<Bundle {manifest.name} {manifest.version} ({manifest.format}) in {self.folder}, sha256 {self.sha256}>"

    def read_model(self) -> bytes:
        """Read the model file and check its digest.

        The bytes that were checked are the bytes that get parsed, so a file swapped in between cannot slip through.

        Raises:
            BundleError: If it is missing, unreadable or not what the manifest names.
        """
        path = self.folder / self.manifest.file
        with reading(path, missing=f"{path} is missing: fetch or pack the bundle again."):
            content = path.read_bytes()
        actual = sha256(content).hexdigest()
        if actual != self.manifest.sha256:
            message = (
                f"{path} has the digest {actual}, but the manifest names {self.manifest.sha256}: "
                "it is damaged or was replaced; fetch or pack the bundle again."
            )
            raise BundleError(message)
        return content


def open_bundle(folder: Path, trust: Trust) -> Bundle:
    """Check a bundle's digest and whether it may be loaded.

    Raises:
        UntrustedBundleError: If its format executes code and neither a digest nor the owner vouches for it.
        BundleError: If the digest differs or there is no manifest.
    """
    manifest, digest = read_manifest(folder)
    if trust.sha256 and digest != trust.sha256.lower():
        message = (
            f"The bundle in {folder} has the digest {digest}, but {trust.sha256} is pinned: "
            "fetch the right bundle or pin its digest."
        )
        raise BundleError(message)
    if manifest.executes_code and not trust.sha256 and not trust.owner:
        message = (
            f"The bundle in {folder} is of the format {manifest.format}, which executes code when it is loaded: "
            f"pin its digest with --sha256 {digest} (ML_API_MODEL_SHA256), or say --trust (ML_API_TRUST_MODEL=true) "
            "if it is your own."
        )
        raise UntrustedBundleError(message)
    return Bundle(folder, manifest, digest)
