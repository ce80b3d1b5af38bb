"""A canary that cannot work is refused with a sentence."""

import pytest
from canaries import NEXT, OTHER, ROUTE, STABLE, canary
from live_cluster import live_cluster, live_deployment


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"canary": {"enabled": True}}, "canary.enabled needs something that differs from the stable pods"),
        (canary(model=STABLE), "canary.enabled needs something that differs"),
        (canary(model={"sizeLimit": "3Gi"} | STABLE), "canary.enabled needs something that differs"),
        (canary(model={}, image={"pullPolicy": "Always"}), "canary.enabled needs something that differs"),
        (canary(model={"sizeLimit": "3Gi"}), "canary.model names no bundle, so the canary would serve the one inside"),
        (canary(weight=10), "canary.weight needs an HTTPRoute"),
        (canary(image={"tag": "latest"}), "canary.image.tag must not be latest"),
        (canary(model={"uri": NEXT["uri"]}), "canary.model.uri needs canary.model.sha256, so that nothing but the"),
        (canary(model={"uri": NEXT["uri"]}), "set it to the sha256 of its model.json"),
        (canary(model=NEXT | {"existingClaim": "a"}), "canary.model.existingClaim and canary.model.uri exclude each"),
        (canary(model=NEXT | {"uri": "http://localhost/iris"}), "canary.model.uri names localhost, which in a pod is"),
        (canary(model=NEXT | {"uri": "ftp://a"}), "/canary/model/uri"),
        (canary(model=NEXT | {"shaa256": OTHER}), "at '/canary/model': additional properties 'shaa256' not allowed"),
        (canary(image={"tga": "2"}), "at '/canary/image': additional properties 'tga' not allowed"),
        (canary(weight=101), "at '/canary/weight': maximum"),
        (canary(replicaCount=0), "at '/canary/replicaCount': minimum"),
        (
            {"service": {"type": "ExternalName", "externalName": "a.example.com"}, **canary()},
            "canary.enabled needs pods, and service.type ExternalName has none",
        ),
    ],
)
def test_a_canary_that_cannot_work_is_refused(refusal, values, words):
    assert words in refusal(values)


@pytest.fixture
def live(run_helm, chart, tmp_path):
    """Render an upgrade of a release of which so many pods of the canary are ready; None: there is no canary yet."""

    def rendered(ready: int | None, values: dict, **labels: str) -> str:
        labels = labels or {"track": "stable"}
        deployments = [live_deployment("iris-ml-api", spec={"template": {"metadata": {"labels": labels}}})]
        if ready is not None:
            deployments.append(live_deployment("iris-ml-api-canary", status={"availableReplicas": ready}))
        arguments = ["template", "iris", chart, "-n", "shop", "--dry-run=server", "--disable-openapi-validation"]
        with live_cluster(tmp_path, deployments) as env:
            return run_helm(*arguments, "-s", "templates/httproute.yaml", values=values, env=env)

    return rendered


@pytest.mark.parametrize("ready", [None, 0])
def test_a_route_sends_nothing_to_a_canary_that_is_not_ready(live, ready):
    with pytest.raises(Exception, match=r"canary\.weight 10 would send requests to a canary of which no pod is ready"):
        live(ready, canary(weight=10) | ROUTE)


@pytest.mark.parametrize("weight", [0, 10])
def test_a_route_needs_pods_that_a_service_for_the_stable_ones_finds(live, weight):
    with pytest.raises(Exception, match=r"which those of an earlier chart lack; upgrade once without canary\.weight"):
        live(1, canary(weight=weight) | ROUTE, team="iris")


@pytest.mark.parametrize(("ready", "weight"), [(None, 0), (0, 0), (1, 10)])
def test_a_canary_may_come_with_no_weight_and_get_one_when_it_is_ready(live, ready, weight):
    assert f"weight: {weight}" in live(ready, canary(weight=weight) | ROUTE)


def test_a_problem_of_the_stable_model_is_told_once(refusal):
    message = refusal({"model": {"uri": NEXT["uri"]}, "canary": {"enabled": True, "image": {"tag": "2"}}})
    assert message.count("model.uri needs model.sha256") == 1
    assert "canary.model" not in message
