"""chart-testing: the chart installs, tests itself and upgrades with every example that the cluster satisfies."""

import subprocess
from pathlib import Path

import pytest
from space import Space


@pytest.mark.timeout(900)
def test_ct_installs_and_upgrades_every_example_that_fits(space: Space, root: Path) -> None:
    command = ["make", "ct-install", f"NAMESPACE={space.name}", "SINCE=HEAD"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
    assert "ct installed and tested the chart with" in done.stdout
    for example in ("autoscaled", "clusterip", "default", "externalname", "loadbalancer", "nodeport"):
        assert f"ct: {example} is left out" not in done.stdout, "this cluster satisfies it"
    assert space.releases() == set()
