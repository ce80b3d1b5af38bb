"""From a registry into the pods, by digest."""

import json
import shutil
from collections.abc import Callable

import making
from registry import Registry, image_of_registry, start_registry
from space import NAME, RELEASE, SMALL, Space, image, merge, recorded_image
from waiting import until

from tools.base.programs import capture


def test_pods_pull_the_pushed_image_by_digest_and_share_the_requests(space: Space) -> None:
    space.install({"replicaCount": 3, "config": {"podHeader": True}})
    space.start_client()

    pods = space.pods()
    digest = recorded_image()["digest"]
    assert [pod["status"]["containerStatuses"][0]["imageID"].rpartition("@")[2] for pod in pods] == [digest] * 3

    until(lambda: space.answering() == space.pod_names(), "requests come to every pod", 30)
    answers = space.ask(f"http://{NAME}/predict", times=60)
    assert {json.dumps(answer["body"]) for answer in answers} == {'{"predictions": ["setosa"]}'}


def test_neither_image_holds_more_than_a_pod_needs_and_both_work_without_a_shell_or_a_network() -> None:
    done = making.make("image-check", {})
    assert done.returncode == 0, done.stderr
    checked = [line for line in done.stdout.splitlines() if line.endswith("nothing found")]
    assert len(checked) == 2, done.stdout


def test_no_answer_names_its_pod_unless_that_is_asked_for(space: Space) -> None:
    space.install({"replicaCount": 1})
    space.start_client()
    assert space.ask(f"http://{NAME}/predict")[0]["pod"] is None


def test_a_registry_with_a_password_serves_pods_that_have_its_secret(
    space: Space, make_space: Callable[..., Space], tmp_path_factory
) -> None:
    registry = start_registry(make_space("privileged"))
    docker = shutil.which("docker")
    try:
        check_private_registry(space, registry, str(tmp_path_factory.mktemp("docker")), docker)
    finally:
        registry.close()


def check_private_registry(space: Space, registry: Registry, folder: str, docker: str) -> None:
    private = f"{registry.host}/ml-api:e2e"
    tagged = capture(docker, "tag", image_of_registry(), private)
    assert tagged.ok, tagged.errors
    stranger = making.make("push", {"REGISTRY": registry.host})
    assert f"The registry {registry.host} refused the push (no basic auth credentials)" in stranger.stderr
    assert f"`docker login {registry.host}`" in stranger.stderr
    login = ("login", registry.host, "--username", registry.user, "--password-stdin")
    assert capture(docker, "--config", folder, *login, given=registry.password).ok
    pushed = capture(docker, "--config", folder, "push", private)
    assert pushed.ok, pushed.errors
    digest = capture(docker, "image", "inspect", "--format={{json .RepoDigests}}", private)
    wanted = next(name for name in json.loads(digest.output) if name.startswith(registry.host)).rpartition("@")[2]

    place = {"registry": registry.host, "repository": "ml-api", "tag": "e2e", "digest": wanted}
    values = merge(SMALL, {"replicaCount": 1, "image": place})
    refused = space.try_helm("install", RELEASE, *space.chart, "--wait", "--timeout=5s", values=values)
    assert not refused.ok
    until(lambda: any("401" in told or "authoriz" in told for told in space.events("Failed")), "the pull is refused")

    space.kubectl(
        "create", "secret", "docker-registry", "registry", f"--docker-server={registry.host}",
        f"--docker-username={registry.user}", f"--docker-password={registry.password}",
    )  # fmt: skip
    secret = {"imagePullSecrets": [{"name": "registry"}]}
    space.helm("upgrade", RELEASE, *space.chart, "--wait", "--timeout=120s", values=merge(values, secret))
    (pod,) = until(lambda: [pod for pod in space.pods() if pod["status"]["phase"] == "Running"], "the pod runs")
    assert pod["spec"]["containers"][0]["image"] == f"{private}@{wanted}"
    assert image() != f"{private}@{wanted}"
    passed = space.try_helm("test", RELEASE, "--logs")
    assert passed.ok, passed.output
