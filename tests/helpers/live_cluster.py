"""A small API server that shows helm's `lookup` the Deployments of a running release."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import serving


def live_deployment(name: str, **parts: dict) -> dict:
    """A Deployment of release ``iris`` in namespace ``shop``."""
    owner = {"meta.helm.sh/release-name": "iris", "meta.helm.sh/release-namespace": "shop"}
    labels = {"app.kubernetes.io/managed-by": "Helm"}
    metadata = {"name": name, "namespace": "shop", "annotations": owner, "labels": labels}
    return {"apiVersion": "apps/v1", "kind": "Deployment"} | parts | {"metadata": metadata | parts.get("metadata", {})}


@contextmanager
def live_cluster(folder: Path, deployments: list[dict]) -> Iterator[dict[str, str]]:
    """Serve these Deployments, and give the environment that leads helm there."""
    with serving.running(ThreadingHTTPServer(("127.0.0.1", 0), cluster_with(deployments))) as server:
        config = folder / "kubeconfig"
        config.write_text(json.dumps(kubeconfig(server.server_port)))
        yield {"KUBECONFIG": str(config)}


def kubeconfig(port: int) -> dict:
    cluster = {"name": "c", "cluster": {"server": f"http://127.0.0.1:{port}"}}
    context = {"name": "c", "context": {"cluster": "c", "user": ""}}
    return {"apiVersion": "v1", "kind": "Config", "clusters": [cluster], "contexts": [context], "current-context": "c"}


KINDS = {
    "v1": ["ConfigMap", "Service", "ServiceAccount"],
    "apps/v1": ["Deployment"],
    "autoscaling/v2": ["HorizontalPodAutoscaler"],
    "gateway.networking.k8s.io/v1": ["HTTPRoute"],
    "keda.sh/v1alpha1": ["ScaledObject"],
    "networking.k8s.io/v1": ["NetworkPolicy"],
    "policy/v1": ["PodDisruptionBudget"],
}


def cluster_with(deployments: list[dict]) -> type[BaseHTTPRequestHandler]:
    """Answer what helm asks before it renders: the version, the kinds there are, and these objects."""
    answers = {
        "/version": {"major": "1", "minor": "35", "gitVersion": "v1.35.0"},
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        "/apis": {"kind": "APIGroupList", "groups": [group(version) for version in KINDS if "/" in version]},
    }
    for version, kinds in KINDS.items():
        path = f"/apis/{version}" if "/" in version else f"/api/{version}"
        resources = [{"name": f"{kind.lower()}s", "kind": kind, "namespaced": True, "verbs": ["get"]} for kind in kinds]
        answers[path] = {"kind": "APIResourceList", "groupVersion": version, "resources": resources}
    for deployment in deployments:
        answers[f"/apis/apps/v1/namespaces/shop/deployments/{deployment['metadata']['name']}"] = deployment

    unknown = {"kind": "Status", "status": "Failure", "reason": "NotFound", "code": 404}

    class Handler(serving.Answering, BaseHTTPRequestHandler):
        def do_GET(self):
            answer = answers.get(self.path.partition("?")[0])
            body = json.dumps(answer or unknown).encode()
            self.answer(200 if answer else 404, body, Content_Type="application/json")

    return Handler


def group(version: str) -> dict:
    name, _, number = version.partition("/")
    known = {"groupVersion": version, "version": number}
    return {"name": name, "versions": [known], "preferredVersion": known}
