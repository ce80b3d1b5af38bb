"""Looks at everything that could stop a release, before anything is built."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tools.base.problem import Problem
from tools.base.programs import capture
from tools.release import changelog, version
from tools.release.settings import Settings


def check(settings: Settings, root: Path) -> None:
    """Make sure that a release can be made.

    Raises:
        Problem: If not; it names everything that is in the way.
    """
    found = list(_obstacles(settings, root))
    if found:
        raise Problem("; ".join(found) + ".")


def _obstacles(settings: Settings, root: Path) -> Iterator[str]:
    if not settings.registry:
        yield "REGISTRY is missing, such as REGISTRY=registry.example.com/team"
    elsewhere = version.differences(root, settings.version)
    if elsewhere:
        yield f"{' and '.join(elsewhere)}: run `make version VERSION={settings.version}`, look at it and commit it"
    wrong = changelog.problem((root / "CHANGELOG.md").read_text(), settings.version)
    if wrong:
        yield wrong
    status = capture("git", "-C", str(root), "status", "--porcelain")
    if not status.ok or status.output.strip():
        yield "the checkout has changes that are in no commit: commit them"
    if not settings.tested:
        yield "nobody said that the tests passed on this commit: run `make test lint e2e` and set TESTED=yes"
    if not settings.dry_run and not (settings.key.exists() and settings.public_key.exists()):
        yield f"there is no key {settings.key} with its .pub: run `make release-key`, or set KEY"
