"""A folder with a bundle in it, and a web server over that folder."""

import shutil
from pathlib import Path

import pytest
from fileserver import FileServer
from serving import running


@pytest.fixture
def source(tmp_path: Path, iris_bundle: Path) -> Path:
    """A folder with a bundle in it."""
    shutil.copytree(iris_bundle, tmp_path / "source" / "bundle")
    return tmp_path / "source"


@pytest.fixture
def web(source: Path):
    """A web server over that folder."""
    with running(FileServer(source)) as server:
        yield server
