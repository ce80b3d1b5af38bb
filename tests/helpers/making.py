"""Runs Make as a person would, even when a Make runs the tests."""

import os
import subprocess
from pathlib import Path

from tools.cluster.settings import Settings

ROOT = Path(__file__).parents[2]
OF_MAKE = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES"}
# The outer Make exports its own variables for the cluster; helm is the one that the tests are told to use.
OF_CLUSTER = {name.upper() for name in Settings.__dataclass_fields__} - {"HELM"} | {"TIMEOUT"}


def make(
    target: str, variables: dict[str, str], folder: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess:
    """Run a target with variables on its command line and in its environment."""
    kept = {name: value for name, value in os.environ.items() if name not in OF_MAKE | OF_CLUSTER}
    arguments = [f"{name}={value}" for name, value in variables.items()]
    command = ["make", "--no-print-directory", target, *arguments]
    return subprocess.run(command, cwd=folder, env=kept | environment, capture_output=True, text=True, check=False)


def refusal(done: subprocess.CompletedProcess) -> str:
    """The one line with which a target failed; the other one is Make's own."""
    assert done.returncode != 0, done.stdout
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 2, done.stderr
    assert lines[1].startswith("make: ***")
    return lines[0]
