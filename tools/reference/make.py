"""The page of the make targets and their variables, from the comments in the makefiles."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

HEAD = """\
# Make targets

`make` alone lists them. A variable is given behind the target: `make run PORT=9000`. `make reference` writes this page
from the comments in the makefiles.
"""
SECTION = re.compile(r"##@ (?P<title>.+)")
TARGET = re.compile(r"(?P<name>[a-zA-Z0-9_-]+):.*## (?P<what>.+)")
VARIABLE = re.compile(r"(?P<name>[A-Z0-9_]+) \?=(?P<default>.*)")
FIRST = "Everyday"
"""The section of what stands above all sections."""
COMMENT = re.compile(r"# (?P<text>.+)")


@dataclass
class _Section:
    title: str
    targets: list[str] = field(default_factory=list)
    variables: dict[str, list[str]] = field(default_factory=dict)
    """Names with their defaults, by the comment above them."""


def makefiles(root: Path) -> list[Path]:
    """List the makefiles in the order in which make reads them."""
    return [root / "Makefile", *sorted((root / "make").glob("*.mk"))]


def make_page(root: Path) -> str:
    """Write the page.

    Args:
        root: The folder of the Makefile.
    """
    sections: dict[str, _Section] = {}
    for path in makefiles(root):
        _read(path.read_text().splitlines(), sections)
    return HEAD + "".join(_written(section) for section in sections.values() if section.targets)


def _read(lines: list[str], sections: dict[str, _Section]) -> None:
    section, comment, above = FIRST, "", ""
    for line in lines:
        if found := SECTION.fullmatch(line):
            section = found["title"]
        elif found := TARGET.fullmatch(line):
            _of(sections, section).targets.append(f"| `make {found['name']}` | {found['what']} |")
        elif found := VARIABLE.fullmatch(line):
            default = found["default"].strip()
            name = f"`{found['name']}`" + (f" (`{default}`)" if default else "")
            _of(sections, section).variables.setdefault(comment, []).append(name)
        if found := COMMENT.fullmatch(line):
            # A comment of several lines, or a new one.
            comment = f"{comment} {found['text']}" if COMMENT.fullmatch(above) else found["text"]
        elif not VARIABLE.fullmatch(line):
            comment = ""
        above = line


def _of(sections: dict[str, _Section], title: str) -> _Section:
    return sections.setdefault(title, _Section(title))


def _written(section: _Section) -> str:
    lines = [f"\n## {section.title}\n", "| target | what |", "|---|---|", *section.targets]
    if section.variables:
        lines += ["", "| variables, with their defaults | what |", "|---|---|"]
        lines += [f"| {', '.join(names)} | {comment} |" for comment, names in section.variables.items()]
    return "\n".join(lines) + "\n"
