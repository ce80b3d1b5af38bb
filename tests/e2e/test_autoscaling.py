"""A HorizontalPodAutoscaler owns the replicas, and neither Helm nor a change of values takes them back."""

import os
import time

import pytest
from space import DRAINING, NAME, RELEASE, Space
from traffic import traffic
from waiting import until

FAST = {
    "scaleUp": {"stabilizationWindowSeconds": 0},
    "scaleDown": {
        "stabilizationWindowSeconds": 15,
        "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}],
    },
}
# Above an idle pod's share and far below that of a busy one.
SCALER = {"enabled": True, "minReplicas": 2, "maxReplicas": 5, "targetCPUUtilizationPercentage": 200, "behavior": FAST}
# While it has no figures, an autoscaler leaves the replicas alone; this is longer than Kubernetes takes to correct
# a Deployment whose replicas were dropped.
QUIET_SECONDS = 10.0


@pytest.mark.parametrize("helm", ["HELM", "HELM3"])
def test_switching_the_autoscaler_on_keeps_the_pods_there_are(space: Space, helm: str) -> None:
    """Helm removes a field that its last manifest had, and Kubernetes would then fall back to one pod."""
    space = space.with_helm(os.environ[helm])
    space.install({"replicaCount": 5})
    before = space.pod_names()
    scaler = {**SCALER, "behavior": {"scaleDown": {"selectPolicy": "Disabled"}}}
    space.upgrade(values={"autoscaling": scaler})
    assert_stays(space, 5)
    space.upgrade("--set=config.docs=false")
    assert_stays(space, 5)
    assert len(before & space.pod_names()) == 0, "the second upgrade replaced the pods"


@pytest.mark.timeout(600)
def test_load_adds_pods_and_quiet_removes_them_and_upgrades_change_neither(space: Space) -> None:
    space.install({"replicaCount": 5, **DRAINING})
    space.start_client()
    space.upgrade(values={"autoscaling": SCALER})
    until(lambda: space.replicas() == 2, "quiet removes pods", 240)
    space.settle()

    with traffic(space) as clients:
        until(lambda: space.replicas() >= 4, "load adds pods", 180)
        busy = space.replicas()
        space.helm("upgrade", RELEASE, *space.chart, "--reset-then-reuse-values", "--set=podAnnotations.again=yes")
        assert space.replicas() >= busy, "an upgrade in between resets nothing"
        tally = clients.stop()
    assert tally["failed"] == 0, tally

    until(lambda: space.replicas() == 2, "quiet removes pods again", 240)
    space.upgrade("--set=podAnnotations.again=twice")
    assert space.replicas() == 2
    (scaler,) = space.get("hpa")["items"]
    assert scaler["metadata"]["name"] == NAME


def assert_stays(space: Space, replicas: int) -> None:
    """Watch the number of replicas for a while."""
    end = time.monotonic() + QUIET_SECONDS
    while time.monotonic() < end:
        assert space.replicas() == replicas
        time.sleep(0.5)
