"""The changelog: what has been collected gets the version and the day as its heading. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tools.base.problem import Problem

UNRELEASED = "## [Unreleased]"
HEADING = re.compile(r"(?m)^## \[(?P<name>[^]]+)\](?: - (?P<day>\d{4}-\d{2}-\d{2}))?$")


@dataclass(frozen=True)
class Entry:
    """What users notice.

    Args:
        kind: added, changed, deprecated, removed, fixed or security.
        description: In Markdown, on one line.
    """

    kind: str
    description: str


def release(text: str, version: str, day: str) -> str:
    """Give what is unreleased a heading, below a new and empty one.

    Raises:
        Problem: If nothing is unreleased, or the version is there already.
    """
    if version in (match["name"] for match in HEADING.finditer(text)):
        message = f"CHANGELOG.md has a heading for {version} already."
        raise Problem(message)
    if not entries(text, "Unreleased"):
        message = f"CHANGELOG.md has nothing under {UNRELEASED}: write what users notice, a line each."
        raise Problem(message)
    return text.replace(UNRELEASED, f"{UNRELEASED}\n\n## [{version}] - {day}", 1)


def entries(text: str, name: str) -> list[Entry]:
    """List what is written under a heading."""
    headings = list(HEADING.finditer(text))
    for position, heading in enumerate(headings):
        if heading["name"] == name:
            end = headings[position + 1].start() if position + 1 < len(headings) else len(text)
            return list(_entries(text[heading.end() : end]))
    return []


def _entries(section: str) -> Iterator[Entry]:
    kind = "changed"
    for block in re.split(r"\n(?=- |### )|\n\n", section):
        words = " ".join(block.split())
        if words.startswith("### "):
            kind = words.removeprefix("### ").lower()
        elif words.startswith("- "):
            yield Entry(kind, words.removeprefix("- "))


def problem(text: str, version: str) -> str:
    """Say why a version cannot be released with this changelog; empty if it can."""
    heading = next((match for match in HEADING.finditer(text) if match["name"] == version), None)
    if heading is None or not heading["day"]:
        return f"CHANGELOG.md has no heading `## [{version}] - YYYY-MM-DD`"
    return "" if entries(text, version) else f"CHANGELOG.md has nothing under its heading for {version}"
