"""Ways to a release: its address, its logs, a first prediction."""

from __future__ import annotations

import json
from typing import Any

from tools.cluster.kube import Kube
from tools.cluster.problem import Problem
from tools.cluster.programs import become, capture

QUESTION = '{"instances": [[5.1, 3.5, 1.4, 0.2]]}'


def service_of(kube: Kube) -> dict[str, Any]:
    """Get the Service of the release.

    Raises:
        Problem: If there is none.
    """
    settings = kube.settings
    services = kube.of_release("services")
    if not services:
        message = (
            f"There is no release {settings.release} in namespace {settings.namespace}: run `make "
            "install`, or set RELEASE and NAMESPACE."
        )
        raise Problem(message)
    return services[0]


def show_url(kube: Kube) -> None:
    """Print where the release answers, and nothing else, so that `curl $(make -s url)/predict` works."""
    service = service_of(kube)
    kind, port = service["spec"]["type"], service["spec"].get("ports", [{}])[0]
    name, namespace = service["metadata"]["name"], kube.settings.namespace
    if kind == "ExternalName":
        print(f"http://{service['spec']['externalName']}")
    elif kind == "NodePort":
        print(f"http://{_node_address(kube)}:{port['nodePort']}")
    elif kind == "LoadBalancer":
        given = service["status"].get("loadBalancer", {}).get("ingress", [])
        if not given:
            message = f"Service {name} has no address yet: run `make tunnel` in a terminal of its own."
            raise Problem(message)
        print(f"http://{given[0].get('ip') or given[0]['hostname']}:{port['port']}")
    else:
        forward = " ".join(["kubectl", *kube.kubectl_flags, "port-forward", f"service/{name}", f"8080:{port['port']}"])
        message = (
            f"Service {name} is of type ClusterIP, for the cluster alone, "
            f"where it is http://{name}.{namespace}.svc:{port['port']}: "
            f"from here run `{forward}`, or `make upgrade SET=service.type=NodePort`."
        )
        raise Problem(message)


def _node_address(kube: Kube) -> str:
    """Give an address of a node that this machine can reach."""
    settings = kube.settings
    if settings.kube_context == settings.profile:
        answer = capture("minikube", "--profile", settings.profile, "ip")
        if answer.ok:
            return answer.output.strip()
    addresses = kube.get("nodes")["items"][0]["status"]["addresses"]
    found = {address["type"]: address["address"] for address in addresses}
    return str(found.get("ExternalIP") or found["InternalIP"])


def follow_logs(kube: Kube) -> None:
    """Show the last lines of every pod and follow them until Ctrl+C."""
    service_of(kube)
    selector = f"--selector=app.kubernetes.io/instance={kube.settings.release}"
    become(
        "kubectl", *kube.kubectl_flags, "logs", selector, "--follow", "--prefix", "--tail=50", "--max-log-requests=20"
    )


def predict(kube: Kube) -> None:
    """Ask the demo model through the Service, by way of the cluster's API, and print the answer.

    Raises:
        Problem: If there is none.
    """
    service = service_of(kube)
    if service["spec"]["type"] == "ExternalName":
        message = f"Service {service['metadata']['name']} is of type ExternalName, an alias with no pods to ask."
        raise Problem(message)
    path = f"/api/v1/namespaces/{kube.settings.namespace}/services/{service['metadata']['name']}:http/proxy/predict"
    answer = kube.kubectl("create", f"--raw={path}", "--filename=-", given=QUESTION)
    if not answer.ok:
        message = f"The service gave no prediction: {answer.reason}. `make logs` shows what the pods say."
        raise Problem(message)
    print(f"{QUESTION} -> {json.dumps(json.loads(answer.output))}")
