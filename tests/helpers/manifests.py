"""Manifests as they lie in the folder of a bundle."""

from __future__ import annotations

import json
from pathlib import Path


def manifest_in(bundle: Path) -> dict:
    """Read a manifest as it was written."""
    return json.loads((bundle / "model.json").read_text())


def change_manifest(bundle: Path, **members: object) -> None:
    """Write members of a manifest anew."""
    (bundle / "model.json").write_text(json.dumps(manifest_in(bundle) | members))
