"""Names, labels and annotations of all objects."""

import pytest
import yaml

SELECTOR = {"app.kubernetes.io/name": "ml-api", "app.kubernetes.io/instance": "iris"}


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({}, "iris-ml-api"),
        ({"nameOverride": "flowers"}, "iris-flowers"),
        ({"nameOverride": "iris"}, "iris"),
        ({"fullnameOverride": "flowers"}, "flowers"),
    ],
)
def test_objects_are_named_after_the_release_and_the_chart_or_as_told(render, values, name):
    rendered = render(values)
    assert {rendered.one(kind)["metadata"]["name"] for kind in ("Deployment", "Service", "ConfigMap")} == {name}


@pytest.mark.parametrize(
    ("release", "values", "name"),
    [
        ("r" * 53, {"nameOverride": "n" * 63}, "r" * 53 + "-" + "n" * 9),
        ("r" * 53, {"nameOverride": "n" * 8 + "--n"}, "r" * 53 + "-" + "n" * 8),
        ("my.release.v2", {}, "my-release-v2-ml-api"),
        ("my.ml.api", {"nameOverride": "ml-api"}, "my-ml-api"),
    ],
)
def test_a_release_with_a_long_name_or_one_with_dots_gives_a_valid_service_name(run_helm, chart, release, values, name):
    text = run_helm("template", release, chart, "--show-only", "templates/service.yaml", values=values)
    assert yaml.safe_load(text)["metadata"]["name"] == name


def test_every_object_names_its_namespace_and_carries_the_common_labels_and_annotations(render, everything):
    rendered = render(everything)
    metadata = [item["metadata"] for item in rendered.objects if item["metadata"]["name"] != "iris-ml-api-notes"]
    assert len(metadata) > 10
    for found in metadata:
        assert found["namespace"] == "shop", found
        assert found["labels"].items() >= {"team": "iris", "app.kubernetes.io/managed-by": "Helm"}.items()
        assert found["annotations"]["example.com/owner"] == "iris@example.com", found
    assert rendered.pod["metadata"]["labels"]["team"] == "iris"
    assert rendered.pod["metadata"]["annotations"]["example.com/owner"] == "iris@example.com"


def test_selectors_hold_name_and_instance_only_whatever_the_labels(render):
    labels = {
        "commonLabels": {"app.kubernetes.io/name": "x", "team": "y"},
        "podLabels": {"app.kubernetes.io/instance": "z"},
    }
    rendered = render(labels)
    assert rendered.one("Deployment")["spec"]["selector"]["matchLabels"] == SELECTOR
    assert rendered.one("Service")["spec"]["selector"] == SELECTOR
    assert rendered.one("PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == SELECTOR
    assert rendered.pod["metadata"]["labels"].items() >= SELECTOR.items()


def test_pods_carry_no_label_that_changes_with_the_chart_alone(render):
    assert "helm.sh/chart" not in render().pod["metadata"]["labels"]


def test_pod_labels_and_annotations_stay_on_the_pods(render):
    rendered = render({"podLabels": {"a": "b"}, "podAnnotations": {"c": "d"}})
    assert rendered.pod["metadata"]["labels"]["a"] == "b"
    assert rendered.pod["metadata"]["annotations"]["c"] == "d"
    assert "a" not in rendered.one("Deployment")["metadata"]["labels"]
