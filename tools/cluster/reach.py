"""Ways to a release: its address, its logs, a first prediction."""

from __future__ import annotations

import json
from typing import Any

from tools.base.problem import Problem
from tools.base.programs import become, capture
from tools.cluster.kube import Kube


def service_of(kube: Kube) -> dict[str, Any]:
    """Get the Service of the release.

    Raises:
        Problem: If there is none.
    """
    services = kube.of_release("services")
    if not services:
        raise kube.missing_release()
    return services[0]


def next_step(kube: Kube, *, asked: bool) -> str:
    """Say how to reach the release, by a command that works for its type of Service.

    Args:
        kube: The cluster.
        asked: Whether somebody asked it already.
    """
    service, settings = service_of(kube), kube.settings
    kind = service["spec"]["type"]
    if not asked and kind != "ExternalName":
        return settings.target("helm-test" if _wants_key(kube) else "predict")
    if kind == "ClusterIP":
        return f"{_forward(kube, service)}, and http://localhost:8080 in a browser"
    if kind == "LoadBalancer" and not _balancers(service):
        tunnel = settings.target("tunnel") if settings.kube_context == settings.profile else "wait for its address"
        return f"{tunnel}, then {settings.target('url')}"
    return settings.target("url")


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
        given = _balancers(service)
        if not given:
            tunnel = kube.settings.target("tunnel")
            message = f"Service {name} has no address yet: run `{tunnel}` in a terminal of its own."
            raise Problem(message)
        print(f"http://{given[0].get('ip') or given[0]['hostname']}:{port['port']}")
    else:
        message = (
            f"Service {name} is of type ClusterIP, for the cluster alone, "
            f"where it is http://{name}.{namespace}.svc:{port['port']}: "
            f"from here run `{_forward(kube, service)}`, "
            f"or `{kube.settings.target('upgrade SET=service.type=NodePort')}`."
        )
        raise Problem(message)


def _wants_key(kube: Kube) -> bool:
    told = kube.helm("get", "values", kube.settings.release, "--all", "--output=json")
    return told.ok and bool(json.loads(told.output).get("auth", {}).get("existingSecret"))


def _forward(kube: Kube, service: dict[str, Any]) -> str:
    """Write the command that leads from port 8080 of this machine to the Service."""
    name, port = service["metadata"]["name"], service["spec"]["ports"][0]["port"]
    return " ".join(["kubectl", *kube.kubectl_flags, "port-forward", f"service/{name}", f"8080:{port}"])


def _balancers(service: dict[str, Any]) -> list[dict[str, str]]:
    """Give the addresses of a Service of type LoadBalancer; none while nobody gave it one."""
    given: list[dict[str, str]] = service["status"].get("loadBalancer", {}).get("ingress", [])
    return given


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
    """Ask the served model its own example, by way of the cluster's API, and print question and answer.

    Raises:
        Problem: If there is none.
    """
    service = service_of(kube)
    if service["spec"]["type"] == "ExternalName":
        message = f"Service {service['metadata']['name']} is of type ExternalName, an alias with no pods to ask."
        raise Problem(message)
    proxy = f"/api/v1/namespaces/{kube.settings.namespace}/services/{service['metadata']['name']}:http/proxy"
    question = make_question(_told(kube, "get", f"--raw={proxy}/model")["manifest"])
    answer = _told(kube, "create", f"--raw={proxy}/predict", "--filename=-", given=question)
    print(f"{question} -> {json.dumps(answer, ensure_ascii=False)}")


def make_question(manifest: dict[str, Any]) -> str:
    """Write the first row of the manifest's example as a request to ``/predict``."""
    example = manifest["example"]["inputs"]
    row = {spec["name"]: _cell(spec, example[spec["name"]][0]) for spec in manifest["inputs"]}
    rows = [row] if len(row) > 1 else list(row.values())
    return json.dumps({"instances": rows}, ensure_ascii=False)


def _cell(spec: dict[str, Any], value: Any) -> Any:  # noqa: ANN401  # any JSON
    """Take a value out of a row of one, where that one is all."""
    return value[0] if spec["shape"] == [-1, 1] and not spec["features"] else value


def _told(kube: Kube, *arguments: str, given: str = "") -> Any:  # noqa: ANN401  # any JSON
    answer = kube.kubectl(*arguments, given=given)
    if answer.ok:
        return json.loads(answer.output)
    if "must be logged in" in answer.errors:
        # The cluster's API takes the header with the key for its own, and hands none on.
        message = (
            f"The service wants an API key, which cannot be sent this way: `{kube.settings.target('helm-test')}` "
            "asks with the one in the Secret."
        )
        raise Problem(message)
    logs = kube.settings.target("logs")
    message = f"The service gave no prediction: {answer.reason}. `{logs}` shows what the pods say."
    raise Problem(message)
