"""A bundle that cannot be served: one clear sentence and exit code 1, before anything is unpickled."""

from __future__ import annotations

import pickle
import shutil
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from controlled import FailsOnMany
from manifests import change_manifest, manifest_in

from service import pack

MARKER_FILE = "unpickled"


class Bomb:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self):
        return (Path.touch, (self._path,))


def digest(bundle: Path) -> str:
    return sha256((bundle / "model.json").read_bytes()).hexdigest()


@pytest.fixture
def bomb(tmp_path: Path, diabetes_bundle: Path) -> Path:
    """A bundle whose pickle leaves a file behind."""
    bundle = shutil.copytree(diabetes_bundle, tmp_path / "bomb")
    content = pickle.dumps(Bomb(tmp_path / MARKER_FILE))
    (bundle / "model.pkl").write_bytes(content)
    change_manifest(bundle, format="pickle", file="model.pkl", sha256=sha256(content).hexdigest())
    return bundle


def refuse(serve, bundle: Path, *arguments: str, **settings: object) -> str:
    """Serve a bundle that cannot be served, and give the sentence."""
    server = serve(bundle, *arguments, **settings)
    server.expects_failure = True
    assert server.wait() == 1
    errors = [line for line in server.log.lines if line.startswith("Error: ")]
    assert len(errors) == 1
    assert errors[0] == server.log.lines[-1]
    assert "Traceback" not in str(server.log)
    assert not (bundle.parent / MARKER_FILE).exists()
    return errors[0]


def test_a_pickle_without_pin_or_trust_is_not_opened(serve, bomb):
    sentence = refuse(serve, bomb)
    assert "format pickle, which executes code" in sentence
    assert f"--sha256 {digest(bomb)}" in sentence
    assert "--trust" in sentence


def test_a_wrong_digest_is_refused(serve, bomb):
    sentence = refuse(serve, bomb, "--sha256", "0" * 64)
    assert f"has the digest {digest(bomb)}, but {'0' * 64} is pinned" in sentence


def test_trust_does_not_outweigh_a_wrong_digest(serve, bomb):
    assert "is pinned" in refuse(serve, bomb, "--trust", model_sha256="0" * 64)


def test_a_damaged_model_file_is_refused(serve, bomb):
    (bomb / "model.pkl").write_bytes(pickle.dumps(Bomb(bomb.parent / MARKER_FILE)) + b" ")
    assert "it is damaged or was replaced" in refuse(serve, bomb, "--trust")


def test_a_model_of_an_incompatible_scikit_learn_is_not_opened(serve, bomb):
    change_manifest(bomb, libraries={"scikit-learn": "0.24.1"})
    sentence = refuse(serve, bomb, "--sha256", digest(bomb))
    assert "was packed with scikit-learn 0.24.1" in sentence
    assert "pip install scikit-learn==0.24.1" in sentence


def test_a_missing_model_file_is_named(serve, bomb):
    (bomb / "model.pkl").unlink()
    assert "model.pkl is missing: fetch or pack the bundle again" in refuse(serve, bomb, "--trust")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("", "There is no bundle in {}: model.json is missing"),
        ("wine.joblib", "{} is a file, and a bundle is a folder: if it is a model, pack it first"),
        ("model.json", "{} is a file, and a bundle is a folder: name the folder that holds it"),
    ],
)
def test_what_is_no_bundle_is_told_before_anything_listens(serve, tmp_path, name, told):
    (tmp_path / "wine.joblib").touch()
    if name == "model.json":
        (tmp_path / name).touch()
    server = serve(tmp_path / name)
    server.expects_failure = True
    assert server.wait() == 1
    (line,) = server.log.lines
    assert line.startswith(f"Error: {told.format(tmp_path / name)}")


def test_a_variable_that_is_no_setting_is_told_at_the_start(serve, tmp_path):
    server = serve(tmp_path, environment={"ML_API_PROT": "1", "ML_API_CANARY_PORT": "tcp://10.0.0.1:80"})
    server.expects_failure = True
    assert server.wait() == 1
    told = [line for line in server.log.lines if "is no setting" in line]
    assert len(told) == 1
    assert "WARNING" in told[0]
    assert told[0].endswith("ML_API_PROT is no setting, so it does nothing: did you mean ML_API_PORT?")


def test_an_unknown_format_is_named(serve, bomb):
    change_manifest(bomb, format="keras")
    assert "is not a manifest that this version of ml-api knows: format" in refuse(serve, bomb, "--trust")


def test_an_answer_that_differs_from_the_manifests_is_refused(serve, tmp_path, iris_bundle):
    bundle = shutil.copytree(iris_bundle, tmp_path / "iris")
    example = manifest_in(bundle)["example"]
    example["outputs"]["predict"] = ["virginica"] * len(example["outputs"]["predict"])
    change_manifest(bundle, example=example)
    assert "answers the example of its manifest differently here" in refuse(serve, bundle)


def test_a_model_that_fails_while_it_is_measured_is_refused(serve, tmp_path):
    rows = np.zeros((2, 3))
    bundle = pack(FailsOnMany().fit(rows), rows, tmp_path / "fails", name="fails", format="sklearn").folder
    server = serve(bundle, "--trust")
    server.expects_failure = True
    assert server.wait() == 1
    assert "The model failed over a batch of 8 rows." in str(server.log)
    assert server.log.lines[-1].endswith("fails cannot be loaded: the lines above have the reason.")


def test_a_port_that_is_taken_is_told(serve, iris, iris_bundle):
    server = serve(iris_bundle, port=iris.port)
    server.expects_failure = True
    assert server.wait() != 0
    assert "address already in use" in str(server.log)
    assert "Traceback" not in str(server.log)


def test_settings_that_cannot_be_are_told_all_at_once(serve, iris_bundle):
    server = serve(iris_bundle, queue_requests=0, log_level="loud", port="tcp://10.0.0.1:80", drain_seconds="nan")
    server.expects_failure = True
    assert server.wait() == 1
    text = str(server.log)
    assert text.startswith("Error: ML_API_PORT: ")
    assert "set enableServiceLinks to false" in text
    for name in ("ML_API_LOG_LEVEL", "ML_API_DRAIN_SECONDS", "ML_API_QUEUE_REQUESTS"):
        assert f"\n{name}: " in text
    assert "loud" not in text
    assert "Traceback" not in text
