"""Strings that YAML would take for a number, a boolean, a date or a comment stay strings."""

import re
from typing import Any

import pytest
import yaml

SHA256 = "d" * 64
MILLION = 1_000_000
# What stands where in the values below; each set of odd ones takes the places of these.
PLAIN = {
    "release": "qrelease",
    "namespace": "qspace",
    "full": "qfull",
    "name": "qname",
    "account": "qaccount",
    "watch": "qwatch",
    "variable": "QVARIABLE",
    "word": "qword",
    "host": "qhost",
}
ODD = {
    "numbers": {"release": "1234", "namespace": "2026", "name": "123", "account": "007", "watch": "0x1f", "word": "1"},
    "exponents": {"release": "1e3", "namespace": "2e4", "full": "e1", "name": "1e3", "account": "1e5", "host": "1e6"},
    "booleans": {"release": "true", "namespace": "no", "full": "on", "name": "false", "watch": "yes", "variable": "NO"},
    "nothings": {"release": "null", "namespace": "null", "full": "null", "variable": "null", "word": "~"},
    "dates": {"release": "2026-11-22", "namespace": "2026-11-23", "account": "2026-11-24", "watch": "12"},
    "marks": {"release": "my.release", "variable": "Y", "word": "x: y #z"},
}


class Reader(yaml.CSafeLoader):
    """Reads as Kubernetes does, for which 1e3 is a number, too."""


Reader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^[0-9]+e[0-9]+$"), list("0123456789"))


def switched_on(words: dict[str, str]) -> dict[str, Any]:
    """Values that print each of the words wherever the chart can."""
    word, host = words["word"], f"{words['host']}.example.com"
    watched = {"enabled": True, "namespace": words["watch"], "labels": {"q": word}, "annotations": {"q": word}}
    return {
        "fullnameOverride": words["full"],
        "nameOverride": words["name"],
        "serviceAccount": {"name": words["account"], "annotations": {"q": word}},
        "commonLabels": {"common": word},
        "model": {
            "uri": "https://models.example.com/iris",
            "sha256": SHA256,
            "fetch": {"secret": word},
            "sizeLimit": word,
        },
        "env": {words["variable"]: word},
        "service": {"labels": {"q": word}, "annotations": {"q": word}},
        "ingress": {"enabled": True, "className": word, "hosts": [{"host": host}]},
        "httpRoute": {"enabled": True, "parentRefs": [{"name": word}], "hostnames": [host]},
        "image": {"tag": words["watch"]},
        "canary": {"enabled": True, "model": {"existingClaim": word, "subPath": word}, "weight": 0},
        "autoscaling": {"enabled": True},
        "auth": {"existingSecret": words["account"], "key": words["watch"], "metricsKey": words["variable"]},
        "nodeSelector": {"q": word},
        "priorityClassName": word,
        "runtimeClassName": word,
        "podLabels": {"q": word},
        "serviceMonitor": watched,
        "prometheusRule": watched | {"namespace": "", "runbookUrl": f"https://wiki/{word}", "alertLabels": {"q": word}},
        "grafanaDashboard": watched,
    }


def alias(words: dict[str, str]) -> dict[str, Any]:
    return {"fullnameOverride": words["full"], "service": {"type": "ExternalName", "externalName": words["host"]}}


@pytest.fixture
def objects(run_helm, chart):
    """Render the chart, and give its objects by kind and name."""

    def rendered(values: dict[str, Any], release: str, namespace: str) -> dict[tuple[str, str], dict[str, Any]]:
        text = run_helm("template", release, chart, "--namespace", namespace, values=values)
        found = [item for item in yaml.load_all(text, Reader) if item]
        for item in found:
            if item["metadata"]["name"].endswith("-dashboard"):
                (item["data"],) = item["data"].keys()  # the dashboard's own id is a digest of the names
        return {(item["kind"], item["metadata"]["name"]): item for item in found}

    return rendered


def replaced(node: Any, words: dict[str, str]) -> Any:
    """A tree with the plain words in all its strings replaced by the odd ones."""
    if isinstance(node, str):
        return re.sub("|".join(PLAIN.values()), lambda match: words[match[0]], node)
    if isinstance(node, list | tuple):
        return type(node)(replaced(item, words) for item in node)
    if isinstance(node, dict):
        return {replaced(key, words): replaced(value, words) for key, value in node.items()}
    return node


@pytest.mark.parametrize("shape", [switched_on, alias], ids=["everything", "alias"])
@pytest.mark.parametrize("odd", ODD)
def test_an_odd_word_is_the_same_string_wherever_it_is_printed(objects, shape, odd):
    words = PLAIN | ODD[odd]
    plain = objects(shape(PLAIN), PLAIN["release"], PLAIN["namespace"])
    expected = replaced(plain, {PLAIN[place]: word for place, word in words.items()})
    assert objects(shape(words), words["release"], words["namespace"]) == expected


def test_a_big_number_is_printed_with_all_its_digits(render):
    seconds = {"progressDeadlineSeconds": 2 * MILLION, "terminationGracePeriodSeconds": MILLION}
    whole = {"replicaCount": MILLION, "revisionHistoryLimit": MILLION, "minReadySeconds": MILLION} | seconds
    budget = {"podDisruptionBudget": {"maxUnavailable": MILLION}, "tests": {"timeoutSeconds": MILLION}}
    rendered = render(whole | budget)
    spec = rendered.one("Deployment")["spec"]
    found = spec | spec["template"]["spec"] | {"replicaCount": spec["replicas"]}
    assert {name: found[name] for name in whole} == whole
    assert rendered.one("PodDisruptionBudget")["spec"]["maxUnavailable"] == MILLION
    assert [str(MILLION) in pod["spec"]["containers"][0]["args"] for pod in rendered.kind("Pod")] == [True, True]


def test_an_autoscaler_s_big_number_is_printed_with_all_its_digits(render):
    bounds = {"enabled": True, "minReplicas": MILLION, "maxReplicas": MILLION}
    spec = render({"autoscaling": bounds}).one("HorizontalPodAutoscaler")["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (MILLION, MILLION)
    own = {
        "minReplicaCount": MILLION,
        "maxReplicaCount": MILLION,
        "pollingInterval": MILLION,
        "cooldownPeriod": MILLION,
    }
    scaled = render({"keda": own | {"enabled": True, "triggers": [{"type": "cron"}]}}).one("ScaledObject")
    assert scaled["spec"].items() >= own.items()
