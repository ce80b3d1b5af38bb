"""The site has every page, in an order that somebody chose, and loads nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.docs.loads import strangers

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"


def navigation(page: Path) -> list[Path]:
    """Give the pages below one, in the order of its lists; a page below may have lists of its own."""
    found = []
    for block in re.findall(r"(?ms)^```\{toctree\}\n(.*?)^```$", page.read_text()):
        for line in (line for line in block.splitlines() if line and not line.startswith(":")):
            target = line[line.index("<") + 1 : -1] if line.endswith(">") else line
            start = ROOT if target.startswith("/") else page.parent
            for path in sorted(start.glob(f"{target.removeprefix('/')}.md")):
                found += [path, *navigation(path)]
    return found


def test_every_page_of_the_documentation_is_in_the_navigation_once():
    pages = navigation(DOCS / "index.md")
    assert sorted(path for path in pages if DOCS in path.parents) == sorted({*DOCS.rglob("*.md")} - {DOCS / "index.md"})


def test_every_entry_of_the_navigation_is_a_page():
    entries = re.findall(r"(?m)^(?:.+ <)?(/?[\w/-]+)>?$", "".join(lists_of(DOCS / "index.md")))
    assert len(entries) > 20
    assert [entry for entry in entries if not page_of(entry).exists()] == []


def lists_of(page: Path) -> list[str]:
    return re.findall(r"(?ms)^```\{toctree\}\n(?::.*?\n)*(.*?)^```$", page.read_text())


def page_of(entry: str) -> Path:
    return (ROOT if entry.startswith("/") else DOCS) / f"{entry.removeprefix('/')}.md"


def test_a_newcomer_reads_in_the_order_of_the_work():
    order = [path.relative_to(ROOT).as_posix() for path in navigation(DOCS / "index.md")]
    way = (
        *("README.md", "docs/how-to/weekly-cycle.md", "docs/how-to/cluster.md", "docs/reliability.md", "SECURITY.md"),
        *("docs/benchmarks.md", "docs/comparison.md", "docs/reference/settings.md", "docs/architecture.md"),
        *("docs/decisions/0001-one-process.md", "docs/troubleshooting.md"),
    )
    assert [page for page in order if page in way] == list(way)


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://cdn.example.com/a.js"></script>',
        '<script defer src="//cdn.example.com/a.js"></script>',
        '<link rel="stylesheet" href="HTTPS://fonts.example.com/css">',
        '<img alt="" src="http://example.com/badge.svg">',
        '@import "https://fonts.example.com/css";',
        "@font-face { src: url('https://fonts.example.com/a.woff2') }",
    ],
)
def test_what_a_page_would_load_from_elsewhere_is_found(text):
    assert len(strangers(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        '<a href="https://kubernetes.io">Kubernetes</a>',
        '<script src="_static/a.js"></script><img src="../_images/overview.svg">',
        '<link rel="canonical" href="https://docs.example.com/">',
        "a { background: url(data:image/png;base64,AA//BB) }",
    ],
)
def test_what_lies_in_the_site_and_what_a_person_clicks_is_no_stranger(text):
    assert strangers(text) == []
