"""Settings and environment variables."""

import pytest
import yaml

from service.settings import Settings

# Set by the chart from other values, or left to the image: the rest of Settings must be a value under `config`.
CHART_OWNED = {"host", "port", "model_dir", "model_sha256", "trust_model", "pod_name", "api_key_file"}
OFFERED = {name: field for name, field in Settings.model_fields.items() if name not in CHART_OWNED}


def camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


@pytest.fixture(scope="module")
def defaults(chart):
    return yaml.safe_load((chart / "values.yaml").read_text())["config"]


@pytest.fixture(scope="module")
def schema(chart):
    loaded = yaml.safe_load((chart / "values.schema.json").read_text())
    return loaded["properties"]["config"]["properties"]


def test_every_setting_is_offered_and_nothing_else(defaults):
    assert set(defaults) == {camel_case(name) for name in OFFERED}


def test_the_settings_the_chart_owns_exist():
    assert set(Settings.model_fields) >= CHART_OWNED


@pytest.mark.parametrize("name", OFFERED)
def test_a_setting_has_the_default_that_the_service_has(defaults, name):
    assert defaults[camel_case(name)] == OFFERED[name].default


@pytest.mark.parametrize("name", OFFERED)
def test_a_setting_has_the_type_and_the_bounds_that_the_service_has(schema, name):
    expected = Settings.model_json_schema()["properties"][name]
    found = schema[camel_case(name)]
    bounds = {"type", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "pattern"}
    assert {key: found.get(key) for key in bounds} == {key: expected.get(key) for key in bounds}


def test_every_setting_reaches_the_service_as_the_variable_it_reads(render):
    data = render().one("ConfigMap")["data"]
    assert set(data) == {f"ML_API_{name.upper()}" for name in OFFERED}
    source = {"configMapRef": {"name": "iris-ml-api"}}
    assert render().container["envFrom"][-1] == source


def test_what_the_chart_writes_is_what_the_service_reads(render, monkeypatch):
    changed = {"drainSeconds": 2.5, "maxBodyBytes": 12_345_678, "rootPath": "/iris", "docs": False, "logFormat": "json"}
    for name, value in render({"config": changed}).one("ConfigMap")["data"].items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert {
        name: getattr(settings, name) for name in ("drain_seconds", "max_body_bytes", "root_path", "docs", "log_format")
    } == {
        "drain_seconds": 2.5,
        "max_body_bytes": 12_345_678,
        "root_path": "/iris",
        "docs": False,
        "log_format": "json",
    }


def test_a_setting_of_null_is_left_to_the_service(render):
    assert "ML_API_THREADS" not in render({"config": {"threads": None}}).one("ConfigMap")["data"]


def test_a_changed_setting_restarts_the_pods_and_nothing_else_does(render):
    checksum = {
        name: render(values).pod["metadata"]["annotations"]["checksum/config"]
        for name, values in {
            "same": {},
            "replicas": {"replicaCount": 5},
            "setting": {"config": {"logLevel": "debug"}},
        }.items()
    }
    assert checksum["same"] == checksum["replicas"] != checksum["setting"]
    assert render().pod == render({"replicaCount": 5}).pod


def test_the_pod_knows_its_own_name(render):
    assert render().env["ML_API_POD_NAME"]["valueFrom"] == {"fieldRef": {"fieldPath": "metadata.name"}}


def test_own_variables_keep_their_value_as_text(render):
    secret = {"valueFrom": {"secretKeyRef": {"name": "tokens", "key": "iris"}}}
    env = render({"env": {"A": "x: y", "B": 1, "C": True, "D": 67108864, "E": 0.5, "SECRET": secret}}).env
    assert {name: env[name].get("value") for name in "ABCDE"} == {
        "A": "x: y",
        "B": "1",
        "C": "true",
        "D": "67108864",
        "E": "0.5",
    }
    assert env["SECRET"] == {"name": "SECRET"} | secret


def test_config_wins_over_env_from(render):
    sources = render({"envFrom": [{"configMapRef": {"name": "mine"}}]}).container["envFrom"]
    assert [source["configMapRef"]["name"] for source in sources] == ["mine", "iris-ml-api"]
