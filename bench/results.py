"""The results as JSON: what the page and the charts are made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def write(path: Path, results: dict[str, Any]) -> None:
    """Write the results, a line for each cell."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_lines(results) + "\n")


def read(path: Path) -> dict[str, Any]:
    """Read the results."""
    results: dict[str, Any] = json.loads(path.read_text())
    return results


def _lines(value: Any, indent: str = "") -> str:  # noqa: ANN401  # JSON
    """Put the members of the outer two levels on lines of their own."""
    if len(indent) > 2 or not isinstance(value, (dict, list)) or not value:  # noqa: PLR2004  # two levels of two spaces
        return json.dumps(value, ensure_ascii=False)
    inner = indent + "  "
    if isinstance(value, dict):
        members = [f"{json.dumps(name)}: {_lines(member, inner)}" for name, member in value.items()]
        return "{\n" + ",\n".join(inner + member for member in members) + f"\n{indent}}}"
    return "[\n" + ",\n".join(inner + _lines(member, inner + "  ") for member in value) + f"\n{indent}]"
