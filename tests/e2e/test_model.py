"""Where the model comes from, and how it is changed."""

import json
import re
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from models import Model, broken_model, iris_model, put, serve_models
from registry import start_registry
from space import DRAINING, NAME, RELEASE, SETOSA, SMALL, VIRGINICA, Space, image, merge
from traffic import capacity, traffic, with_upper
from waiting import until

from service.sources.access import Access
from service.sources.push import push

# The deadline of the rollout, and what a busy machine needs around it.
PATIENCE_SECONDS = 75


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return iris_model(tmp_path_factory.mktemp("models") / "first", "1")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return iris_model(tmp_path_factory.mktemp("models") / "changed", "2", upper=True)


@pytest.fixture
def node_folder(make_space: Callable[..., Space]) -> tuple[Space, str]:
    """A folder on the node, and a pod that may write to it."""
    space = make_space("privileged")
    folder = f"/tmp/ml-api-{space.name}"  # noqa: S108  # on the node
    volume = {"name": "node", "hostPath": {"path": folder, "type": "DirectoryOrCreate"}}
    container = {
        "name": "writer",
        "image": image(),
        "command": ["python", "-c", "import signal; signal.sigwait([signal.SIGTERM])"],
        "securityContext": {"runAsUser": 0},
        "volumeMounts": [{"name": "node", "mountPath": "/node"}],
    }
    spec = {"terminationGracePeriodSeconds": 1, "containers": [container], "volumes": [volume]}
    space.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "writer"}, "spec": spec})
    space.kubectl("wait", "--for=condition=Ready", "pod/writer", "--timeout=60s")
    yield space, folder
    space.kubectl("exec", "writer", "--", "python", "-c", "import shutil; shutil.rmtree('/node/iris', True)")


def test_a_bundle_on_a_volume_is_served(space: Space, node_folder: tuple[Space, str], changed: Model) -> None:
    node, folder = node_folder
    put(node, "writer", changed, "/node/iris")
    claim_volume(space, folder)
    try:
        model = {"existingClaim": "models", "subPath": "iris", "sha256": changed.sha256}
        space.install({"replicaCount": 1, "model": model})
        space.start_client()
        assert space.ask(f"http://{NAME}/predict")[0]["body"] == {"predictions": ["SETOSA"]}
    finally:
        space.kubectl("delete", "pv", space.name, "--wait=false")


def claim_volume(space: Space, folder: str) -> None:
    """Make a static volume of a folder on the node, and claim it."""
    common = {"accessModes": ["ReadOnlyMany"], "storageClassName": ""}
    volume = {**common, "capacity": {"storage": "1Gi"}, "hostPath": {"path": folder}}
    claim = {**common, "volumeName": space.name, "resources": {"requests": {"storage": "1Gi"}}}
    space.apply(
        {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": space.name}, "spec": volume},
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "models"}, "spec": claim},
    )


def test_a_bundle_from_http_is_served_under_its_digest_and_no_other(space: Space, changed: Model) -> None:
    address = serve_models(space, {"changed": changed})
    uri = f"{address}/changed"
    space.install({"replicaCount": 1, "model": {"uri": uri, "sha256": changed.sha256}})
    space.start_client()
    assert space.ask(f"http://{NAME}/predict")[0]["body"] == {"predictions": ["SETOSA"]}

    wrong = {"replicaCount": 1, "model": {"uri": uri, "sha256": "0" * 64}}
    assert changed.sha256 in failed_upgrade(space, wrong), "kubectl describe tells the digest that came"
    assert space.ask(f"http://{NAME}/predict")[0]["body"] == {"predictions": ["SETOSA"]}


