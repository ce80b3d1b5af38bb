"""What happens to the model's file, before the start and after it."""

from __future__ import annotations

import shutil
from hashlib import sha256

import pytest
from manifests import change_manifest, manifest_in

ROW = {"instances": [[5.1, 3.5, 1.4, 0.2]]}


@pytest.fixture
def bundle(tmp_path, iris_bundle):
    return shutil.copytree(iris_bundle, tmp_path / "iris")


def model_file(bundle):
    return bundle / manifest_in(bundle)["file"]


def refused(serve, bundle, *arguments: str) -> str:
    """See that the server ends with one sentence, and give it."""
    server = serve(bundle, *arguments)
    server.expects_failure = True
    assert server.wait() == 1
    assert "Traceback" not in str(server.log)
    assert server.log.lines[-1].startswith("Error: ")
    return server.log.lines[-1]


def truncate(bundle) -> None:
    path = model_file(bundle)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_a_truncated_model_file_is_refused(serve, bundle):
    truncate(bundle)
    assert "it is damaged or was replaced" in refused(serve, bundle)


@pytest.mark.parametrize("source", ["iris_bundle", "diabetes_bundle"])
def test_a_file_that_was_truncated_before_it_was_packed_is_refused(request, serve, tmp_path, source):
    bundle = shutil.copytree(request.getfixturevalue(source), tmp_path / "cut")
    truncate(bundle)
    change_manifest(bundle, sha256=sha256(model_file(bundle).read_bytes()).hexdigest())
    refused(serve, bundle, "--trust")


@pytest.mark.parametrize("name", ["model.json", "model file"])
def test_an_unreadable_file_is_refused(serve, bundle, name):
    path = bundle / "model.json" if name == "model.json" else model_file(bundle)
    path.unlink()
    path.symlink_to(path)  # a loop, which not even root can read
    assert str(path.name) in refused(serve, bundle)


def test_files_that_change_under_a_running_server_change_no_answer(serve, bundle, diabetes_bundle):
    server = serve(bundle).ready()
    answer, ready = server.client.post("/predict", json=ROW).json(), server.client.get("/readyz").json()
    for spoil in (
        lambda: truncate(bundle),
        lambda: shutil.copytree(diabetes_bundle, bundle, dirs_exist_ok=True),
        lambda: shutil.rmtree(bundle),
    ):
        spoil()
        assert server.client.post("/predict", json=ROW).json() == answer
        assert server.client.get("/readyz").json() == ready
