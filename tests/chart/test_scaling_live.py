"""Switching an autoscaler on must not drop a running release below the replicas it has.

Helm's `lookup` reads the live Deployment. Here it asks a small API server that knows one object with the field owners
that a real cluster shows; `tests/e2e` does the same on a cluster.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml

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
        owner = {"meta.helm.sh/release-name": "iris", "meta.helm.sh/release-namespace": "shop"}
        labels = {"app.kubernetes.io/managed-by": "Helm"}
        metadata = {"name": "iris-ml-api", "namespace": "shop", "annotations": owner, "labels": labels}
        metadata["managedFields"] = managed_fields
        deployment = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": metadata,
            "spec": {"replicas": live_replicas},
        }
        server = ThreadingHTTPServer(("127.0.0.1", 0), cluster_with(deployment if live_replicas is not None else None))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            config = tmp_path / "kubeconfig"
            config.write_text(json.dumps(kubeconfig(server.server_port)))
            arguments = ["template", "iris", chart, "-n", "shop", "--dry-run=server", "--disable-openapi-validation"]
            text = run_helm(
                *arguments, "-s", "templates/deployment.yaml", values=values, env={"KUBECONFIG": str(config)}
            )
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
        return yaml.safe_load(text)["spec"].get("replicas", "left out")

    return rendered


def kubeconfig(port: int) -> dict:
    cluster = {"name": "c", "cluster": {"server": f"http://127.0.0.1:{port}"}}
    context = {"name": "c", "context": {"cluster": "c", "user": ""}}
    return {"apiVersion": "v1", "kind": "Config", "clusters": [cluster], "contexts": [context], "current-context": "c"}


KINDS = {
    "v1": ["ConfigMap", "Service", "ServiceAccount"],
    "apps/v1": ["Deployment"],
    "autoscaling/v2": ["HorizontalPodAutoscaler"],
    "keda.sh/v1alpha1": ["ScaledObject"],
    "networking.k8s.io/v1": ["NetworkPolicy"],
    "policy/v1": ["PodDisruptionBudget"],
}


def cluster_with(deployment: dict | None) -> type[BaseHTTPRequestHandler]:
    """Answer what helm asks before it renders: the version, the kinds there are, and this one object."""
    answers = {
        "/version": {"major": "1", "minor": "35", "gitVersion": "v1.35.0"},
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        "/apis": {"kind": "APIGroupList", "groups": [group(version) for version in KINDS if "/" in version]},
    }
    for version, kinds in KINDS.items():
        path = f"/apis/{version}" if "/" in version else f"/api/{version}"
        resources = [{"name": f"{kind.lower()}s", "kind": kind, "namespaced": True, "verbs": ["get"]} for kind in kinds]
        answers[path] = {"kind": "APIResourceList", "groupVersion": version, "resources": resources}
    if deployment:
        answers["/apis/apps/v1/namespaces/shop/deployments/iris-ml-api"] = deployment

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            answer = answers.get(self.path.partition("?")[0])
            body = json.dumps(
                answer or {"kind": "Status", "status": "Failure", "reason": "NotFound", "code": 404}
            ).encode()
            self.send_response(200 if answer else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Keep the tests' output clean."""

    return Handler


def group(version: str) -> dict:
    name, _, number = version.partition("/")
    known = {"groupVersion": version, "version": number}
    return {"name": name, "versions": [known], "preferredVersion": known}


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
