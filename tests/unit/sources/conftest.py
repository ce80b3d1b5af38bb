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


@pytest.fixture(autouse=True)
def _no_logins_of_whoever_runs_the_tests(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    for name in ("REGISTRY_USERNAME", "REGISTRY_PASSWORD", "REGISTRY_AUTH_FILE"):
        monkeypatch.delenv(name, raising=False)
