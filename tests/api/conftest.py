"""Rows to score, and a proxy that makes trouble on the way to the service."""

from __future__ import annotations

from pathlib import Path

import pytest
from flaky import flaky
from scoring import NAMES
from sklearn.datasets import load_iris


@pytest.fixture(scope="module")
def irises(tmp_path_factory) -> Path:
    """All 150 rows, with an index and in another order of columns than the model's."""
    path = tmp_path_factory.mktemp("rows") / "irises.csv"
    frame = load_iris(as_frame=True).data
    frame[NAMES[::-1]].to_csv(path, index_label="row")
    return path


@pytest.fixture
def proxy(iris):
    with flaky(iris.url) as proxy:
        yield proxy
