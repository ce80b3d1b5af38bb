"""Every setting, read once; every problem told at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from service.settings import Settings, SettingsError, load_settings


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
        ("model_sha256", "A" * 64),
        ("log_format", "xml"),
    ],
)
def test_a_value_that_cannot_be_is_refused(name, value):
    with pytest.raises(SettingsError, match=f"ML_API_{name.upper()}: "):
        load_settings(**{name: value})


def test_settings_cannot_be_changed():
    with pytest.raises(ValidationError):
        load_settings().port = 1


def test_every_setting_is_described():
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
