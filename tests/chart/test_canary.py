"""A canary: a second Deployment behind the same Service, or behind the weights of an HTTPRoute."""

import json

import pytest
import yaml
from canaries import NEXT, OTHER, ROUTE, STABLE, canary
from monitoring import on

DIGEST, OTHER_DIGEST = "sha256:" + "c" * 64, "sha256:" + "f" * 64
SELECTOR = {"app.kubernetes.io/name": "ml-api", "app.kubernetes.io/instance": "iris"}


def workload(rendered, track: str) -> dict:
    (found,) = [item for item in rendered.kind("Deployment") if item["metadata"]["labels"]["track"] == track]
    return found


def container(rendered, track: str) -> dict:
    (found,) = workload(rendered, track)["spec"]["template"]["spec"]["containers"]
    return found


def volume(rendered, track: str) -> dict:
    volumes = workload(rendered, track)["spec"]["template"]["spec"]["volumes"]
    return next(item for item in volumes if item["name"] == "model")


def service(rendered, name: str) -> dict:
    (found,) = [item for item in rendered.kind("Service") if item["metadata"]["name"] == name]
    return found


def test_a_canary_changes_nothing_about_the_stable_pods(render):
    """So it neither restarts them when it comes nor when it goes, and an immutable selector stays what it was."""
    alone, beside = render({"model": STABLE}), render(canary())
    assert workload(beside, "stable") == workload(alone, "stable") == alone.one("Deployment")
    assert alone.one("Deployment")["spec"]["selector"] == {"matchLabels": SELECTOR}
    assert service(beside, "iris-ml-api") == alone.one("Service")


def test_the_service_leads_to_the_pods_of_both_and_each_deployment_knows_its_own(render):
    rendered = render(canary(replicaCount=2))
    for track in ("stable", "canary"):
        labels = workload(rendered, track)["spec"]["template"]["metadata"]["labels"]
        assert labels.items() >= {**SELECTOR, "track": track}.items()
        own = service(rendered, f"iris-ml-api-{track}")["spec"]
        assert own["selector"] == {**SELECTOR, "track": track}
        assert own["ports"] == service(rendered, "iris-ml-api")["spec"]["ports"]
    found = workload(rendered, "canary")
    assert found["metadata"]["name"] == "iris-ml-api-canary"
    assert found["spec"]["selector"] == {"matchLabels": {**SELECTOR, "track": "canary"}}
    assert found["spec"]["replicas"] == 2


@pytest.mark.parametrize("labels", [{"commonLabels": {"track": "mine"}}, {"podLabels": {"track": "mine"}}])
def test_no_label_of_the_user_hides_the_track(render, labels):
    rendered = render(canary() | labels)
    for track in ("stable", "canary"):
        assert workload(rendered, track)["spec"]["template"]["metadata"]["labels"]["track"] == track


def test_the_canary_fetches_its_own_model_and_the_rest_is_told_once(render):
    rendered = render(canary())
    (fetch,) = workload(rendered, "canary")["spec"]["template"]["spec"]["initContainers"]
    assert fetch["args"] == ["fetch", NEXT["uri"], "--sha256", OTHER, "--out", "/models"]
    env = {item["name"]: item.get("value") for item in container(rendered, "canary")["env"]}
    assert env["ML_API_MODEL_SHA256"] == OTHER
    assert volume(rendered, "canary")["emptyDir"] == {"sizeLimit": "2Gi"}
    assert container(rendered, "canary")["image"] == container(rendered, "stable")["image"]


@pytest.mark.parametrize(
    ("model", "volumes"),
    [
        ({"existingClaim": "models", "subPath": "iris"}, "persistentVolumeClaim"),
        ({"imageVolume": {"reference": "iris:2"}}, "image"),
    ],
)
def test_a_canary_may_take_its_model_from_elsewhere(render, model, volumes):
    assert volumes in volume(render(canary(model=model), "--kube-version", "1.35.0"), "canary")


def test_trust_in_a_model_is_not_handed_on_to_another(render):
    trusting = {"existingClaim": "models", "subPath": "1", "trust": True}

    def trusts(**own) -> bool:
        rendered = render({"model": trusting, "canary": {"enabled": True} | own})
        return "ML_API_TRUST_MODEL" in {item["name"] for item in container(rendered, "canary")["env"]}

    assert not trusts(model={"existingClaim": "models", "subPath": "2"})
    assert trusts(model={"existingClaim": "models", "subPath": "2", "trust": True})
    assert trusts(image={"tag": "2"})


@pytest.mark.parametrize(
    ("own", "image"),
    [
        ({"tag": "2"}, "hub.example.com/iris:2"),
        ({"digest": OTHER_DIGEST}, f"hub.example.com/iris:1@{OTHER_DIGEST}"),
        ({"repository": "rose"}, "hub.example.com/rose:1"),
        ({"registry": "own.example.com", "tag": "2", "digest": OTHER_DIGEST}, f"own.example.com/iris:2@{OTHER_DIGEST}"),
    ],
)
def test_the_canary_s_image_takes_the_rest_from_the_stable_one_but_for_the_digest(render, own, image):
    stable = {"registry": "hub.example.com", "repository": "iris", "tag": "1", "digest": DIGEST}
    rendered = render({"image": stable, "model": STABLE, "canary": {"enabled": True, "image": own}})
    assert container(rendered, "canary")["image"] == image
    assert volume(rendered, "canary") == volume(rendered, "stable")


