"""Replicas, autoscalers and the PodDisruptionBudget."""

import pytest

HPA = {"autoscaling": {"enabled": True}}
KEDA = {"keda": {"enabled": True, "triggers": [{"type": "cron", "metadata": {"desiredReplicas": "5"}}]}}
TARGET = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "iris-ml-api"}


def replicas(rendered):
    return rendered.one("Deployment")["spec"].get("replicas", "left out")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, 3),
        ({"replicaCount": 5}, 5),
        ({"replicaCount": 0}, 0),
        ({"replicaCount": None}, "left out"),
        (HPA, "left out"),
        (KEDA, "left out"),
    ],
)
def test_replicas_are_left_out_when_somebody_else_owns_them(render, values, expected):
    assert replicas(render(values)) == expected


def test_the_autoscaler_has_bounds_targets_and_a_pace(render):
    spec = render(HPA).one("HorizontalPodAutoscaler")["spec"]
    cpu = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}
    assert spec.items() >= {"scaleTargetRef": TARGET, "minReplicas": 3, "maxReplicas": 10, "metrics": [cpu]}.items()
    assert spec["behavior"]["scaleDown"]["stabilizationWindowSeconds"] == 300


def test_the_autoscaler_takes_its_bounds_and_target_from_the_values(render):
    own = {"enabled": True, "minReplicas": 4, "maxReplicas": 6, "targetCPUUtilizationPercentage": 55}
    spec = render({"autoscaling": own}).one("HorizontalPodAutoscaler")["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (4, 6)
    assert spec["metrics"][0]["resource"]["target"]["averageUtilization"] == 55


def test_the_autoscaler_takes_other_metrics_instead(render):
    metric = {
        "type": "Pods",
        "pods": {"metric": {"name": "queue"}, "target": {"type": "AverageValue", "averageValue": "4"}},
    }
    autoscaling = {
        "enabled": True,
        "targetCPUUtilizationPercentage": None,
        "targetMemoryUtilizationPercentage": 80,
        "metrics": [metric],
        "behavior": None,
    }
    spec = render({"autoscaling": autoscaling}).one("HorizontalPodAutoscaler")["spec"]
    assert [item.get("resource", {}).get("name") for item in spec["metrics"]] == ["memory", None]
    assert spec["metrics"][1] == metric
    assert "behavior" not in spec


def test_keda_gets_its_scaled_object(render):
    rest = {"fallback": {"failureThreshold": 3, "replicas": 4}, "advanced": {"restoreToOriginalReplicaCount": True}}
    numbers = {"minReplicaCount": 0, "maxReplicaCount": 6, "pollingInterval": 10, "cooldownPeriod": 60}
    spec = render({"keda": KEDA["keda"] | numbers | rest}).one("ScaledObject")["spec"]
    assert spec == {"scaleTargetRef": TARGET, "triggers": KEDA["keda"]["triggers"]} | numbers | rest


def test_no_autoscaler_by_default(render):
    assert {item["kind"] for item in render().objects}.isdisjoint({"HorizontalPodAutoscaler", "ScaledObject"})


@pytest.mark.parametrize(
    ("values", "there"),
    [
        ({}, True),
        ({"replicaCount": 1}, False),
        ({"replicaCount": 0}, False),
        ({"replicaCount": None}, True),
        ({"replicaCount": 1, "autoscaling": {"enabled": True, "minReplicas": 2}}, True),
        ({"replicaCount": 5, "autoscaling": {"enabled": True, "minReplicas": 1}}, False),
        ({"replicaCount": 1} | KEDA, True),
        ({"keda": KEDA["keda"] | {"minReplicaCount": 1}}, False),
        ({"podDisruptionBudget": {"enabled": False}}, False),
    ],
)
def test_the_disruption_budget_follows_the_fewest_replicas_there_can_be(render, values, there):
    assert bool(render(values).kind("PodDisruptionBudget")) is there


@pytest.mark.parametrize(
    ("budget", "bound"),
    [
        ({}, {"maxUnavailable": 1}),
        ({"maxUnavailable": "25%"}, {"maxUnavailable": "25%"}),
        ({"minAvailable": 2}, {"minAvailable": 2}),
        ({"minAvailable": 0}, {"minAvailable": 0}),
    ],
)
def test_the_disruption_budget_has_one_bound(render, budget, bound):
    spec = render({"podDisruptionBudget": budget}).one("PodDisruptionBudget")["spec"]
    assert {key: spec[key] for key in ("minAvailable", "maxUnavailable") if key in spec} == bound
    assert spec["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
