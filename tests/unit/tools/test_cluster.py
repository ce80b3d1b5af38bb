"""The Make targets for a cluster, without one: what they say when it cannot be done."""

import json
import shutil
import subprocess
from pathlib import Path

import making
import pytest

from tools.base.problem import Problem
from tools.cluster.image import make_tag
from tools.cluster.release import chart_flags
from tools.cluster.rollout import is_complete, newest_hashes
from tools.cluster.settings import Settings

NOWHERE = "unix:///nowhere/docker.sock"


@pytest.fixture
def make(tmp_path: Path):
    """Runs a Make target for people without a cluster and without a docker daemon."""
    config = tmp_path / "kubeconfig"
    contexts = [{"name": name, "context": {"cluster": name, "user": name}} for name in ("production", "minikube")]
    clusters = [{"name": name, "cluster": {"server": "https://127.0.0.1:1"}} for name in ("production", "minikube")]
    config.write_text(
        json.dumps({"apiVersion": "v1", "kind": "Config", "contexts": contexts, "clusters": clusters,
                    "current-context": "production"})
    )  # fmt: skip
    environment = {"KUBECONFIG": str(config), "DOCKER_HOST": NOWHERE}

    def run(target: str, **variables: str) -> str:
        return making.refusal(making.make(target, variables, **environment))

    return run


def needs(*programs: str):
    """Not every machine that runs these tests has the programs for a cluster."""
    missing = [name for name in programs if not shutil.which(name)]
    return pytest.mark.skipif(bool(missing), reason=f"{', '.join(missing)} is not installed")


@pytest.mark.parametrize("target", ["image", "load"])
@needs("docker")
def test_without_a_docker_daemon_there_is_no_image(make, target):
    assert make(target) == f"make {target}: No docker daemon answers: start Docker, and `docker info` must work."


def test_a_push_wants_to_know_where(make):
    assert make("push").startswith("make push: REGISTRY is missing, such as `make push REGISTRY=")


def test_latest_is_refused(make):
    line = make("push", REGISTRY="localhost:5000", TAG="latest")
    assert line.startswith("make push: TAG=latest is refused, as nobody can tell what it ran")


def test_a_tag_that_cannot_be_one_is_refused(make):
    assert "TAG=a/b cannot be a tag" in make("image", TAG="a/b")


@pytest.mark.parametrize(
    "target", ["install", "upgrade", "rollback", "uninstall", "helm-test", "predict", "url", "logs"]
)
@needs("kubectl")
def test_a_context_that_there_is_not_is_told_with_those_there_are(make, target):
    line = make(target, PROFILE="nowhere", HELM=shutil.which("true"))
    assert line == (
        f"make {target}: There is no kube context nowhere (there are minikube, production): "
        "run `make minikube-up`, or set PROFILE or CONTEXT."
    )


@needs("kubectl")
def test_a_cluster_that_does_not_answer_is_told_and_the_current_context_is_not_asked_instead(make):
    line = make("install", HELM=shutil.which("true"))
    assert line == (
        "make install: The cluster of context minikube does not answer: "
        "run `make minikube-up`, or set CONTEXT to another."
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A git repository with an image of one file."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "Dockerfile").write_text(
        "FROM scratch AS one\nCOPY app.py other /\nFROM scratch\nCOPY --from=one /x /y\n"
    )
    (folder / "app.py").write_text("print(1)\n")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--message=first")
    return folder


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_tag_of_a_clean_checkout_is_its_commit(checkout):
    assert make_tag(Settings(), checkout) == git(checkout, "rev-parse", "--short=12", "HEAD")


def test_a_change_of_what_is_in_the_image_changes_the_tag(checkout):
    clean = make_tag(Settings(), checkout)
    (checkout / "app.py").write_text("print(2)\n")
    second = make_tag(Settings(), checkout)
    (checkout / "app.py").write_text("print(3)\n")
    third = make_tag(Settings(), checkout)
    (checkout / "other").write_text("new")
    fourth = make_tag(Settings(), checkout)
    assert len({clean, second, third, fourth}) == 4
    assert all(tag.startswith(f"{clean}-dirty-") for tag in (second, third, fourth))
    assert make_tag(Settings(), checkout) == fourth


def test_a_change_beside_the_image_leaves_the_tag(checkout):
    clean = make_tag(Settings(), checkout)
    (checkout / "notes.txt").write_text("not in the image")
    assert make_tag(Settings(), checkout) == clean


