"""The page of troubleshooting quotes what the code says, and not what it said once."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/troubleshooting.md").read_text()
ENTRIES = re.findall(r"(?ms)^## (.+?)\n(.*?)(?=^## |\Z)", PAGE)
QUOTED = [line for block in re.findall(r"(?ms)^```text\n(.*?)^```$", PAGE) for line in block.splitlines()]
VARIABLE = "…"


@pytest.fixture(scope="module")
def sentences() -> list[str]:
    """Every text in the code, with an ellipsis where it has a value."""
    paths = [*(ROOT / "service").rglob("*.py"), *(ROOT / "tools").rglob("*.py")]
    nodes = [node for path in paths for node in ast.walk(ast.parse(path.read_text()))]
    texts = [text(node) for node in nodes if isinstance(node, (ast.Constant, ast.JoinedStr))]
    templates = [path for path in (ROOT / "charts/ml-api/templates").iterdir() if path.suffix in {".yaml", ".tpl"}]
    return [*texts, *(path.read_text() for path in templates)]


def text(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(text(part) if isinstance(part, ast.Constant) else VARIABLE for part in node.values)
    value = node.value.decode(errors="replace") if isinstance(node.value, bytes) else node.value
    return value if isinstance(value, str) else ""


@pytest.mark.parametrize("line", range(len(QUOTED)))
def test_what_the_page_quotes_is_what_the_code_says(sentences, line):
    parts = [part.strip() for part in QUOTED[line].split(VARIABLE)]
    missing = [part for part in parts if not any(part in sentence for sentence in sentences)]
    assert missing == []


@pytest.mark.parametrize("entry", range(len(ENTRIES)))
def test_each_entry_tells_why_and_what_to_do(entry):
    title, body = ENTRIES[entry]
    assert "**Why.**" in body, title
    assert "**What to do.**" in body, title


def test_there_is_something_to_compare():
    assert len(ENTRIES) >= 12
    assert len(QUOTED) >= len(ENTRIES)
