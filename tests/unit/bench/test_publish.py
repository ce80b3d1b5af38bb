"""The page and the charts are what `make bench` wrote from the results; nobody edits a figure."""

from pathlib import Path

import pytest

from bench.charts import charts
from bench.page import page
from bench.publish import CHARTS, PAGE, RESULTS
from bench.results import read

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def results():
    return read(ROOT / RESULTS)


def test_the_page_is_made_of_the_results(results):
    assert page(results) == (ROOT / PAGE).read_text()


def test_the_charts_are_made_of_the_results(results):
    drawn = charts(results)
    assert drawn == {name: (ROOT / CHARTS / name).read_text() for name in drawn}


def test_the_page_shows_every_chart(results):
    text = page(results)
    assert all(f"(benchmarks/{name})" in text for name in charts(results))
