"""Asks the registry for everything that was released, and believes only what it gives back."""

from __future__ import annotations

import json
from pathlib import Path

from tools.base.problem import Problem
from tools.base.programs import capture
from tools.release.artifacts import DIGEST, WORK, Published, demand, helm, plain_http
from tools.release.settings import Settings
from tools.release.signing import read_attestation, verify

LABELS = "org.opencontainers.image"


def verify_image(settings: Settings, image: Published, commit: str, sbom: Path) -> None:
    """Verify an image: its signature, its labels, what it is made of and from.

    Raises:
        Problem: If anything differs from what was built.
    """
    verify(settings.public_key, image.pinned)
    inspected = capture("docker", "buildx", "imagetools", "inspect", "--format={{json .Image}}", image.pinned)
    labels = json.loads(demand(inspected, f"Asking for {image.pinned}"))["config"]["Labels"]
    provenance = read_attestation(settings.public_key, image.pinned, "slsaprovenance1")
    listed = read_attestation(settings.public_key, image.pinned, "cyclonedx")
    subject = provenance["subject"][0]["digest"]["sha256"]
    sources = provenance["predicate"]["buildDefinition"]["resolvedDependencies"]
    checks = {
        "version": labels.get(f"{LABELS}.version") == settings.version,
        "revision": labels.get(f"{LABELS}.revision") == commit,
        "subject": image.digest == f"sha256:{subject}",
        "commit": sources[0]["digest"]["gitCommit"] == commit,
        "list of packages": listed["predicate"] == json.loads(sbom.read_text()),
    }
    _demand_all(image.reference, checks)


def verify_chart(settings: Settings, chart: Published, package: Path) -> None:
    """Verify the chart: its signature, and that a pull gives the same bytes.

    Raises:
        Problem: If anything differs from what was built.
    """
    verify(settings.public_key, chart.pinned)
    folder = WORK / "pulled"
    folder.mkdir(parents=True, exist_ok=True)
    name, _, tag = chart.reference.rpartition(":")
    flags = (f"--version={tag}", f"--destination={folder}", *plain_http(settings.registry))
    pulled = demand(capture(helm(), "pull", f"oci://{name}", *flags), f"helm pull {chart.reference}")
    found = DIGEST.search(pulled)
    checks = {
        "digest": found is not None and found[1] == chart.digest,
        "content": (folder / package.name).read_bytes() == package.read_bytes(),
    }
    _demand_all(chart.reference, checks)


def _demand_all(reference: str, checks: dict[str, bool]) -> None:
    wrong = [name for name, ok in checks.items() if not ok]
    if wrong:
        message = f"{reference} as the registry gives it differs in {', '.join(wrong)}: release a new version."
        raise Problem(message)
    print(f"Verified {reference}: signature, {', '.join(checks)}.")
