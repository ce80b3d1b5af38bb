"""Writes what each image is made of (CycloneDX, by syft), and from (SLSA provenance)."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from tools.base.paths import ROOT
from tools.base.programs import capture
from tools.release.artifacts import demand
from tools.release.provenance import Build

# syft would ask whether there is a newer one.
SYFT = {"SYFT_CHECK_FOR_APP_UPDATE": "false"}


def write_sbom(image: str, target: str, version: str, folder: Path) -> Path:
    """List all packages of a local image, those of Python and those of Debian."""
    path = folder / f"sbom-{target}.cdx.json"
    command = ("scan", f"docker:{image}", f"--output=cyclonedx-json={path}", "--quiet")
    named = ("--source-name=ml-api", f"--source-version={version}")
    demand(capture(str(ROOT / "bin/syft"), *command, *named, environment=SYFT), f"syft {image}")
    return path


def now() -> str:
    """The time, as RFC 3339 writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def record_build(base: tuple[str, str], target: str, version: str, started: str) -> Build:
    """Gather what an image was built from; call it when the build is over."""
    remote = capture("git", "remote", "get-url", "origin").output.strip()
    return Build(
        source=remote if remote.startswith("https://") else "https://localhost/ml-api",
        commit=capture("git", "rev-parse", "HEAD").output.strip(),
        base_image=base[0].partition("@")[0],
        base_digest=base[1],
        lock_digest=hashlib.sha256((ROOT / "uv.lock").read_bytes()).hexdigest(),
        target=target,
        version=version,
        builder=name_builder(os.environ),
        started=started,
        finished=now(),
    )


def name_builder(environment: Mapping[str, str]) -> str:
    """Name who builds: GitHub's workflow, or a person at a machine."""
    if environment.get("GITHUB_WORKFLOW_REF"):
        return f"{environment['GITHUB_SERVER_URL']}/{environment['GITHUB_WORKFLOW_REF']}"
    return f"https://localhost/{socket.gethostname()}/{getpass.getuser()}"


def write_json(path: Path, content: object) -> Path:
    """Write JSON for people."""
    path.write_text(json.dumps(content, indent=2) + "\n")
    return path
