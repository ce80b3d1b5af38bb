"""How the search of the documentation's site ranks what it found."""

from __future__ import annotations

from pathlib import Path

SCORER = (Path(__file__).parents[2] / "tools/docs/scorer.js").read_text()
ASK = f"found => {{ {SCORER} return found.map(([page, hit]) => Scorer.score([page, '', '', null, Scorer[hit]])) }}"


def test_pages_of_tasks_come_first_and_reasons_and_history_last(browser):
    found = [
        ("docs/decisions/0002-dependencies", "title"),
        ("CHANGELOG", "title"),
        ("docs/architecture", "term"),
        ("README", "term"),
        ("docs/how-to/cluster", "term"),
    ]
    page = browser.new_page()
    decision, changes, architecture, readme, task = page.evaluate(ASK, found)
    page.close()
    assert decision == changes < architecture < readme == task
