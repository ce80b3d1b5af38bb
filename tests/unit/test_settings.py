"""Every setting, read once; every problem told at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from service.settings import Settings, SettingsError, load_settings, unknown_variables


def test_the_defaults_are_valid_and_safe():
    settings = load_settings()
    assert settings.host == "127.0.0.1"
    assert settings.trust_model is False
    assert settings.model_sha256 == ""


def test_the_environment_is_read_with_its_prefix(monkeypatch):
    monkeypatch.setenv("ML_API_MODEL_DIR", "/models/a")
    monkeypatch.setenv("ML_API_PORT", "9000")
    monkeypatch.setenv("ML_API_TRUST_MODEL", "true")
    settings = load_settings()
    assert (settings.model_dir, settings.port, settings.trust_model) == (Path("/models/a"), 9000, True)


def test_what_the_command_line_says_wins(monkeypatch):
    monkeypatch.setenv("ML_API_PORT", "9000")
    assert load_settings(port=9001).port == 9001


def test_an_empty_variable_is_as_good_as_none(monkeypatch):
    monkeypatch.setenv("ML_API_PORT", "")
    assert load_settings().port == 8080


def test_every_problem_is_told_in_a_line_of_its_own_without_the_value(monkeypatch):
    monkeypatch.setenv("ML_API_PORT", "tcp://10.0.0.1:80")
    monkeypatch.setenv("ML_API_LOG_LEVEL", "secret")
    monkeypatch.setenv("ML_API_DRAIN_SECONDS", "nan")
    monkeypatch.setenv("ML_API_MODEL_SHA256", "secret")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    lines = str(caught.value).splitlines()
    assert sorted(line.partition(":")[0] for line in lines) == [
        "ML_API_DRAIN_SECONDS",
        "ML_API_LOG_LEVEL",
        "ML_API_MODEL_SHA256",
        "ML_API_PORT",
    ]
    assert "secret" not in str(caught.value)
    assert "enableServiceLinks" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", 65536),
        ("port", -1),
        ("drain_seconds", -1),
        ("drain_seconds", float("inf")),
        ("request_timeout_seconds", 0),
        ("queue_requests", 0),
        ("max_rows", 0),
        ("threads", -1),
        ("inline_milliseconds", 51),
        ("root_path", "models"),
        ("root_path", "/models/"),
        ("model_sha256", "g" * 64),
        ("log_format", "xml"),
    ],
)
def test_a_value_that_cannot_be_is_refused(name, value, monkeypatch):
    monkeypatch.setenv(f"ML_API_{name.upper()}", str(value))
    with pytest.raises(SettingsError, match=f"^ML_API_{name.upper()}: "):
        load_settings()


@pytest.mark.parametrize(("name", "value", "option"), [("port", 99999, "--port"), ("model_sha256", "x", "--sha256")])
def test_a_wrong_option_is_called_as_it_was_written(name, value, option):
    with pytest.raises(SettingsError, match=f"^{option}: ") as caught:
        load_settings(**{name: value})
    assert "ML_API" not in str(caught.value)


@pytest.mark.parametrize("digest", ["1234", "0x" + "ab" * 31, "ab" * 33])
def test_what_is_no_digest_is_told_what_one_is(digest):
    sentence = r"^--sha256: a digest has 64 hexadecimal digits: give the one that `ml-api pack` printed\.$"
    with pytest.raises(SettingsError, match=sentence):
        load_settings(model_sha256=digest)


def test_a_digest_in_capitals_is_the_same_digest():
    assert load_settings(model_sha256="AB" * 32).model_sha256 == "ab" * 32


def test_a_port_out_of_range_has_nothing_to_do_with_kubernetes(monkeypatch):
    monkeypatch.setenv("ML_API_PORT", "99999")
    with pytest.raises(SettingsError, match=r"^ML_API_PORT: input should be less than or equal to 65535\.$"):
        load_settings()


def test_a_variable_that_is_no_setting_is_told_with_the_one_that_was_meant():
    typos = {"ML_API_PROT": "80", "ml_api_drain_second": "1", "ML_API_WORKERS": "4"}
    assert unknown_variables(typos | {"ML_API_PORT": "80", "ml_api_host": "::", "PATH": "/bin"}) == [
        "ML_API_PROT is no setting, so it does nothing: did you mean ML_API_PORT?",
        "ML_API_WORKERS is no setting, so it does nothing; docs/reference/settings.md lists the settings.",
        "ml_api_drain_second is no setting, so it does nothing: did you mean ML_API_DRAIN_SECONDS?",
    ]


@pytest.mark.parametrize(
    "name",
    [
        "SERVICE_HOST",
        "SERVICE_PORT",
        "SERVICE_PORT_HTTP",
        "PORT",
        "PORT_8080_TCP",
        "PORT_8080_TCP_PROTO",
        "PORT_8080_TCP_PORT",
        "PORT_8080_TCP_ADDR",
        "CANARY_SERVICE_HOST",
        "CANARY_PORT",
        "CANARY_PORT_80_TCP_ADDR",
        "FETCH_TOKEN_FILE",
    ],
)
def test_what_kubernetes_or_fetch_put_beside_the_settings_is_not_told(name):
    value = "tcp://10.0.0.1:80" if name.endswith("PORT") and "SERVICE" not in name else "10.0.0.1"
    assert unknown_variables({f"ML_API_{name}": value}) == []


def test_settings_cannot_be_changed():
    with pytest.raises(ValidationError):
        load_settings().port = 1


def test_every_setting_is_described():
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
