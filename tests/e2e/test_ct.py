"""chart-testing: the chart installs, tests itself and upgrades with every example that the cluster satisfies."""

import making
import pytest
from space import Space


@pytest.mark.timeout(600)
def test_ct_installs_every_example_that_fits(space: Space) -> None:
    told = ct_install(space, SINCE="none")
    for example in ("autoscaled", "clusterip", "default", "externalname", "loadbalancer", "nodeport"):
        assert f"ct: {example} is left out" not in told, "this cluster satisfies it"
    assert space.releases() == set()


@pytest.mark.timeout(300)
def test_ct_upgrades_from_another_commit(space: Space) -> None:
    told = ct_install(space, SINCE="HEAD", ONLY="default")
    assert "ct installed and tested the chart with default, and upgraded from HEAD." in told
    assert space.releases() == set()


def ct_install(space: Space, **variables: str) -> str:
    context = space.kube.settings.kube_context
    done = making.make("ct-install", {"NAMESPACE": space.name, "CONTEXT": context, **variables})
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
    return done.stdout