def test_a_promotion_gives_the_stable_pods_what_the_canary_had_and_an_abort_leaves_them_alone(render):
    tried = render(canary())
    promoted = render({"model": STABLE | NEXT, "canary": {"enabled": False, "model": NEXT}})
    assert container(promoted, "stable") == container(tried, "canary")
    aborted = render({"model": STABLE, "canary": {"enabled": False, "model": NEXT}})
    assert aborted.objects == render({"model": STABLE}).objects


def test_autoscalers_own_the_stable_pods_alone(render):
    rendered = render(canary() | {"autoscaling": {"enabled": True}})
    assert rendered.one("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]["name"] == "iris-ml-api"
    assert "replicas" not in workload(rendered, "stable")["spec"]
    assert workload(rendered, "canary")["spec"]["replicas"] == 1


def test_each_deployment_is_spread_by_itself_and_one_budget_protects_the_pods_of_both(render):
    rendered = render(canary() | {"podAntiAffinity": "hard"})
    for track in ("stable", "canary"):
        spec = workload(rendered, track)["spec"]["template"]["spec"]
        (term,) = spec["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        for selector in [term["labelSelector"], *(item["labelSelector"] for item in spec["topologySpreadConstraints"])]:
            assert selector == {"matchLabels": {**SELECTOR, "track": track}}
    assert rendered.one("PodDisruptionBudget")["spec"]["selector"] == {"matchLabels": SELECTOR}


def test_the_network_policy_lets_both_models_be_fetched(render):
    egress = render(canary() | {"tests": {"enabled": False}}).one("NetworkPolicy")["spec"]["egress"]
    ports = [port["port"] for rule in egress for port in rule["ports"]]
    assert sorted(ports) == [53, 53, 443, 9000]
    same = render(canary(model=STABLE | {"sha256": OTHER}) | {"tests": {"enabled": False}})
    assert len(same.one("NetworkPolicy")["spec"]["egress"]) == 2


def test_helm_test_asks_each_version_by_itself(render):
    pods = {pod["metadata"]["name"]: pod["spec"]["containers"][0]["args"][1] for pod in render(canary()).kind("Pod")}
    assert pods == {
        "iris-ml-api-smoke": "http://iris-ml-api:80",
        "iris-ml-api-spread": "http://iris-ml-api.shop.svc:80",
        "iris-ml-api-smoke-stable": "http://iris-ml-api-stable:80",
        "iris-ml-api-smoke-canary": "http://iris-ml-api-canary:80",
    }


def test_no_pod_is_called_like_a_service_which_it_would_take_itself_for(render):
    rendered = render(canary())
    names = {kind: {item["metadata"]["name"] for item in rendered.kind(kind)} for kind in ("Pod", "Service")}
    assert len(names["Pod"]) == 4
    assert names["Pod"].isdisjoint(names["Service"])


def test_prometheus_scrapes_each_pod_once_and_labels_it_with_its_track(render):
    rendered = render(canary() | on("serviceMonitor"))
    spec = rendered.one("ServiceMonitor")["spec"]
    wanted = spec["selector"]["matchLabels"].items()
    found = [
        item["metadata"]["name"] for item in rendered.kind("Service") if item["metadata"]["labels"].items() >= wanted
    ]
    assert found == ["iris-ml-api"]
    assert spec["podTargetLabels"] == ["track"]


@pytest.mark.parametrize(("weight", "rest"), [(0, 100), (10, 90), (100, 0)])
def test_a_route_divides_the_requests_by_weight(render, weight, rest):
    rendered = render(canary(weight=weight) | ROUTE | {"service": {"port": 9000}})
    (rule,) = rendered.one("HTTPRoute")["spec"]["rules"]
    assert rule["backendRefs"] == [
        {"name": "iris-ml-api", "port": 9000, "weight": 0},
        {"name": "iris-ml-api-canary", "port": 9000, "weight": weight},
        {"name": "iris-ml-api-stable", "port": 9000, "weight": rest},
    ]


def test_with_a_weight_a_route_names_the_same_services_before_and_after_the_canary(render):
    """A gateway may answer a share with 503 while it is still learning of a Service."""
    (rule,) = render({"model": STABLE, "canary": {"weight": 10}} | ROUTE).one("HTTPRoute")["spec"]["rules"]
    assert [(item["name"], item["weight"]) for item in rule["backendRefs"]] == [
        ("iris-ml-api", 100),
        ("iris-ml-api-canary", 0),
        ("iris-ml-api-stable", 0),
    ]


@pytest.mark.parametrize("values", [canary(), {"model": STABLE}])
def test_without_a_weight_a_route_leads_to_the_service(render, values):
    (rule,) = render(values | ROUTE).one("HTTPRoute")["spec"]["rules"]
    assert rule["backendRefs"] == [{"name": "iris-ml-api", "port": 80}]


def test_the_services_that_a_gateway_may_still_use_outlive_the_canary(render):
    off = {"model": STABLE, "canary": {"enabled": False, "weight": 10}}
    assert {item["metadata"]["name"] for item in render(off | ROUTE).kind("Service")} == {
        "iris-ml-api",
        "iris-ml-api-canary",
        "iris-ml-api-stable",
    }
    assert len(render(off).kind("Service")) == 1


def test_long_names_leave_room_for_the_track(run_helm, chart):
    given = {"fullnameOverride": "n" * 63} | canary()
    text = run_helm("template", "iris", chart, "--show-only", "templates/service-tracks.yaml", values=given)
    names = [item["metadata"]["name"] for item in yaml.safe_load_all(text) if item]
    assert sorted(map(len, names)) == [63, 63]
    assert {name.rpartition("-")[2] for name in names} == {"stable", "canary"}


def test_values_of_a_chart_that_knew_no_canary_still_render(render):
    assert json.dumps(render({"canary": None}).objects) == json.dumps(render().objects)
