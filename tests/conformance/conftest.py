"""Clients that others wrote, unmodified, each in an environment of its own, against a real server."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

collect_ignore = ["triton", "kserve", "oip"]
"""The clients' own tests run in their own environments only."""

CLIENTS = Path(__file__).parent


@pytest.fixture
def run_client(iris, passengers, identity) -> Callable[[str], None]:
    """Run the tests of a client in its environment, which make has built."""

    def run(name: str) -> None:
        urls = {"IRIS_URL": iris.url, "PASSENGERS_URL": passengers.url, "IDENTITY_URL": identity.url}
        client = subprocess.run(
            [CLIENTS / name / ".venv" / "bin" / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "."],
            cwd=CLIENTS / name,
            env=os.environ | urls,
            capture_output=True,
            text=True,
            check=False,
        )
        assert client.returncode == 0, client.stdout + client.stderr

    return run
