"""What a check found: a table in colours on a terminal, a line for each in a pipe, nothing where the result is JSON."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from service.commands.terminal import Mood, print_line, print_table, shows_tables


@dataclass(frozen=True)
class Finding:
    """What was looked at, what was found there, and how that is meant."""

    what: str
    told: str
    mood: Mood = Mood.GOOD


class Findings:
    """Takes findings, and shows them."""

    def __init__(self, *, are_shown: bool) -> None:
        self._are_shown = are_shown
        self._rows: list[Finding] = []

    def add(self, *findings: Finding) -> None:
        """Show them: at once in a pipe, together at the end on a terminal."""
        if not self._are_shown:
            return
        if shows_tables():
            self._rows += findings
            return
        for finding in findings:
            print_line(f"{finding.what}: {finding.told}")

    def say(self, line: str, mood: Mood = Mood.PLAIN) -> None:
        """Print a line below what was found before."""
        if self._are_shown:
            self.draw()
            print_line(line, mood)

    def draw(self) -> None:
        """Draw the table of what was found since the last one."""
        if self._rows:
            print_table(("check", "result"), [(row.mood, (row.what, row.told)) for row in self._rows])
            self._rows = []


@contextmanager
def open_findings(*, are_shown: bool) -> Iterator[Findings]:
    """Give a place for findings; what is there is shown even if a later check fails."""
    findings = Findings(are_shown=are_shown)
    try:
        yield findings
    finally:
        findings.draw()
