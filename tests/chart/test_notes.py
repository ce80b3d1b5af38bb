"""What is printed after an install."""

import shutil

import pytest
import yaml
from canaries import ROUTE


@pytest.fixture(scope="module")
def notes(run_helm, chart, tmp_path_factory):
    """Print NOTES.txt as part of an object: Helm 3 shows the notes themselves to nobody without a cluster."""
    copy = tmp_path_factory.mktemp("notes") / "ml-api"
    shutil.copytree(chart, copy)
    text = (copy / "templates" / "NOTES.txt").read_text()
    (copy / "templates" / "_notes.tpl").write_text(f'{{{{ define "notes" }}}}{text}{{{{ end }}}}')
    (copy / "templates" / "notes.yaml").write_text('notes: {{ include "notes" . | quote }}')

    def printed(values: dict) -> str:
        return yaml.safe_load(
            run_helm("template", "iris", copy, "-n", "shop", "-s", "templates/notes.yaml", values=values)
        )["notes"]

    return printed


@pytest.mark.parametrize(
    ("service", "command"),
    [
        ({}, "kubectl --namespace shop port-forward service/iris-ml-api 8080:80"),
        ({"port": 9000}, "port-forward service/iris-ml-api 8080:9000"),
        ({"type": "NodePort"}, "minikube service --namespace shop iris-ml-api --url"),
        ({"type": "LoadBalancer"}, "minikube tunnel"),
        ({"type": "ExternalName", "externalName": "iris.example.com"}, "nslookup iris-ml-api.shop.svc"),
    ],
)
def test_the_notes_give_the_command_for_the_type_of_the_service(notes, service, command):
    assert command in notes({"service": service})


def test_the_notes_ask_the_demo_s_question_and_name_the_tests(notes):
    text = notes({})
    assert (
        """curl $URL/predict -H 'content-type: application/json' -d '{"instances": [[5.1, 3.5, 1.4, 0.2]]}'""" in text
    )
    assert "helm test --namespace shop iris" in text
    assert "WARNING" not in text


@pytest.mark.parametrize(
    "values",
    [
        {"model": {"uri": "https://models.example.com/wine", "sha256": "d" * 64}},
        {"model": {"existingClaim": "models", "sha256": "d" * 64}},
        {"model": {"sha256": "d" * 64}},
        {"image": {"repository": "wine"}},
    ],
)
def test_the_notes_do_not_ask_another_model_the_demo_s_question(notes, values):
    text = notes(values)
    assert "curl $URL/model" in text
    assert "$URL is a form filled with it" in text
    assert "5.1" not in text
    assert "/predict" not in text
    assert "a form" not in notes(values | {"config": {"docs": False}})
    keyed = notes(values | {"auth": {"existingSecret": "iris-keys"}})
    assert """curl $URL/model -H "Authorization: Bearer $KEY\"""" in keyed


def test_the_notes_show_how_to_send_a_key(notes):
    text = notes({"auth": {"existingSecret": "iris-keys", "key": "keys.txt"}})
    assert """get secret iris-keys -o jsonpath='{.data.keys\\.txt}' | base64 -d""" in text
    assert """curl $URL/predict -H "Authorization: Bearer $KEY" """ in text
    assert "Authorization" not in notes({})


@pytest.mark.parametrize(
    ("values", "share"),
    [
        ({"replicaCount": 9}, "about 10 % of the connections"),
        ({"autoscaling": {"enabled": True}}, "its share of all pods"),
        (ROUTE | {"canary": {"weight": 5}}, "gives it 5 % of the requests"),
    ],
)
def test_a_canary_s_share_is_told(notes, values, share):
    own = {"enabled": True, "image": {"tag": "2"}}
    text = notes(values | {"canary": own | values.get("canary", {})})
    assert "A canary runs beside it as iris-ml-api-canary." in text
    assert share in text
    assert "canary" not in notes({})


def test_an_ingress_is_named(notes):
    hosts = [{"host": "iris.example.com", "paths": [{"path": "/iris"}]}]
    assert "iris.example.com/iris" in notes({"ingress": {"enabled": True, "hosts": hosts}})


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"replicaCount": 1}, "there may be a single pod"),
        ({"model": {"trust": True}}, "model.trust loads a model that may run any code"),
        ({"model": {"imageVolume": {"reference": "iris:1"}}}, "model.imageVolume.reference names a tag"),
        ({"model": {"uri": "http://m/iris", "sha256": "d" * 64}}, "model.uri is fetched without TLS"),
        ({"model": {"existingClaim": "models"}}, "whoever writes to the claim models"),
        ({"resources": {"limits": None}}, "without a CPU limit"),
        ({"resources": {"limits": {"cpu": None}}}, "without a CPU limit"),
        ({"networkPolicy": {"enabled": False}}, "networkPolicy is off"),
        (
            {
                "auth": {"existingSecret": "keys", "metricsKey": "prometheus"},
                "serviceMonitor": {"enabled": True, "namespace": "watch"},
            },
            "Copy the Secret keys into watch",
        ),
        (
            {"auth": {"existingSecret": "keys"}, "ingress": {"enabled": True, "hosts": [{"host": "a.example.com"}]}},
            "without ingress.tls everybody on the way can read the API keys",
        ),
    ],
)
def test_a_risky_choice_gets_a_warning(notes, values, words):
    warnings = [line for line in notes(values).splitlines() if line.startswith("WARNING: ")]
    assert len(warnings) == 1
    assert words in warnings[0]
