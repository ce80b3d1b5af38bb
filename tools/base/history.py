"""The releases that this checkout remembers."""

from __future__ import annotations

from pathlib import Path

from tools.base.paths import ROOT
from tools.base.programs import capture

# The subject that docs/how-to/release.md gives the commit. Tags are not in every clone, commits are.
SUBJECT = r"^Release [0-9]+\.[0-9]+\.[0-9]+$"


def last_release(root: Path = ROOT) -> str:
    """Name the commit of the last release before this one; empty if there is none in the history."""
    found = capture(
        "git", "-C", str(root), "log", "-1", "--format=%H", "--extended-regexp", f"--grep={SUBJECT}", "HEAD^"
    )
    return found.output.strip() if found.ok else ""
