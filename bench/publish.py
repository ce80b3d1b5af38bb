"""``python -m bench.publish`` writes the page and the charts from the results of the last whole run."""

from __future__ import annotations

from pathlib import Path

from bench.charts import charts
from bench.page import page
from bench.results import read

RESULTS = Path("bench/results/latest.json")
PAGE = Path("docs/benchmarks.md")
CHARTS = Path("docs/benchmarks")


def publish() -> None:
    """Write all of them."""
    results = read(RESULTS)
    PAGE.write_text(page(results))
    CHARTS.mkdir(exist_ok=True)
    for name, drawing in charts(results).items():
        (CHARTS / name).write_text(drawing)


if __name__ == "__main__":
    publish()
