"""What a page loads by itself: a site that is read offline must have all of it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

LOADING = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href", "object": "data"}
ELSEWHERE = re.compile(r"(?:[a-z]+:)?//", re.IGNORECASE)
IN_STYLES = re.compile(r"(?:@import\s+|url\()\s*['\"]?((?:[a-z]+:)?//[^'\")\s;]+)", re.IGNORECASE)


class _Loads(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag loads; a link that a person clicks loads nothing."""
        given = dict(attrs)
        address = given.get(LOADING.get(tag, ""))
        if address and given.get("rel") != "canonical":
            self.addresses.append(address)


def pages_of(folder: Path) -> list[Path]:
    """List the pages and the styles of a site."""
    return sorted(path for path in folder.rglob("*") if path.suffix in {".html", ".css"})


def strangers(text: str) -> list[str]:
    """Name what a page or a style loads from another place than its own site."""
    loads = _Loads()
    loads.feed(text)
    return [address for address in loads.addresses if ELSEWHERE.match(address)] + IN_STYLES.findall(text)
