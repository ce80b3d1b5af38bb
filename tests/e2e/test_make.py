"""The Make targets on a real cluster: what they do, and what they say when it cannot be done."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import making
import pytest
from host import predict
from making import refusal
from space import NAME, RELEASE, SMALL, Space

from tools.cluster.settings import Settings

Make = Callable[..., subprocess.CompletedProcess]
ANSWER = '{"instances": [[5.1, 3.5, 1.4, 0.2]]} -> {"predictions": ["setosa"]}'


@pytest.fixture
def make(space: Space, tmp_path: Path) -> Make:
    """Runs a Make target for the test's namespace, with small pods."""
    values = tmp_path / "small.yaml"
    values.write_text(json.dumps(SMALL))
    given = {"RELEASE": RELEASE, "NAMESPACE": space.name, "CONTEXT": space.kube.settings.kube_context}

    def run(target: str, **variables: str) -> subprocess.CompletedProcess:
        return making.make(target, {**given, "VALUES": str(values), **variables})

    return run


def told(done: subprocess.CompletedProcess) -> str:
    """What a target that went well printed."""
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.timeout(300)
def test_every_target_does_its_part_and_may_be_repeated(make: Make, space: Space) -> None:
    assert "is installed" in told(make("install", SET="replicaCount=2"))
    assert "as revision 2" in told(make("install", SET="replicaCount=2"))
    assert ANSWER in told(make("predict"))
    assert "port-forward" in refusal(make("url"))

    assert "is upgraded" in told(make("upgrade", SET="replicaCount=1,service.type=NodePort"))
    space.settle()
    assert len(space.pod_names()) == 1
    url = told(make("url")).strip()
    assert predict(url) == {"predictions": ["setosa"]}
    assert "passed its own test" in told(make("helm-test"))

    assert "rolled back" in told(make("rollback", REVISION="1"))
    assert space.get("service", NAME)["spec"]["type"] == "ClusterIP"
    assert "is gone" in told(make("uninstall"))
    again = told(make("uninstall"))
    assert f"There is no release {RELEASE} in namespace {space.name}: nothing was removed." in again
    assert "is gone" not in again
    assert f"run `make install RELEASE={RELEASE} NAMESPACE={space.name}`" in refusal(make("upgrade"))


@pytest.mark.timeout(300)
def test_every_target_names_a_next_one_for_the_same_release(make: Make, space: Space) -> None:
    same = f"RELEASE={RELEASE} NAMESPACE={space.name}"

    def hint(target: str, **variables: str) -> str:
        return told(make(target, **variables)).splitlines()[-1]

    assert hint("install", SET="replicaCount=1") == f"Next: make predict {same}"
    assert hint("predict") == f"Next: make helm-test {same}"
    forward = f"port-forward service/{NAME} 8080:80, and http://localhost:8080 in a browser"
    assert hint("helm-test").endswith(forward)
    nodeport = hint("upgrade", SET="service.type=NodePort")
    assert nodeport == f"Next: make helm-test {same}, or make rollback {same}"
    assert hint("helm-test") == f"Next: make url {same}"
    assert hint("uninstall") == f"Next: make install {same}"


def test_a_release_that_wants_a_key_is_asked_by_its_own_test(make: Make, space: Space) -> None:
    space.kubectl("create", "secret", "generic", "keys", "--from-literal=api-keys=one-key")
    hint = f"make helm-test RELEASE={RELEASE} NAMESPACE={space.name}"
    assert told(make("install", SET="replicaCount=1,auth.existingSecret=keys")).splitlines()[-1] == f"Next: {hint}"
    assert f"The service wants an API key, which cannot be sent this way: `{hint}` asks" in refusal(make("predict"))
    assert "passed its own test" in told(make("helm-test"))


@pytest.mark.timeout(300)
def test_an_upgrade_keeps_the_values_of_before_until_it_is_told_to_forget_them(make: Make, space: Space) -> None:
    def config(name: str) -> str:
        return str(space.get("configmap", NAME)["data"][name])

    told(make("install", SET="replicaCount=1,config.logFormat=json"))
    told(make("upgrade", VALUES="", SET="config.drainSeconds=2"))
    assert (config("ML_API_LOG_FORMAT"), config("ML_API_DRAIN_SECONDS")) == ("json", "2")
    assert space.replicas() == 1
    told(make("install", VALUES="", SET="config.logLevel=warning"))
    assert (config("ML_API_LOG_FORMAT"), config("ML_API_DRAIN_SECONDS")) == ("json", "2")

    told(make("upgrade", RESET="yes", SET="replicaCount=1"))
    assert (config("ML_API_LOG_FORMAT"), config("ML_API_LOG_LEVEL")) == ("text", "info")
    assert config("ML_API_DRAIN_SECONDS") == str(SMALL["config"]["drainSeconds"])


def test_an_image_that_is_not_in_the_registry_leaves_nothing_behind(make: Make, space: Space) -> None:
    line = refusal(make("install", SET="image.digest=sha256:" + "0" * 64))
    assert "ImagePullBackOff" in line
    assert "not found" in line
    assert "removed again" in line
    assert space.releases() == set()


def test_a_failed_upgrade_leaves_the_old_release(make: Make, space: Space) -> None:
    told(make("install", SET="replicaCount=1"))
    before = space.pod_names()
    line = refusal(make("upgrade", SET="replicaCount=1,image.digest=sha256:" + "0" * 64))
    assert "Revision 1 is back" in line
    space.settle()
    assert space.pod_names() == before
    assert ANSWER in told(make("predict"))


def test_a_quota_that_is_too_small_is_told(make: Make, space: Space) -> None:
    quota = {"hard": {"pods": "1"}}
    space.apply({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "small"}, "spec": quota})
    line = refusal(make("install"))
    assert "exceeded quota" in line
    assert "raise the quota" in line
    assert space.releases() == set()


def test_a_kind_that_the_cluster_does_not_know_is_told(make: Make, space: Space, tmp_path: Path) -> None:
    values = tmp_path / "unknown.yaml"
    unknown = {"apiVersion": "example.com/v1", "kind": "Unheard", "metadata": {"name": "of"}}
    values.write_text(json.dumps({"extraObjects": [unknown]}))
    assert "does not know Unheard (example.com/v1)" in refusal(make("install", VALUES=str(values)))
    assert space.releases() == set()


def test_a_model_that_cannot_be_served_is_told_in_its_own_words(make: Make, space: Space) -> None:
    line = refusal(make("install", SET="replicaCount=1,model.sha256=" + "0" * 64))
    assert "CrashLoopBackOff" in line
    assert "digest" in line
    assert space.releases() == set()


def test_another_context_is_never_touched(make: Make, settings: Settings) -> None:
    line = refusal(make("install", CONTEXT="another"))
    assert line.startswith("make install: There is no kube context another (there are ")
    assert settings.kube_context in line


def test_a_registry_that_does_not_answer_is_told(make: Make) -> None:
    assert "The registry localhost:1 does not answer" in refused_push(make("push", REGISTRY="localhost:1"))


def refused_push(done: subprocess.CompletedProcess) -> str:
    """The line with which a push failed, after what docker build prints."""
    assert done.returncode != 0
    return done.stderr.splitlines()[-2]
