"""chart-testing: the chart installs, tests itself and upgrades with every example that the cluster satisfies."""

import subprocess
from pathlib import Path

import pytest
from space import Space


@pytest.mark.timeout(600)
def test_ct_installs_every_example_that_fits(space: Space, root: Path) -> None:
    told = ct_install(root, space, SINCE="none")
    for example in ("autoscaled", "clusterip", "default", "externalname", "loadbalancer", "nodeport"):
        assert f"ct: {example} is left out" not in told, "this cluster satisfies it"
    assert space.releases() == set()


@pytest.mark.timeout(300)
def test_ct_upgrades_from_another_commit(space: Space, root: Path) -> None:
    told = ct_install(root, space, SINCE="HEAD", EXAMPLES="default")
    assert "ct installed and tested the chart with default, and upgraded from HEAD." in told
    assert space.releases() == set()


def ct_install(root: Path, space: Space, **variables: str) -> str:
    arguments = [f"{name}={value}" for name, value in variables.items()]
    command = ["make", "ct-install", f"NAMESPACE={space.name}", *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
    return done.stdout
