"""Where the bundle comes from."""

import json

import click
import pytest

from service.commands.fetch import fetch as fetch_command

SHA256 = "d" * 64
URI = "https://models.example.com/iris/1"
FETCHED = {"uri": URI, "sha256": SHA256}


def model(render, **values):
    return render({"model": values}, "--kube-version", "1.35.0")


def volume(rendered) -> dict | None:
    return next((item for item in rendered.pod["spec"]["volumes"] if item["name"] == "model"), None)


def mount(container) -> dict | None:
    return next((item for item in container["volumeMounts"] if item["name"] == "model"), None)


def test_by_default_the_bundle_in_the_image_is_served(render):
    rendered = render()
    assert volume(rendered) is None
    assert mount(rendered.container) is None
    assert rendered.env.keys() == {"ML_API_POD_NAME"}
    assert "initContainers" not in rendered.pod["spec"]


def test_a_claim_is_mounted_read_only(render):
    rendered = model(render, existingClaim="models", subPath="iris/1")
    assert volume(rendered)["persistentVolumeClaim"] == {"claimName": "models", "readOnly": True}
    assert mount(rendered.container) == {"name": "model", "mountPath": "/models", "readOnly": True, "subPath": "iris/1"}
    assert rendered.env["ML_API_MODEL_DIR"]["value"] == "/models"
    assert "initContainers" not in rendered.pod["spec"]


def test_a_uri_is_fetched_by_the_same_image_before_the_service_starts(render):
    rendered = model(render, **FETCHED, sizeLimit="3Gi")
    (fetch,) = rendered.pod["spec"]["initContainers"]
    assert fetch["image"] == rendered.container["image"]
    assert fetch["args"] == ["fetch", URI, "--sha256", SHA256, "--out", "/models"]
    assert mount(fetch) == {"name": "model", "mountPath": "/models", "readOnly": False}
    assert mount(rendered.container) == {"name": "model", "mountPath": "/models", "readOnly": True}
    assert volume(rendered)["emptyDir"] == {"sizeLimit": "3Gi"}
    assert rendered.env["ML_API_MODEL_SHA256"]["value"] == SHA256


def test_the_fetch_sees_the_user_s_variables_such_as_a_proxy_or_a_password(render):
    env = {"HTTPS_PROXY": "http://proxy:3128"}
    sources = [{"secretRef": {"name": "password"}}]
    (fetch,) = render({"model": FETCHED, "env": env, "envFrom": sources}).pod["spec"]["initContainers"]
    assert {"name": "HTTPS_PROXY", "value": "http://proxy:3128"} in fetch["env"]
    assert fetch["envFrom"] == sources


def test_credentials_of_the_fetch_reach_the_init_container_alone(render):
    keys = [{"secretRef": {"name": "keys"}}]
    rendered = model(render, **FETCHED, fetch={"secret": "entry", "envFrom": keys, "plainHttp": True})
    (fetch,) = rendered.pod["spec"]["initContainers"]
    place = next(item for item in fetch["volumeMounts"] if item["name"] == "fetch-secret")
    assert place["readOnly"]
    assert {"name": "ML_API_FETCH_CREDENTIALS", "value": place["mountPath"]} in fetch["env"]
    assert {"name": "ML_API_FETCH_PLAIN_HTTP", "value": "true"} in fetch["env"]
    assert fetch["envFrom"] == keys
    assert {"name": "fetch-secret", "secret": {"secretName": "entry"}} in rendered.pod["spec"]["volumes"]
    assert "fetch-secret" not in json.dumps(rendered.container)
    assert "keys" not in json.dumps(rendered.container["envFrom"])
    assert not [name for name in rendered.env if name.startswith("ML_API_FETCH_")]


def test_the_variables_that_the_init_container_gets_are_options_of_fetch(render):
    """What the chart sets, the command reads."""
    rendered = model(render, **FETCHED, fetch={"secret": "entry", "plainHttp": True})
    (container,) = rendered.pod["spec"]["initContainers"]
    given = {item["name"] for item in container["env"] if item["name"].startswith("ML_API_FETCH_")}
    assert given <= {option.envvar for option in fetch_command.params if isinstance(option, click.Option)}


@pytest.mark.parametrize(
    "uri", ["s3://models/iris", "gs://models/iris.tgz", "az://models/iris", "oci://registry.example.com/iris:1"]
)
def test_every_source_can_be_named(render, uri):
    (fetch,) = model(render, uri=uri, sha256=SHA256).pod["spec"]["initContainers"]
    assert fetch["args"][1] == uri


def test_an_image_volume_is_mounted_read_only(render):
    rendered = model(render, imageVolume={"reference": "registry.example.com/iris:1"}, subPath="bundle")
    assert volume(rendered)["image"] == {"reference": "registry.example.com/iris:1", "pullPolicy": "IfNotPresent"}
    assert mount(rendered.container) == {"name": "model", "mountPath": "/models", "readOnly": True, "subPath": "bundle"}


def test_a_digest_pins_whatever_is_served(render):
    assert model(render, sha256=SHA256).env["ML_API_MODEL_SHA256"]["value"] == SHA256
    assert "ML_API_MODEL_SHA256" not in render().env


def test_trust_is_handed_on_only_when_given(render):
    assert model(render, trust=True).env["ML_API_TRUST_MODEL"]["value"] == "true"
    assert "ML_API_TRUST_MODEL" not in render().env


@pytest.mark.parametrize(
    "changed",
    [
        {"uri": URI + "2", "sha256": SHA256},
        {"uri": URI, "sha256": "e" * 64},
        {"existingClaim": "other"},
        {"imageVolume": {"reference": "iris:2"}},
        {"trust": True, **FETCHED},
    ],
)
def test_a_changed_model_restarts_the_pods(render, changed):
    assert model(render, **FETCHED).pod != model(render, **changed).pod
