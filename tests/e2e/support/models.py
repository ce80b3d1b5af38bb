"""Bundles for the cluster: a good one, a changed one, one that loads slowly, one that cannot be loaded."""

import hashlib
import io
import json
import shutil
import tarfile
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from space import RESTRICTED, Space, image

from service import pack

SLOW_SECONDS = 20


@dataclass(frozen=True)
class Model:
    """A bundle on this machine, and the digest that pins it."""

    folder: Path
    sha256: str


def iris_model(folder: Path, version: str, *, upper: bool = False) -> Model:
    """The demo model; its changed form answers SETOSA instead of setosa."""
    iris = load_iris(as_frame=True)
    names = [name.upper() if upper else name for name in iris.target_names]
    classifier = make_pipeline(StandardScaler(), LogisticRegression())
    classifier.fit(iris.data, [names[target] for target in iris.target])
    return Model(folder, pack(classifier, iris.data, folder, name="iris", version=version).sha256)


def slow_model(folder: Path) -> Model:
    """A pickled estimator in which something sleeps when it is loaded in a pod."""
    iris = load_iris(as_frame=True)
    classifier = LogisticRegression(max_iter=1000).fit(iris.data, iris.target_names[iris.target])
    classifier.pause_ = Pause()
    return Model(folder, pack(classifier, iris.data, folder, name="iris", version="slow", format="sklearn").sha256)


class Pause:
    """Becomes a sleep when it is unpickled in a pod, and nothing elsewhere."""

    def __reduce__(self) -> tuple:
        here = "'KUBERNETES_SERVICE_HOST' in __import__('os').environ"
        return eval, (f"__import__('time').sleep({SLOW_SECONDS} if {here} else 0)",)


def broken_model(good: Model, folder: Path) -> Model:
    """The good bundle with rubbish for a model, under digests that are right."""
    shutil.copytree(good.folder, folder)
    manifest = json.loads((folder / "model.json").read_text())
    (folder / manifest["file"]).write_bytes(b"rubbish")
    manifest["sha256"] = hashlib.sha256(b"rubbish").hexdigest()
    text = json.dumps(manifest)
    (folder / "model.json").write_text(text)
    return Model(folder, hashlib.sha256(text.encode()).hexdigest())


UNPACK = """
import base64, io, sys, tarfile
packed = io.BytesIO(base64.b64decode(sys.stdin.read()))
tarfile.open(fileobj=packed).extractall(sys.argv[1], filter="data")
"""


def put(space: Space, pod: str, model: Model, folder: str) -> None:
    """Copy a bundle into a folder of a pod."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for file in sorted(model.folder.iterdir()):
            archive.add(file, file.name)
    content = b64encode(packed.getvalue()).decode()
    space.kubectl("exec", "-i", pod, "--", "python", "-c", UNPACK, folder, given=content)


def serve_models(space: Space, models: dict[str, Model]) -> str:
    """Serve bundles over HTTP from a pod of the service's own image.

    Returns:
        The address of the folder that holds them.
    """
    container = {
        "name": "models",
        "image": image(),
        "command": ["python", "-m", "http.server", "8000", "--directory", "/models"],
        "securityContext": RESTRICTED,
        "volumeMounts": [{"name": "models", "mountPath": "/models"}],
        "readinessProbe": {"httpGet": {"path": "/", "port": 8000}, "periodSeconds": 1},
    }
    pod = {
        "terminationGracePeriodSeconds": 1,
        "containers": [container],
        "volumes": [{"name": "models", "emptyDir": {}}],
    }
    spec = {"selector": {"app": "models"}, "ports": [{"port": 8000}]}
    space.apply(
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "models", "labels": {"app": "models"}}, "spec": pod},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "models"}, "spec": spec},
    )
    space.kubectl("wait", "--for=condition=Ready", "pod/models", "--timeout=60s")
    for name, model in models.items():
        put(space, "models", model, f"/models/{name}")
    return f"http://models.{space.name}.svc:8000"
