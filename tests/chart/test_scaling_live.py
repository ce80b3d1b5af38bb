"""Switching an autoscaler on must not drop a running release below the replicas it has.

Helm's `lookup` reads the live Deployment. Here it asks a small API server that knows one object with the field owners
that a real cluster shows; `tests/e2e` does the same on a cluster.
"""

import pytest
import yaml
from live_cluster import live_cluster, live_deployment

HPA = {"autoscaling": {"enabled": True}}
KEDA = {"keda": {"enabled": True, "triggers": [{"type": "cron", "metadata": {"desiredReplicas": "5"}}]}}


def entry(operation: str, *fields: str, subresource: str = "") -> dict:
    owned = {"f:spec": {f"f:{field}": {} for field in fields}}
    return {"manager": "x", "operation": operation, "subresource": subresource, "fieldsV1": owned}


HELM_APPLIED_IT = entry("Apply", "template", "replicas")
HELM_APPLIES = entry("Apply", "template")
HELM_UPDATES = entry("Update", "template", "replicas")
SCALER = entry("Update", "replicas", subresource="scale")


@pytest.fixture
def live(run_helm, chart, tmp_path):
    """Render an upgrade against an API server that knows one Deployment, as helm's `lookup` sees it."""

    def rendered(live_replicas: int | None, managed_fields: list[dict], values: dict) -> str:
        deployment = live_deployment(
            "iris-ml-api", metadata={"managedFields": managed_fields}, spec={"replicas": live_replicas}
        )
        with live_cluster(tmp_path, [] if live_replicas is None else [deployment]) as env:
            arguments = ["template", "iris", chart, "-n", "shop", "--dry-run=server", "--disable-openapi-validation"]
            text = run_helm(*arguments, "-s", "templates/deployment.yaml", values=values, env=env)
        return yaml.safe_load(text)["spec"].get("replicas", "left out")

    return rendered


@pytest.mark.parametrize("values", [HPA, KEDA, {"replicaCount": None}])
@pytest.mark.parametrize(
    ("managed_fields", "expected"),
    [
        pytest.param([HELM_APPLIED_IT], 5, id="server-side, just switched on: leaving it out would reset it to 1"),
        pytest.param([HELM_APPLIED_IT, SCALER], "left out", id="server-side, the scaler owns it too: it survives"),
        pytest.param(
            [HELM_APPLIES, SCALER], "left out", id="server-side, the scaler owns it alone: writing would conflict"
        ),
        pytest.param([HELM_UPDATES], 5, id="client-side, just switched on: leaving it out would reset it to 1"),
        pytest.param([HELM_UPDATES, SCALER], 5, id="client-side: the last manifest may still have it"),
    ],
)
def test_switching_an_autoscaler_on_keeps_the_replicas_that_run(live, values, managed_fields, expected):
    assert live(5, managed_fields, values) == expected


def test_an_autoscaled_release_without_a_deployment_yet_leaves_replicas_out(live):
    assert live(None, [], HPA) == "left out"


def test_without_an_autoscaler_the_live_number_does_not_matter(live):
    assert live(5, [HELM_APPLIED_IT], {"replicaCount": 2}) == 2
