"""A clock that jumps moves no deadline: nothing but a timestamp reads it."""

from __future__ import annotations

import ast
from pathlib import Path

import service

FOLDER = Path(service.__file__).parent
JUMPING = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today", "time.localtime"}
TIMESTAMPS = {"engine/statistics.py", "sources/retry.py"}
"""Where the time of day is told; and where a server that a client waits for tells it, in Retry-After."""


def clocks(tree: ast.AST) -> set[str]:
    """Collect what a module calls or imports of the clocks that jump."""
    names = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{name.name}" for name in node.names}
    return {name for name in names if any(name.endswith(clock) for clock in JUMPING)}


def test_no_deadline_reads_a_clock_that_jumps():
    readers = {
        str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.py") if clocks(ast.parse(path.read_text("utf-8")))
    }
    assert readers == TIMESTAMPS
