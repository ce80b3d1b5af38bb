"""Not a request is lost, whatever happens to the pods: clients keep their connections and never retry."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from space import DRAINING, NAME, RELEASE, Space
from traffic import capacity, traffic
from waiting import until

REQUESTS = 50_000
SHARE_OF_CAPACITY = 0.75
pytestmark = pytest.mark.timeout(900)


def roll(space: Space) -> None:
    space.upgrade("--set=podAnnotations.rolled=once")


def roll_back(space: Space) -> None:
    space.helm("rollback", RELEASE, "1", "--wait", "--timeout=300s")
    space.settle()


def scale_in(space: Space) -> None:
    space.upgrade("--set=replicaCount=2")


def delete_one_by_one(space: Space) -> None:
    for name in sorted(space.pod_names()):
        space.kubectl("delete", "pod", name, "--wait=true", "--timeout=60s")
        space.settle()


def evict_every_pod(space: Space) -> None:
    for name in sorted(space.pod_names()):
        # The budget says no until the pod before is replaced.
        until(lambda name=name: space.evict(name) == "", f"{name} may be evicted", 120)
    space.settle()


def autoscale_in(space: Space) -> None:
    """Let an autoscaler find that five pods are three too many: each may use a whole processor, and none does."""
    behavior = {
        "scaleDown": {
            "stabilizationWindowSeconds": 0,
            "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}],
        }
    }
    scaler = {
        "enabled": True,
        "minReplicas": 2,
        "maxReplicas": 6,
        "targetCPUUtilizationPercentage": 10_000,
        "behavior": behavior,
    }
    space.upgrade(values={"autoscaling": scaler})
    until(lambda: space.replicas() == 2, "the autoscaler went down to two", 300)
    space.settle()


CASES: dict[str, tuple[int, Callable[[Space], None]]] = {
    "rolling upgrade of 3 pods": (3, roll),
    "rollback of 3 pods": (3, roll_back),
    "scale from 5 to 2": (5, scale_in),
    "deletion of 3 pods, one by one": (3, delete_one_by_one),
    "eviction of every one of 3 pods": (3, evict_every_pod),
    "autoscaler going from 5 to 2": (5, autoscale_in),
}


@pytest.mark.parametrize("case", CASES)
def test_no_request_is_lost(case: str, space: Space, root: Path) -> None:
    replicas, disturb = CASES[case]
    space.install({"replicaCount": replicas, **DRAINING})
    if disturb is roll_back:
        space.upgrade("--set=podAnnotations.rolled=once")
    space.start_client()
    most = capacity(space)
    before = space.pod_names()

    with traffic(space, rate=SHARE_OF_CAPACITY * most) as clients:
        clients.sent(1000)
        disturb(space)
        clients.sent(REQUESTS)
        tally = clients.stop()

    gone = before - space.pod_names()
    write(root, case, {**tally, "capacity": most, "pods_gone": len(gone)})
    assert tally["failed"] == 0, tally
    assert tally["right"] == tally["sent"] >= REQUESTS
    assert len(gone) == (3 if replicas == 3 else replicas - 2), f"nothing happened: {gone} of {before} went"


def write(root: Path, case: str, result: dict) -> None:
    """Keep the figures for `make loss-table`."""
    folder = root / "build" / "loss"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{list(CASES).index(case)}.json"
    file.write_text(json.dumps({"case": case, "service": NAME, **result}, indent=2))
