"""Clients that others wrote, unmodified, each in an environment of its own, against a real server."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

CLIENTS = Path(__file__).parent


@pytest.mark.parametrize("name", ["triton", "kserve"])
def test_a_client_works_unmodified(name, iris, passengers, identity):
    urls = {"IRIS_URL": iris.url, "PASSENGERS_URL": passengers.url, "IDENTITY_URL": identity.url}
    clients = subprocess.run(
        [CLIENTS / name / ".venv" / "bin" / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "."],
        cwd=CLIENTS / name,
        env=os.environ | urls,
        capture_output=True,
        text=True,
        check=False,
    )
    assert clients.returncode == 0, clients.stdout + clients.stderr
