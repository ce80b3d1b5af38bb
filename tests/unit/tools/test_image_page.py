"""What the pages and the Dockerfile say to `docker build` exists: extras, arguments and the version of Python."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PAGES = sorted((ROOT / "docs/how-to").glob("*.md"))


def read(*paths: Path) -> str:
    return "\n".join(path.read_text() for path in paths)


def test_every_extra_that_an_image_is_built_with_exists():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    named = set(re.findall(r"--extra (\w+)", read(*PAGES, ROOT / "Dockerfile")))
    assert {"s3", "gs", "az", "xgboost", "lightgbm"} <= named
    assert named <= extras.keys()


def test_every_argument_of_a_build_is_one_of_the_dockerfile():
    named = set(re.findall(r"--build-arg (\w+)=", read(*PAGES)))
    assert "EXTRAS" in named
    assert named <= set(re.findall(r"(?m)^ARG (\w+)", DOCKERFILE))


@pytest.mark.parametrize(
    "page", [page for page in PAGES if "FROM python:" in page.read_text()], ids=lambda page: page.stem
)
def test_libraries_are_installed_by_the_python_of_the_image(page):
    (base,) = re.findall(r"(?m)^ARG BASE_IMAGE=(\S+)$", DOCKERFILE)
    assert set(re.findall(r"FROM (python:[\w.-]+)", page.read_text())) == {base}
