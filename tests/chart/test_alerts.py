"""The alerts: what they say, their limits, and that promtool sees them raised and cleared."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from monitoring import alerts, monitor

RUNBOOKS = Path(__file__).parents[2] / "docs" / "runbooks"
RULE_TESTS = sorted((Path(__file__).parent / "rules").glob("*.yaml"))


def test_every_alert_says_what_is_wrong_how_bad_it_is_and_where_its_runbook_is(render):
    rules = alerts(render, runbookUrl="https://example.com/books", alertLabels={"team": "iris", "severity": "none"})
    assert {rule["alert"] for rule in rules} == {
        "MlApiErrorBudgetBurn", "MlApiLatencyBudgetBurn", "MlApiTargetAbsent", "MlApiBundleChanged",
    }  # fmt: skip
    for rule in rules:
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert rule["labels"]["team"] == "iris"
        assert rule["annotations"].keys() == {"summary", "description", "runbook_url"}
        page = rule["annotations"]["runbook_url"].removeprefix("https://example.com/books/")
        text = (RUNBOOKS / page).read_text()
        assert text.startswith(f"# {rule['alert']}\n")
        for heading in ("What it means", "What callers see", "Find the cause", "What to do"):
            assert f"\n## {heading}\n" in text


def test_runbooks_are_those_of_the_sources_unless_there_is_a_copy(render):
    pages = [rule["annotations"]["runbook_url"] for rule in alerts(render)]
    assert pages
    assert all((RUNBOOKS.parents[1] / page).is_file() for page in pages)


def test_every_runbook_belongs_to_an_alert(render):
    pages = {path.stem for path in RUNBOOKS.glob("*.md")} - {"index"}
    assert pages == {rule["alert"] for rule in alerts(render)}


def test_each_objective_has_the_four_pairs_of_windows(render):
    pairs = [("1h", "5m", "critical"), ("6h", "30m", "critical"), ("1d", "2h", "warning"), ("3d", "6h", "warning")]
    for alert in ("MlApiErrorBudgetBurn", "MlApiLatencyBudgetBurn"):
        labels = [rule["labels"] for rule in alerts(render) if rule["alert"] == alert]
        assert [(each["long"], each["short"], each["severity"]) for each in labels] == pairs


def test_an_objective_is_in_every_limit_and_null_leaves_its_alerts_out(render):
    chosen = alerts(render, availabilityObjective=99.95, latencyObjective=None, bundleChanged=False)
    assert {rule["alert"] for rule in chosen} == {"MlApiErrorBudgetBurn", "MlApiTargetAbsent"}
    limits = [re.findall(r"> (\S+) \* \(1 - 99\.95 / 100\)", rule["expr"]) for rule in chosen[:4]]
    assert limits == [["14.4"] * 2, ["6"] * 2, ["3"] * 2, ["1"] * 2]


@pytest.mark.parametrize(("seconds", "bound"), [(0.0025, "0.0025"), (0.5, "0.5"), (1, "1.0"), (10, "10.0")])
def test_the_bound_of_the_latency_is_written_as_the_bucket_is(render, seconds, bound):
    rules = json.dumps(monitor(render, "prometheusRule", latencySeconds=seconds))
    assert set(re.findall(r'le=\\+"([^"\\]+)', rules)) == {bound}


@pytest.fixture(scope="session")
def promtool() -> str:
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool is not on the PATH; Debian has it in its package prometheus")
    return program


@pytest.mark.parametrize("path", RULE_TESTS, ids=lambda path: path.stem)
def test_each_alert_is_raised_and_cleared_as_it_should(render, promtool, tmp_path, path):
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(monitor(render, "prometheusRule")["spec"]))
    shutil.copy(path, tmp_path)
    done = subprocess.run(
        [promtool, "test", "rules", path.name], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
