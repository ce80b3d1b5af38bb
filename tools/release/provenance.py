"""What an image was built from, by whom and when: SLSA's provenance 1.0 in an in-toto statement. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# https://slsa.dev/spec/v1.0/provenance and https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/provenance/v1"


@dataclass(frozen=True)
class Build:
    """One build of one image.

    Args:
        source: Where the commit comes from, as git knows it.
        commit: The git commit.
        base_image: The image it was built from, by name.
        base_digest: That image's sha256, in hex digits.
        lock_digest: The sha256 of uv.lock.
        target: The target in the Dockerfile.
        version: The version it was labelled with.
        builder: Who built it, as an address: a person's or a workflow's.
        started: When, in RFC 3339.
        finished: When, in RFC 3339.
    """

    source: str
    commit: str
    base_image: str
    base_digest: str
    lock_digest: str
    target: str
    version: str
    builder: str
    started: str
    finished: str


def describe(build: Build) -> dict[str, Any]:
    """Make the predicate."""
    materials = [
        {"uri": f"git+{build.source}", "digest": {"gitCommit": build.commit}},
        {"uri": f"pkg:docker/{build.base_image}", "digest": {"sha256": build.base_digest}},
        {"uri": "uv.lock", "digest": {"sha256": build.lock_digest}},
    ]
    return {
        "buildDefinition": {
            "buildType": f"{build.source}#make-release",
            "externalParameters": {"target": build.target, "version": build.version, "dockerfile": "Dockerfile"},
            "resolvedDependencies": materials,
        },
        "runDetails": {
            "builder": {"id": build.builder},
            "metadata": {"startedOn": build.started, "finishedOn": build.finished},
        },
    }


def state(image: str, digest: str, predicate: dict[str, Any]) -> dict[str, Any]:
    """Make the statement about an image, as it is kept beside the release."""
    subject = [{"name": image, "digest": {"sha256": digest.removeprefix("sha256:")}}]
    return {"_type": STATEMENT, "subject": subject, "predicateType": PREDICATE, "predicate": predicate}
