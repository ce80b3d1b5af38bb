"""Signs and verifies by cosign with a key of one's own: no account, no log, no network but the registry."""

from __future__ import annotations

import base64
import json
import tempfile
from pathlib import Path
from typing import Any

from tools.base.paths import ROOT
from tools.base.problem import Problem
from tools.base.programs import capture
from tools.release.artifacts import demand

COSIGN = str(ROOT / "bin/cosign")
# A signing configuration that names no service: neither certificate authority, nor log, nor clock.
NO_SERVICES = {
    "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
    "rekorTlogConfig": {},
    "tsaConfig": {},
}
KINDS = {"cyclonedx": "https://cyclonedx.org/bom", "slsaprovenance1": "https://slsa.dev/provenance/v1"}


def make_key(key: Path) -> None:
    """Make a pair of keys; the password is asked for, or is COSIGN_PASSWORD.

    Raises:
        Problem: If there is one already.
    """
    if key.exists():
        message = f"{key} exists already: whoever replaces a key leaves all earlier signatures without one."
        raise Problem(message)
    key.parent.mkdir(parents=True, exist_ok=True)
    demand(capture(COSIGN, "generate-key-pair", f"--output-key-prefix={key.with_suffix('')}"), "cosign")


def sign(key: Path, pinned: str) -> None:
    """Sign an image or a chart in a registry."""
    _sign("sign", key, pinned)


def attest(key: Path, pinned: str, kind: str, predicate: Path) -> None:
    """Sign a statement about an image in a registry, and put it beside the image."""
    _sign("attest", key, f"--type={kind}", f"--predicate={predicate}", pinned)


def sign_file(key: Path, file: Path) -> Path:
    """Sign a file; the signature lies beside it."""
    bundle = file.with_name(f"{file.name}.sigstore.json")
    _sign("sign-blob", key, f"--bundle={bundle}", str(file))
    return bundle


def verify(public_key: Path, pinned: str) -> None:
    """Verify an image or a chart in a registry.

    Raises:
        Problem: If it is not signed with this key.
    """
    demand(capture(COSIGN, "verify", *_with(public_key), pinned), f"Verifying {pinned}")


def read_attestation(public_key: Path, pinned: str, kind: str) -> dict[str, Any]:
    """Verify a statement about an image in a registry, and read it.

    Raises:
        Problem: If there is none that is signed with this key.
    """
    asked = capture(COSIGN, "verify-attestation", *_with(public_key), f"--type={kind}", pinned)
    if not asked.ok:
        message = f"Verifying {kind} of {pinned} failed ({asked.reason})."
        raise Problem(message)
    envelope = json.loads(asked.output.splitlines()[0])
    return dict(json.loads(base64.b64decode(envelope["payload"])))


def verify_file(public_key: Path, file: Path, bundle: Path) -> None:
    """Verify a file.

    Raises:
        Problem: If it is not what was signed with this key.
    """
    demand(
        capture(COSIGN, "verify-blob", *_with(public_key), f"--bundle={bundle}", str(file)), f"Verifying {file.name}"
    )


def _sign(command: str, key: Path, *arguments: str) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as config:
        json.dump(NO_SERVICES, config)
        config.flush()
        flags = (f"--key={key}", f"--signing-config={config.name}", "--yes")
        demand(capture(COSIGN, command, *flags, *arguments), f"cosign {command}")


def _with(public_key: Path) -> tuple[str, ...]:
    return f"--key={public_key}", "--insecure-ignore-tlog=true"
