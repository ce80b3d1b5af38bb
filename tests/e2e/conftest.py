"""A namespace for each test on the current cluster, with the restricted Pod Security level enforced."""

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import evidence
import pytest
from pytest_helm_charts.clusters import Cluster
from pytest_helm_charts.k8s.namespace import ensure_namespace_exists
from space import Space

from tools.cluster.kube import Kube, connect
from tools.cluster.settings import Settings

# Cheap tests first: what is broken for all is told after a minute.
ORDER = (
    "image",
    "make",
    "lifecycle",
    "service",
    "model",
    "canary",
    "front",
    "auth",
    "throttled",
    "probes",
    "disruption",
    "monitoring",
    "ct",
    "release",
    "upgrade",
    "loss",
    "autoscaling",
)
MakeSpace = Callable[..., Space]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: ORDER.index(item.path.stem.removeprefix("test_")))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    report = yield
    if call.when in ("setup", "call") and report.failed:
        spaces = [*item.stash.get(SPACES, []), *item.parent.stash.get(SPACES, [])]
        report.sections.append(("artefacts", str(evidence.keep(spaces, item.nodeid.partition("::")[2]))))
    return report


SPACES: pytest.StashKey[list[Space]] = pytest.StashKey()


@pytest.fixture(scope="session")
def settings() -> Settings:
    """What `make e2e` was asked for; the context above all."""
    return Settings.from_environment()


@pytest.fixture(scope="session")
def kube(settings: Settings) -> Kube:
    return connect(settings)


@contextmanager
def temporary_spaces(cluster: Cluster, kube: Kube, node: pytest.Item | pytest.Collector) -> Iterator[MakeSpace]:
    """Make namespaces that go at the end, called like the node."""
    spaces = node.stash.setdefault(SPACES, [])

    def make(level: str = "restricted") -> Space:
        title = node.name.removeprefix("test_").removesuffix(".py").lower()
        word = re.sub(r"[^a-z0-9]+", "-", title)[:30].strip("-")
        name = f"e2e-{word}-{secrets.token_hex(2)}"
        labels = {"pod-security.kubernetes.io/enforce": level, "ml-api/e2e": "true"}
        ensure_namespace_exists(cluster.kube_client, name, {"labels": labels})
        space = Space(Kube(replace(kube.settings, namespace=name, release="iris")))
        spaces.append(space)
        return space

    yield make
    for space in spaces:
        kube.kubectl("delete", "namespace", space.name, "--wait=false")


@pytest.fixture
def make_space(kube_cluster: Cluster, kube: Kube, request: pytest.FixtureRequest) -> Iterator[MakeSpace]:
    """Makes namespaces that go when the test ends."""
    with temporary_spaces(kube_cluster, kube, request.node) as make:
        yield make


@pytest.fixture(scope="module")
def make_shared_space(kube_cluster: Cluster, kube: Kube, request: pytest.FixtureRequest) -> Iterator[MakeSpace]:
    """Makes namespaces that go when the last test of the file ends."""
    with temporary_spaces(kube_cluster, kube, request.node) as make:
        yield make


@pytest.fixture
def space(make_space: MakeSpace) -> Space:
    return make_space()


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(__file__).parents[2]
