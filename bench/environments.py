"""Each server's own Python environment, from its lock, below ``.bench/environments``."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import orjson

UV = Path("bin/uv")
PEERS = Path("bench/peers")
PYTHON = "3.11"
"""The newest one in which every peer can be installed; ours works with newer ones, too."""

OURS = {"ml-api": (), "ml-api-sklearn": ("--extra", "sklearn")}


class EnvironmentFailedError(Exception):
    """An environment cannot be installed."""


def install(name: str, folder: Path) -> Path:
    """Install an environment, or see that it is as its lock says.

    Returns:
        Its folder of programs.

    Raises:
        EnvironmentFailedError: With the last line that uv wrote.
    """
    project = (".", *OURS[name], "--no-default-groups") if name in OURS else (str(PEERS / name),)
    command: list[str | Path] = [
        UV,
        "sync",
        "--quiet",
        "--locked",
        "--compile-bytecode",
        "--python",
        PYTHON,
        "--project",
        *project,
    ]
    environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": str((folder / name).resolve())}
    outcome = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if outcome.returncode:
        raise EnvironmentFailedError(last_line(outcome.stderr))
    return (folder / name / "bin").resolve()


def versions(programs: Path, packages: tuple[str, ...]) -> dict[str, str]:
    """Read the versions of packages in an environment."""
    outcome = subprocess.run(
        [UV, "pip", "list", "--quiet", "--format", "json", "--python", programs / "python"],
        capture_output=True,
        check=True,
    )
    found = {package["name"]: package["version"] for package in orjson.loads(outcome.stdout)}
    return {name: found[name] for name in packages}


def size(programs: Path) -> int:
    """Count the bytes of an environment on disk."""
    outcome = subprocess.run(
        ["du", "-s", "--block-size=1", programs.parent], capture_output=True, text=True, check=True
    )
    return int(outcome.stdout.split()[0])


def last_line(text: str) -> str:
    """Give the last line that says something."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "it wrote nothing")