def test_without_a_commit_the_tag_must_be_given(tmp_path):
    with pytest.raises(Problem, match="set TAG"):
        make_tag(Settings(), tmp_path)
    assert make_tag(Settings(tag="1.2.3"), tmp_path) == "1.2.3"


def test_variables_are_read_and_empty_ones_keep_their_defaults():
    settings = Settings.from_environment({"RELEASE": "iris", "NAMESPACE": "", "PROFILE": " two ", "UNKNOWN": "x"})
    assert (settings.release, settings.namespace, settings.kube_context) == ("iris", "ml-api", "two")
    assert Settings.from_environment({"PROFILE": "two", "CONTEXT": "three"}).kube_context == "three"


def test_a_timeout_that_is_no_number_is_refused():
    with pytest.raises(Problem, match="TIMEOUT is '5m', but it must be a whole number of seconds"):
        Settings.from_environment({"TIMEOUT": "5m"})


def test_values_are_forgotten_only_at_the_word_for_it():
    assert Settings.from_environment({}).keeps_values
    assert not Settings.from_environment({"RESET": "yes"}).keeps_values
    with pytest.raises(Problem, match="RESET is 'no', but it can only be yes"):
        Settings.from_environment({"RESET": "no"})


@pytest.mark.parametrize(
    ("given", "target", "written"),
    [
        ({}, "predict", "make predict"),
        ({"release": "wine"}, "predict", "make predict RELEASE=wine"),
        ({"namespace": "shop", "context": "minikube"}, "predict", "make predict NAMESPACE=shop"),
        ({"profile": "two", "context": "two"}, "predict", "make predict PROFILE=two"),
        ({"context": "cloud"}, "predict", "make predict CONTEXT=cloud"),
        ({"release": "wine", "profile": "two"}, "tunnel", "make tunnel PROFILE=two"),
        ({"release": "wine"}, "upgrade SET=a=1", "make upgrade SET=a=1 RELEASE=wine"),
    ],
)
def test_a_hint_leads_to_the_same_release(given, target, written):
    assert Settings(**given).target(target) == written


@pytest.mark.parametrize(
    ("kept", "followed"),
    [
        ({}, True),
        ({"model": {"uri": "https://models.example.com/wine"}}, True),
        ({"image": {"tag": "old"}}, True),
        ({"image": {"repository": "ml-api", "tag": "old"}}, True),
        ({"image": {"repository": "wine", "tag": "1"}}, False),
    ],
)
def test_a_release_follows_the_image_that_was_made_unless_it_runs_one_of_another_name(tmp_path, kept, followed):
    record = tmp_path / "image.json"
    assert chart_flags(Settings(set="image.tag=1"), json.dumps(kept), record) == ["--set=image.tag=1"]
    record.write_text(json.dumps({"image": {"registry": "", "repository": "ml-api", "tag": "new", "digest": ""}}))
    assert chart_flags(Settings(), json.dumps(kept), record) == ([f"--values={record}"] if followed else [])


def test_without_an_image_a_new_release_is_refused(tmp_path):
    with pytest.raises(Problem, match="There is no image yet: run `make push"):
        chart_flags(Settings(), "{}", tmp_path / "image.json")
    kept = '{"image": {"tag": "1"}}'
    assert chart_flags(Settings(), kept, tmp_path / "image.json") == []


def deployment(**status: int) -> dict:
    full = {"observedGeneration": 2, "replicas": 3, "updatedReplicas": 3, "availableReplicas": 3}
    return {"metadata": {"generation": 2}, "spec": {"replicas": 3}, "status": full | status}


def test_a_rollout_is_complete_when_every_pod_is_new_and_ready():
    assert is_complete(deployment())


@pytest.mark.parametrize(
    "status", [{"observedGeneration": 1}, {"replicas": 4}, {"updatedReplicas": 2}, {"availableReplicas": 2}]
)
def test_a_rollout_is_not_complete_before(status):
    assert not is_complete(deployment(**status))


def test_what_fails_is_looked_for_in_the_newest_pods_of_each_deployment():
    def replica_set(owner: str, revision: int, pods: str) -> dict:
        metadata = {"ownerReferences": [{"name": owner}], "labels": {"pod-template-hash": pods}}
        return {"metadata": metadata | {"annotations": {"deployment.kubernetes.io/revision": str(revision)}}}

    sets = [replica_set("iris", 10, "new"), replica_set("iris", 9, "old"), replica_set("iris-canary", 1, "canary")]
    assert newest_hashes(sets) == {"new", "canary"}
