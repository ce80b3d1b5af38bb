"""What a release was asked for, as variables in the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.base.paths import ROOT
from tools.base.problem import Problem
from tools.release.version import VERSION

DIST = ROOT / "dist"
BASE_IMAGE = "python:3.13-slim"


@dataclass(frozen=True)
class Settings:
    """The variables that the targets know.

    Args:
        version: What is released, such as 1.2.3.
        registry: Where images and chart go, and nothing goes anywhere else.
        key: The private key of cosign; the public one lies beside it.
        tested: Whether a person or a workflow says that the tests passed on this commit.
        dry_run: Whether to tell the steps instead of taking them.
        git_tag: Whether to tag the commit at the end, in this checkout.
        base_image: What the images are built from.
    """

    version: str
    registry: str
    key: Path
    tested: bool
    dry_run: bool
    git_tag: bool
    base_image: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the variables, in upper case, that Make exports.

        Raises:
            Problem: If there is no usable version.
        """
        given = {name: environment.get(name.upper(), "").strip() for name in cls.__dataclass_fields__}
        if not VERSION.fullmatch(given["version"]):
            message = f"VERSION is {given['version'] or 'missing'}: give three numbers, such as VERSION=1.2.3."
            raise Problem(message)
        return cls(
            version=given["version"],
            registry=given["registry"].rstrip("/"),
            key=find_key(environment),
            tested=given["tested"] == "yes",
            dry_run=bool(given["dry_run"]),
            git_tag=bool(given["git_tag"]),
            base_image=given["base_image"] or BASE_IMAGE,
        )

    @property
    def public_key(self) -> Path:
        """What others verify with."""
        return self.key.with_suffix(".pub")


def find_key(environment: Mapping[str, str] = os.environ) -> Path:
    """Say where the private key is, or is to be."""
    return ROOT / (environment.get("KEY", "").strip() or "build/cosign.key")