def test_a_bundle_from_a_registry_with_a_password_is_served(
    space: Space, make_space: Callable[..., Space], changed: Model, tmp_path: Path
) -> None:
    registry = start_registry(make_space("privileged"))
    try:
        # This machine calls it localhost and pods call it by the node's address; the login is for both.
        inside = f"{node_address(space)}:{registry.host.rpartition(':')[2]}"
        auth = {"auth": b64encode(f"{registry.user}:{registry.password}".encode()).decode()}
        logins = json.dumps({"auths": {registry.host: auth, inside: auth}})
        (tmp_path / ".dockerconfigjson").write_text(logins)
        push(changed.folder, f"oci://{registry.host}/models/iris:1", Access(credentials=tmp_path))
        secret = {
            "kind": "Secret",
            "type": "kubernetes.io/dockerconfigjson",
            "stringData": {".dockerconfigjson": logins},
        }
        space.apply({"apiVersion": "v1", "metadata": {"name": "entry"}, **secret})
        fetched = {"uri": f"oci://{inside}/models/iris:1", "sha256": changed.sha256}
        with_login = {**fetched, "fetch": {"secret": "entry", "plainHttp": True}}
        space.install({"replicaCount": 1, "model": with_login})
        space.start_client()
        assert space.ask(f"http://{NAME}/predict")[0]["body"] == {"predictions": ["SETOSA"]}

        stranger = {
            "replicaCount": 1,
            "podLabels": {"login": "none"},
            "model": {**with_login, "fetch": {"plainHttp": True}},
        }
        assert "is not for everybody: give a user and a password" in failed_upgrade(space, stranger)
    finally:
        registry.close()


def node_address(space: Space) -> str:
    """The address of the cluster's node."""
    (node,) = space.get("nodes")["items"]
    return next(item["address"] for item in node["status"]["addresses"] if item["type"] == "InternalIP")


@pytest.mark.timeout(300)
def test_a_changed_model_rolls_out_without_one_wrong_or_failed_answer(
    space: Space, first: Model, changed: Model
) -> None:
    address = serve_models(space, {"first": first, "changed": changed})
    space.install({"replicaCount": 3, **DRAINING, "model": {"uri": f"{address}/first", "sha256": first.sha256}})
    space.start_client()
    rate = 0.5 * capacity(space)
    questions = [with_upper(SETOSA), with_upper(VIRGINICA)]

    with traffic(space, rate=rate, questions=questions) as clients:
        clients.sent(2000)
        space.upgrade(values={"model": {"uri": f"{address}/changed", "sha256": changed.sha256}})
        tally = clients.stop()
    with traffic(space, rate=rate, questions=questions) as clients:
        clients.sent(2000)
        after = clients.stop()

    assert tally["failed"] == after["failed"] == 0, (tally, after)
    assert set(tally["answers"]) == {
        f'{{"predictions": ["{name}"]}}' for name in ("setosa", "SETOSA", "virginica", "VIRGINICA")
    }
    assert set(after["answers"]) == {'{"predictions": ["SETOSA"]}', '{"predictions": ["VIRGINICA"]}'}


@pytest.mark.timeout(300)
def test_a_model_that_cannot_be_loaded_never_serves_and_the_old_one_stays(
    space: Space, first: Model, tmp_path: Path
) -> None:
    broken = broken_model(first, tmp_path / "broken")
    address = serve_models(space, {"first": first, "broken": broken})
    space.install({"replicaCount": 2, "model": {"uri": f"{address}/first", "sha256": first.sha256}})
    space.start_client()
    before = space.pod_names()

    with traffic(space, rate=200) as clients:
        clients.sent(100)
        told = failed_upgrade(
            space, {"replicaCount": 2, "model": {"uri": f"{address}/broken", "sha256": broken.sha256}}
        )
        assert "model.onnx" in told
        assert before <= space.pod_names()
        space.helm("rollback", RELEASE, "1", "--wait", "--timeout=120s")
        space.settle()
        tally = clients.stop()
    assert tally["failed"] == 0, tally
    assert tally["right"] == tally["sent"] > 1000
    assert space.pod_names() == before


def failed_upgrade(space: Space, values: dict) -> str:
    """Upgrade in vain, with little patience, and give what `kubectl describe` says of the reason."""
    patience = {"probes": {"startup": {"failureThreshold": 5}}, "progressDeadlineSeconds": 20}
    values = merge(merge(SMALL, patience), values)
    begun = time.monotonic()
    refused = space.try_helm("upgrade", RELEASE, *space.chart, "--wait", "--timeout=90s", values=values)
    assert time.monotonic() - begun < PATIENCE_SECONDS
    assert not refused.ok
    assert "Deployment" in refused.errors, refused.errors
    return until(lambda: described_failure(space), "kubectl describe tells why")


def described_failure(space: Space) -> str:
    """What `kubectl describe` says of the end of a container that failed; empty if none did."""
    told = space.kubectl("describe", "pods", f"--selector=app.kubernetes.io/instance={RELEASE}")
    messages = re.findall(r"Message: (.*?)\n +Exit Code:", told, re.DOTALL)
    return next((message for message in messages if "Error: " in message), "")
