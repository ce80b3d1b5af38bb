"""`make test` runs in two parts what `pytest` runs in one."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_make_test_leaves_out_nothing_that_pytest_runs() -> None:
    parts = dict(re.findall(r"(?m)^((?:NOT_)?MEASURED) := (.+)$", (ROOT / "Makefile").read_text()))
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]["testpaths"]
    assert sorted(" ".join(parts.values()).split()) == sorted(whole)
