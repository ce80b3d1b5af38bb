"""What `make lint` adds to the linters: exceptions with reasons, and schemas that refuse unknown fields."""

from pathlib import Path

import pytest

from tools.chartlint import exceptions, findings
from tools.schemas.__main__ import strict

ROOT = Path(__file__).parents[2]
FINDING = findings.Finding("CKV_K8S_8", "nodeport", "Pod/iris-smoke", "Liveness Probe Should be Configured")


def test_every_exception_has_a_reason_in_words():
    exemptions = exceptions.load(ROOT / "lint-exceptions.yaml")
    assert exemptions
    assert all(len(item.reason.split()) > 5 for item in exemptions)


def test_a_finding_with_an_exception_is_no_problem():
    assert not exceptions.problems([FINDING], [exceptions.Exemption("CKV_K8S_8", "*", "Pod/*", "It ends by itself.")])


@pytest.mark.parametrize(
    ("check", "examples", "targets"),
    [("CKV_K8S_9", "*", "*"), ("CKV_K8S_8", "default", "*"), ("CKV_K8S_8", "*", "Deployment/*")],
)
def test_an_exception_for_something_else_leaves_the_finding_and_is_stale_itself(check, examples, targets):
    problems = exceptions.problems([FINDING], [exceptions.Exemption(check, examples, targets, "A reason.")])
    assert problems[0] == "nodeport: Pod/iris-smoke: CKV_K8S_8: Liveness Probe Should be Configured"
    assert "covers nothing any more" in problems[1]


def test_a_scanner_that_says_nothing_is_an_error_and_not_a_clean_chart(tmp_path):
    with pytest.raises(findings.ScanError, match="failed"):
        findings.kube_score([tmp_path / "default.yaml"], Path("/bin/true"))


def test_a_custom_resource_refuses_unknown_fields_where_its_definition_does():
    schema = strict(
        {
            "type": "object",
            "properties": {
                "port": {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]},
                "open": {"type": "object", "properties": {"a": {}}, "x-kubernetes-preserve-unknown-fields": True},
                "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                "items": {"type": "array", "items": {"type": "object", "properties": {"properties": {}}}},
            },
        }
    )
    assert schema["additionalProperties"] is False
    assert schema["properties"]["port"] == {"type": ["integer", "string"]}
    assert "additionalProperties" not in schema["properties"]["open"]
    assert schema["properties"]["labels"]["additionalProperties"] == {"type": "string"}
    assert schema["properties"]["items"]["items"]["additionalProperties"] is False
