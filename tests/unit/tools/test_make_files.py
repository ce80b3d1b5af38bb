"""What make makes is made again when it must be, and `make clean` takes all of it away."""

import os
import shutil
from pathlib import Path

import making
import pytest

MADE = [
    ".venv/installed",
    ".cache/lint/default.yaml",
    "bin/uv",
    "build/image.json",
    "dist/sbom.json",
    "model/model.json",
    "artifacts/test/events",
    "examples/python/model/prices.json",
    "tests/conformance/triton/.venv/installed",
    "tests/conformance/kserve/.venv/installed",
    "tests/conformance/oip/.venv/installed",
]
SOURCES = [
    "pyproject.toml",
    "uv.lock",
    "tools/uv/requirements.txt",
    "tests/conformance/oip/uv.lock",
    "examples/python/model/model.py",
]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the project's Makefile in which everything was made, and the dependencies have changed since."""
    shutil.copy(making.ROOT / "Makefile", tmp_path)
    shutil.copytree(making.ROOT / "make", tmp_path / "make")
    for age, name in enumerate([*SOURCES, "bin/uv", *MADE, "pyproject.toml"]):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, (age, age))
    return tmp_path


def planned(target: str, checkout: Path) -> str:
    """The commands that make would run."""
    done = making.make(target, {}, checkout, MAKEFLAGS="n")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("target", ["run", "soak", "bench-quick"])
def test_changed_dependencies_are_installed_and_the_demo_model_stays(checkout, target):
    commands = planned(target, checkout)
    assert "sync" in commands
    assert "train-demo" not in commands


def test_a_demo_model_that_is_not_there_is_trained(checkout):
    (checkout / "model" / "model.json").unlink()
    assert "train-demo" in planned("run", checkout)


def test_clean_removes_what_make_made_and_nothing_else(checkout):
    kept = {*SOURCES, "Makefile", *(str(path.relative_to(checkout)) for path in (checkout / "make").iterdir())}
    done = making.make("clean", {}, checkout)
    assert done.returncode == 0, done.stderr
    assert {str(path.relative_to(checkout)) for path in checkout.rglob("*") if path.is_file()} == kept
