"""A release without docker, registry or key: the version, the changelog, what stops it, and what it was built from."""

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from google.protobuf.json_format import ParseDict
from in_toto_attestation.predicates.provenance.v1.provenance_pb2 import Provenance
from in_toto_attestation.v1.statement_pb2 import Statement

from tools.base.history import last_release
from tools.base.problem import Problem
from tools.base.programs import capture
from tools.release import changelog, preflight, version
from tools.release.artifacts import Published, annotate, plain_http
from tools.release.provenance import Build, describe, state
from tools.release.settings import Settings
from tools.release.supply import name_builder

ROOT = Path(__file__).parents[3]
LOG = """# Changelog

## [Unreleased]

### Added

- `ml-api fly`, which flies,
  and lands.
- Wings.

## [1.0.0] - 2026-01-02

- First.
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files of this checkout that have a version in them, in a repository of their own, at 1.0.0."""
    for name in ("pyproject.toml", "uv.lock", "charts/ml-api/Chart.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    version.move(tmp_path, "1.0.0")
    (tmp_path / "CHANGELOG.md").write_text(LOG)
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    return tmp_path


def git(folder: Path, *arguments: str) -> None:
    done = capture("git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@example.com", *arguments)
    assert done.ok, done.errors


def commit(folder: Path, subject: str = "more") -> str:
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--allow-empty", f"--message={subject}")
    return capture("git", "-C", str(folder), "rev-parse", "HEAD").output.strip()


def test_the_last_release_is_the_newest_commit_of_that_name_before_this_one(checkout: Path) -> None:
    assert last_release(checkout) == "", "there is no commit before the first"
    commit(checkout, "Release notes 1.0.0 say more")
    assert last_release(checkout) == ""
    commit(checkout, "Release 1.0.0")
    second = commit(checkout, "Release 1.10.0")
    commit(checkout, "Mend what the Release 1.10.0 broke")
    assert last_release(checkout) == second
    commit(checkout, "Release 1.11.0")
    assert last_release(checkout) == second, "a release is upgraded to, not from itself"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Everything that a release wants."""
    key = tmp_path.parent / f"{tmp_path.name}.key"
    key.touch()
    key.with_suffix(".pub").touch()
    wanted = {"VERSION": "1.0.0", "REGISTRY": "localhost:5000/", "KEY": str(key), "TESTED": "yes"}
    return Settings.from_environment(wanted)


def test_the_version_of_this_checkout_is_the_same_everywhere():
    assert version.differences(ROOT, version.SOURCE.find(ROOT)) == []


def test_a_move_writes_the_version_everywhere_and_nothing_else(checkout):
    before = {path: path.read_text() for path in checkout.rglob("*") if path.is_file() and ".git/" not in str(path)}
    assert version.move(checkout, "1.2.3") == ["pyproject.toml", "uv.lock", "charts/ml-api/Chart.yaml"]
    assert version.differences(checkout, "1.2.3") == []
    changed = Counter(
        line
        for path, text in before.items()
        for old, line in zip(text.splitlines(), path.read_text().splitlines(), strict=True)
        if old != line
    )
    assert changed == {'version = "1.2.3"': 2, "version: 1.2.3": 1, 'appVersion: "1.2.3"': 1}


def test_a_version_does_not_go_back_and_a_move_that_fails_moves_nothing(checkout):
    with pytest.raises(Problem, match=r"1\.0\.0 already: 0\.9\.0 would go back"):
        version.move(checkout, "0.9.0")
    chart = checkout / "charts/ml-api/Chart.yaml"
    chart.write_text(chart.read_text().replace('appVersion: "1.0.0"', "appVersion: v1"))
    with pytest.raises(Problem, match=r"Chart\.yaml has the version 0 times instead of once: look for 'appVersion"):
        version.move(checkout, "1.2.3")
    assert version.SOURCE.find(checkout) == "1.0.0"


def test_what_is_unreleased_gets_the_version_and_the_day_below_a_new_heading():
    released = changelog.release(LOG, "1.1.0", "2026-03-04")
    assert "## [Unreleased]\n\n## [1.1.0] - 2026-03-04\n\n### Added\n\n- `ml-api fly`" in released
    assert changelog.entries(released, "1.1.0") == [
        changelog.Entry("added", "`ml-api fly`, which flies, and lands."),
        changelog.Entry("added", "Wings."),
    ]
    assert changelog.entries(released, "1.0.0") == [changelog.Entry("changed", "First.")]
    assert changelog.entries(released, "Unreleased") == []
    assert changelog.problem(released, "1.1.0") == ""


@pytest.mark.parametrize(
    ("wanted", "told"),
    [("1.0.0", "has a heading for 1.0.0 already"), ("1.2.0", "has nothing under ## [Unreleased]")],
)
def test_a_changelog_is_not_released_twice_or_empty(wanted, told):
    with pytest.raises(Problem) as refused:
        changelog.release(changelog.release(LOG, "1.1.0", "2026-03-04"), wanted, "2026-03-05")
    assert told in str(refused.value)


def test_a_version_needs_its_heading_a_day_and_something_below():
    assert changelog.problem(LOG, "2.0.0") == "CHANGELOG.md has no heading `## [2.0.0] - YYYY-MM-DD`"
    assert changelog.problem("## [2.0.0]\n- x", "2.0.0") == "CHANGELOG.md has no heading `## [2.0.0] - YYYY-MM-DD`"
    empty = "## [2.0.0] - 2026-01-01\n"
    assert changelog.problem(empty, "2.0.0") == "CHANGELOG.md has nothing under its heading for 2.0.0"


def test_a_release_that_has_everything_passes(checkout, settings):
    preflight.check(settings, checkout)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"registry": ""}, "REGISTRY is missing"),
        ({"version": "1.2.0"}, "run `make version VERSION=1.2.0`"),
        ({"version": "1.2.0"}, "CHANGELOG.md has no heading `## [1.2.0] - YYYY-MM-DD`"),
        ({"tested": False}, "nobody said that the tests passed"),
        ({"key": Path("/nowhere/cosign.key")}, "there is no key /nowhere/cosign.key"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else value.split()[0],
)
def test_each_thing_that_is_missing_stops_a_release_before_it_begins(checkout, settings, change, told):
    with pytest.raises(Problem) as refused:
        preflight.check(replace(settings, **change), checkout)
    assert told in str(refused.value)


def test_a_change_that_is_in_no_commit_stops_a_release(checkout, settings):
    (checkout / "new.txt").write_text("x")
    with pytest.raises(Problem, match="the checkout has changes that are in no commit: commit them"):
        preflight.check(settings, checkout)
    commit(checkout)
    preflight.check(settings, checkout)


@pytest.mark.parametrize("given", ["", "1.2", "v1.2.3", "1.2.3-rc1", "01.2.3"])
def test_a_version_is_three_numbers(given):
    with pytest.raises(Problem, match=r"give three numbers, such as VERSION=1\.2\.3"):
        Settings.from_environment({"VERSION": given})


def test_helm_is_told_that_localhost_has_no_tls_and_nobody_else():
    assert plain_http("localhost:5000/team") == ("--plain-http",)
    assert plain_http("localhost.example.com") == plain_http("ghcr.io/team") == ()


def test_the_packaged_chart_tells_artifact_hub_its_image_and_its_changes():
    about = (ROOT / "charts/ml-api/Chart.yaml").read_text()
    image = Published("hub.example.com/ml-api:1.0.0", f"sha256:{'d' * 64}")
    written = yaml.safe_load(annotate(about, image, [changelog.Entry("fixed", 'A "quoted": `word`.')]))
    annotations = written["annotations"]
    (named,) = yaml.safe_load(annotations["artifacthub.io/images"])
    assert named == {"name": "ml-api", "image": f"hub.example.com/ml-api:1.0.0@sha256:{'d' * 64}"}
    (change,) = yaml.safe_load(annotations["artifacthub.io/changes"])
    assert change == {"kind": "fixed", "description": 'A "quoted": `word`.'}
    assert annotations["artifacthub.io/license"] == "Apache-2.0"
    with pytest.raises(Problem, match=r"Chart\.yaml does not end with artifacthub"):
        annotate(about + "home: x\n", image, [])


def test_what_is_published_is_pinned_by_digest_and_a_port_is_no_tag():
    assert Published("localhost:5000/ml-api:1.0.0", "sha256:ab").pinned == "localhost:5000/ml-api@sha256:ab"


def test_a_workflow_names_itself_as_the_builder():
    workflow = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_WORKFLOW_REF": "a/b/.github/workflows/r.yml@x"}
    assert name_builder(workflow) == "https://github.com/a/b/.github/workflows/r.yml@x"
    assert name_builder({}).startswith("https://localhost/")


def test_the_provenance_is_what_in_toto_and_slsa_define():
    build = Build(
        source="https://git.example.com/ml-api", commit="c" * 40, base_image="python:3.13-slim", base_digest="b" * 64,
        lock_digest="a" * 64, target="onnx", version="1.0.0", builder="https://localhost/here/me",
        started="2026-01-02T03:04:05Z", finished="2026-01-02T03:05:05Z",
    )  # fmt: skip
    statement = state("hub.example.com/ml-api:1.0.0-onnx", f"sha256:{'d' * 64}", describe(build))
    # Both refuse names that their schema does not have.
    read = ParseDict(statement, Statement())
    predicate = ParseDict(statement["predicate"], Provenance())
    assert read.subject[0].digest["sha256"] == "d" * 64
    found = {source.uri: dict(source.digest) for source in predicate.build_definition.resolved_dependencies}
    assert found == {
        "git+https://git.example.com/ml-api": {"gitCommit": "c" * 40},
        "pkg:docker/python:3.13-slim": {"sha256": "b" * 64},
        "uv.lock": {"sha256": "a" * 64},
    }


def test_every_release_says_what_to_do_on_the_way_to_it() -> None:
    released = [match["name"] for match in changelog.HEADING.finditer((ROOT / "CHANGELOG.md").read_text())][1:]
    assert released
    notes = (ROOT / "docs/how-to/upgrade.md").read_text().partition("## What to do for each version")[2]
    for number in released:
        assert f"\n| {number} | " in notes, f"docs/how-to/upgrade.md has no row for {number}"
