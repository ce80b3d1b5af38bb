"""``python3 -m tools.losstable RESULTS PAGE``: puts the figures of the loss tests into a page."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- figures: make loss-table -->", "<!-- end of figures -->"
CASES = 6
HEADER = (
    "| what happened | pods that went | requests | **lost** | requests a second | share of capacity | p99 | slowest |",
    "|---|--:|--:|--:|--:|--:|--:|--:|",
)


def row(result: dict[str, Any]) -> str:
    """Make one line of the table."""
    rate = result["sent"] / result["seconds"]
    cells = (
        result["case"],
        result["pods_gone"],
        f"{result['sent']:,}",
        f"**{result['failed']:,}**",
        f"{rate:,.0f}",
        f"{100 * rate / result['capacity']:.0f} %",
        f"{result['p99_ms']:.0f} ms",
        f"{result['slowest_ms']:.0f} ms",
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def main(results: Path, page: Path) -> None:
    """Write the table; an incomplete one is refused."""
    found = [json.loads(file.read_text()) for file in sorted(results.glob("*.json"))]
    if len(found) != CASES:
        sys.exit(f"make loss-table: {len(found)} of {CASES} results are in {results}: run `make e2e` first.")
    text = page.read_text()
    before, _, rest = text.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        sys.exit(f"make loss-table: {page} has no place for the table: it needs the lines {BEGIN} and {END}.")
    total = sum(result["sent"] for result in found)
    lost = sum(result["failed"] for result in found)
    sentence = f"{lost:,} of {total:,} requests were lost."
    table = "\n".join([*HEADER, *map(row, found)])
    page.write_text(f"{before}{BEGIN}\n{sentence}\n\n{table}\n{END}{after}")
    print(f"{page}: {sentence}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
