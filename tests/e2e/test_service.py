"""Ways to the pods: names, addresses, and every type of Service."""

from collections.abc import Callable
from itertools import permutations

import pytest
from host import balancer_url, node_url, predict, tunnel
from space import NAME, RELEASE, SMALL, Space, merge
from waiting import until

from tools.cluster.settings import Settings

RIGHT = {"predictions": ["setosa"]}
TYPES = ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")


def test_other_pods_find_the_service_by_its_short_and_full_names(
    space: Space, make_space: Callable[..., Space]
) -> None:
    space.install({"replicaCount": 1})
    space.start_client()
    for host in (NAME, f"{NAME}.{space.name}", f"{NAME}.{space.name}.svc", f"{NAME}.{space.name}.svc.cluster.local"):
        assert space.ask(f"http://{host}/predict")[0]["body"] == RIGHT

    elsewhere = make_space()
    elsewhere.start_client()
    assert elsewhere.ask(f"http://{NAME}.{space.name}/predict")[0]["body"] == RIGHT


def test_the_address_stays_when_every_pod_was_replaced(space: Space) -> None:
    space.install({"replicaCount": 2})
    space.start_client()
    address, before = space.get("service", NAME)["spec"]["clusterIP"], space.pod_names()
    space.kubectl("delete", "pods", *before, "--wait=true")
    space.settle()
    assert not before & space.pod_names()
    assert space.get("service", NAME)["spec"]["clusterIP"] == address
    # Every pod went at once, so the node's table of addresses may be a moment behind.
    answer = until(lambda: try_ask(space, address), "the address leads to the new pods")
    assert answer["body"] == RIGHT


def round_trip(start: str) -> list[str]:
    """Every change from one type to another, once: a closed walk over all ordered pairs."""
    open_pairs = set(permutations(TYPES, 2))
    walk, stack = [], [start]
    while stack:
        following = [pair for pair in sorted(open_pairs) if pair[0] == stack[-1]]
        if following:
            open_pairs.remove(following[0])
            stack.append(following[0][1])
        else:
            walk.append(stack.pop())
    return walk[::-1]


@pytest.mark.timeout(480)
def test_the_type_changes_in_every_direction_without_a_reinstall(
    space: Space, make_space: Callable[..., Space], settings: Settings
) -> None:
    other = make_space()
    other.install({"replicaCount": 1, "config": {"podHeader": True}})
    target = f"{NAME}.{other.name}.svc.cluster.local"
    space.start_client()
    walk = round_trip("ClusterIP")
    assert len(walk) == 13
    with tunnel(settings):
        for number, kind in enumerate(walk):
            service = {"type": kind, "externalName": target if kind == "ExternalName" else ""}
            values = merge(SMALL, {"replicaCount": 1, "service": service})
            command = "upgrade" if number else "install"
            space.helm(command, RELEASE, *space.chart, "--wait", "--timeout=120s", values=values)
            assert space.get("service", NAME)["spec"]["type"] == kind
            CHECKS[kind](space, settings, other)


def check_cluster_ip(space: Space, settings: Settings, other: Space) -> None:
    del settings, other
    assert "nodePort" not in space.get("service", NAME)["spec"]["ports"][0]
    assert_own_answer(space)


def check_node_port(space: Space, settings: Settings, other: Space) -> None:
    del other
    assert until(lambda: predict(node_url(settings, space)), "the node answers", 30) == RIGHT
    assert_own_answer(space)


def check_load_balancer(space: Space, settings: Settings, other: Space) -> None:
    del settings, other
    assert until(lambda: predict(balancer_url(space)), "the load balancer answers", 60) == RIGHT
    assert_own_answer(space)


def check_external_name(space: Space, settings: Settings, other: Space) -> None:
    """An alias has no workload of its own: it is the other release that answers."""
    del settings
    until(lambda: not space.pods(), "the workload is removed")
    assert space.get("deployments")["items"] == []
    theirs = {"body": RIGHT, "pod": other.pods()[0]["metadata"]["name"]}
    until(lambda: try_ask(space) == theirs, "the alias leads to the other release", 60)


def assert_own_answer(space: Space) -> None:
    """The release's own pod answers, and it names itself in no header."""
    until(lambda: try_ask(space) == {"body": RIGHT, "pod": None}, "the service answers by its own pod", 60)


def try_ask(space: Space, host: str = NAME) -> dict | None:
    """Ask; None while names lead to where they led before."""
    return next(iter(space.try_ask(f"http://{host}/predict")), None)


CHECKS = {
    "ClusterIP": check_cluster_ip,
    "NodePort": check_node_port,
    "LoadBalancer": check_load_balancer,
    "ExternalName": check_external_name,
}
