"""The workflows for GitHub do what lands a change here; actionlint sees to their form."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PACKAGES = re.compile(r"(?m)--no-install-recommends ([a-z0-9 -]+?)(?: >| &&|$)")
# A cluster with an operator, a gateway and a second release is more than a hosted runner has room for: `cluster` walks
# from nothing to a prediction there.
NOT_THERE = {"e2e"}
# A hosted runner has a browser and fonts.
HOSTED = {"chromium", "fonts-dejavu-core"}


def commands(workflow: Path) -> dict[str, str]:
    """What each job runs."""
    jobs = yaml.safe_load(workflow.read_text())["jobs"]
    return {name: "\n".join(step.get("run", "") for step in job["steps"]) for name, job in jobs.items()}


def packages(path: Path) -> set[str]:
    """The packages of Debian that a file installs."""
    return {package for line in PACKAGES.findall(path.read_text()) for package in line.split()}


def targets(script: str) -> set[str]:
    """The targets that a script makes."""
    named = re.findall(r"(?m)^\s*make (.+)$", script)
    return {word for line in named for word in line.split() if "=" not in word}


def test_github_checks_what_is_checked_before_a_change_lands():
    there = set().union(*map(targets, commands(ROOT / ".github/workflows/ci.yml").values()))
    assert targets((ROOT / ".ci/run").read_text()) - NOT_THERE <= there


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_every_job_that_runs_the_tests_has_the_programs_that_they_want(workflow):
    for name, script in commands(workflow).items():
        if "test" in targets(script):
            assert packages(ROOT / ".ci/run") - HOSTED <= packages(workflow), name


def test_the_container_for_development_has_the_programs_that_the_tests_want():
    assert packages(ROOT / ".ci/run") <= packages(ROOT / ".devcontainer/devcontainer.json")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_every_target_of_a_workflow_is_one_of_the_makefile(workflow):
    rules = "\n".join(path.read_text() for path in [ROOT / "Makefile", *(ROOT / "make").glob("*.mk")])
    known = set(re.findall(r"(?m)^([\w./-]+):", rules)) | {"bin/cosign"}
    for script in commands(workflow).values():
        assert targets(script) <= known
