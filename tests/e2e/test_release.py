"""A release from a clean checkout into the registry, and from there onto the cluster."""

import json
import os
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import making
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from space import recorded_image

from tools.base.paths import ROOT
from tools.base.problem import Problem
from tools.base.programs import capture
from tools.cluster.settings import Settings
from tools.release.artifacts import Published
from tools.release.signing import make_key, verify
from tools.release.version import SOURCE

# The next one: it is made for the test, whatever was released before.
VERSION = SOURCE.find(ROOT).rpartition(".")[0] + ".99"
CHANGE = "## [Unreleased]\n\n### Added\n\n- What the test of the release changed.\n"
PASSWORD = {"COSIGN_PASSWORD": "only for this test"}
SMALL = "replicaCount=1,resources.requests.cpu=20m,resources.requests.memory=96Mi"


def git(folder: Path, *arguments: str) -> None:
    person = ("-c", "user.name=release", "-c", "user.email=release@example.com")
    subprocess.run(["git", "-C", folder, *person, *arguments], check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The commit under test with its changelog closed, and the tools that are built already."""
    folder = tmp_path / "checkout"
    git(tmp_path, "clone", "--quiet", str(ROOT), str(folder))
    for path in (folder / "tools").rglob("*"):
        os.utime(path, (0, 0))
    (folder / "bin").symlink_to(ROOT / "bin")
    (folder / ".git/info/exclude").write_text("bin\n")
    changelog = folder / "CHANGELOG.md"
    changelog.write_text(changelog.read_text().replace("## [Unreleased]\n", CHANGE, 1))
    done = making.make("version", {"VERSION": VERSION}, folder)
    assert done.returncode == 0, done.stderr
    git(folder, "commit", "--quiet", "--all", "--message=release")
    return folder


@pytest.fixture
def registry() -> Iterator[str]:
    """A place in the registry where nothing was released yet; docker forgets it again."""
    name = f"{recorded_image()['registry']}/release-{secrets.token_hex(4)}"
    yield name
    capture("docker", "rmi", "--no-prune", *(f"{name}/ml-api:{VERSION}{suffix}" for suffix in ("", "-onnx")))


@pytest.mark.timeout(900)
def test_a_release_is_built_pushed_signed_and_verified_and_runs_from_its_registry(
    checkout: Path, registry: str, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COSIGN_PASSWORD", PASSWORD["COSIGN_PASSWORD"])
    make_key(tmp_path / "cosign.key")
    wanted = {"VERSION": VERSION, "REGISTRY": registry, "KEY": str(tmp_path / "cosign.key")}

    untested = making.make("release", wanted, checkout)
    assert "nobody said that the tests passed on this commit" in making.refusal(untested)
    done = making.make("release", wanted | {"TESTED": "yes"}, checkout)
    assert done.returncode == 0, done.stderr
    for name in (f"ml-api:{VERSION}", f"ml-api:{VERSION}-onnx", f"charts/ml-api:{VERSION}"):
        assert f"Verified {registry}/{name}: signature, " in done.stdout
    check_files(checkout / "dist")

    installed = making.make("release-check", {**wanted, "CONTEXT": settings.kube_context, "SET": SMALL}, checkout)
    assert installed.returncode == 0, installed.stderr
    published = json.loads((checkout / "dist/release.json").read_text())
    assert f"its pods ran {registry}/ml-api:{VERSION}@{published['full']['digest']}." in installed.stdout

    make_key(tmp_path / "stranger.key")
    with pytest.raises(Problem, match="Verifying"):
        verify(tmp_path / "stranger.pub", Published(**published["chart"]).pinned)
    again = making.make("release", wanted | {"TESTED": "yes"}, checkout)
    assert "is in the registry already: a version is released once" in again.stderr


def check_files(dist: Path) -> None:
    assert {path.name for path in dist.iterdir() if not path.name.startswith(".")} == {
        "SHA256SUMS", "SHA256SUMS.sigstore.json", "cosign.pub", "release.json",
        f"ml-api-{VERSION}.tgz", f"ml_api-{VERSION}-py3-none-any.whl", f"ml_api-{VERSION}.tar.gz",
        "provenance-full.json", "provenance-onnx.json", "sbom-full.cdx.json", "sbom-onnx.cdx.json",
    }  # fmt: skip
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=dist, check=True, capture_output=True)
    packages = {}
    for target in ("full", "onnx"):
        text = (dist / f"sbom-{target}.cdx.json").read_text()
        sbom = json.loads(text)
        validator = JsonStrictValidator(SchemaVersion.from_version(sbom["specVersion"]))
        assert validator.validate_str(text) is None
        packages[target] = {(part["name"], part.get("purl", "").partition("/")[0]) for part in sbom["components"]}
        assert {("onnxruntime", "pkg:pypi"), ("ml-api", "pkg:pypi"), ("libc6", "pkg:deb")} <= packages[target]
    assert ("scikit-learn", "pkg:pypi") in packages["full"] - packages["onnx"]
