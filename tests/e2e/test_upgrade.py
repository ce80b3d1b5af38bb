"""From the previous release to this one, and back."""

from collections.abc import Iterator

import pytest
from previous import Previous, build_previous
from space import CHART_FLAGS, DRAINING, RELEASE, SMALL, Space, image, merge
from traffic import capacity, traffic
from waiting import until

from tools.base.programs import capture
from tools.cluster.kube import Kube

SHARE_OF_CAPACITY = 0.5
VALUES = merge(SMALL, {**DRAINING, "replicaCount": 3, "podAnnotations": {"kept": "yes"}})


@pytest.fixture(scope="module")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Previous]:
    """The previous release; docker forgets its image again."""
    built = build_previous(tmp_path_factory.mktemp("previous") / "checkout")
    yield built
    name = f"{built.image['repository']}:{built.image['tag']}"
    capture("docker", "rmi", "--no-prune", name, f"{built.image['registry']}/{name}")


@pytest.mark.timeout(900)
def test_the_previous_release_is_upgraded_and_rolled_back_without_a_lost_request(
    previous: Previous, space: Space
) -> None:
    space.helm("install", RELEASE, *previous.flags, "--wait", "--timeout=180s", values=VALUES)
    space.start_client()
    most = capacity(space)
    old = images(space)
    assert old != {image()}

    with traffic(space, rate=SHARE_OF_CAPACITY * most) as clients:
        clients.sent(1000)
        space.upgrade()
        assert images(space) == {image()}
        space.helm("test", RELEASE)
        clients.sent(10_000)
        space.helm("rollback", RELEASE, "1", "--wait", "--timeout=300s")
        until(lambda: images(space) == old, "every pod runs the previous image again", 120)
        tally = clients.stop()

    assert tally["failed"] == 0, tally
    assert tally["right"] == tally["sent"] >= 10_000
    assert {pod["metadata"]["annotations"]["kept"] for pod in space.pods()} == {"yes"}


def test_the_values_of_the_previous_release_fit_this_chart(previous: Previous, kube: Kube) -> None:
    examples = sorted((previous.chart / "ci").glob("*-values.yaml"))
    assert examples
    for example in examples:
        rendered = kube.helm("template", RELEASE, *CHART_FLAGS, f"--values={example}")
        assert rendered.ok, f"{example.name}: {rendered.errors}"


def images(space: Space) -> set[str]:
    """What the pods run, those that are leaving included."""
    return {container["image"] for pod in space.pods() for container in pod["spec"]["containers"]}
