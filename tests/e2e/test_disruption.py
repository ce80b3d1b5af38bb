"""What protects the pods: the budget, and the network policy."""

from space import NAME, Space
from waiting import until


def test_the_budget_lets_one_pod_go_at_a_time(space: Space) -> None:
    space.install({"replicaCount": 3})
    first, second, third = sorted(space.pod_names())
    until(lambda: space.evict(first) == "", "the budget has counted the pods")
    refused = space.evict(second)
    assert "disruption budget" in refused
    until(lambda: space.evict(second) == "", "the second pod may go once the first is replaced")
    space.settle()
    assert space.pod_names() & {first, second, third} == {third}


def test_a_single_pod_is_not_locked_to_its_node(space: Space) -> None:
    space.install({"replicaCount": 1})
    (name,) = space.pod_names()
    assert space.get("poddisruptionbudgets")["items"] == []
    assert space.evict(name) == ""


def test_the_cluster_accepts_the_network_policies(space: Space) -> None:
    callers = [{"podSelector": {"matchLabels": {"may-call": "iris"}}}]
    space.install({"replicaCount": 1, "networkPolicy": {"from": callers}})
    policies = {policy["metadata"]["name"]: policy for policy in space.get("networkpolicies")["items"]}
    assert policies.keys() == {NAME, f"{NAME}-test"}
    policy = policies[NAME]
    assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert policy["spec"]["ingress"][0]["from"] == callers
