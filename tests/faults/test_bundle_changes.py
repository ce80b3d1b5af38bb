"""A bundle that changes under a running server, as a volume or a ConfigMap may."""

from __future__ import annotations

import shutil

import pytest

ROW = {"instances": [[5.1, 3.5, 1.4, 0.2]]}


def metric(server):
    lines = server.client.get("/metrics").text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("ml_api_bundle_changed "))


@pytest.fixture
def volume(tmp_path, iris_bundle):
    """A mounted ConfigMap as the kubelet makes it: names that lead through one link, which it swaps."""
    shutil.copytree(iris_bundle, tmp_path / "volume" / "..first")
    volume = tmp_path / "volume"
    (volume / "..data").symlink_to("..first")
    for path in iris_bundle.iterdir():
        (volume / path.name).symlink_to(f"..data/{path.name}")
    return volume


def swap(volume, folder):
    """Let the kubelet bring another content."""
    (volume / "..data_tmp").symlink_to(folder)
    (volume / "..data_tmp").rename(volume / "..data")


def test_a_swapped_volume_is_told_and_not_loaded_and_forgotten_when_it_is_swapped_back(serve, volume, iris_bundle):
    server = serve(volume, bundle_check_seconds=0.05).ready()
    server.expects_errors = True  # a change is worth a warning
    ready, answer = server.client.get("/readyz").json(), server.client.post("/predict", json=ROW).json()
    assert metric(server) == 0

    other = shutil.copytree(iris_bundle, volume / "..second")
    manifest = other / "model.json"
    manifest.write_text(manifest.read_text().replace('"setosa"', '"another"'))
    swap(volume, "..second")
    server.log.wait_for("now holds the digest")
    assert metric(server) == 1
    response = server.client.get("/readyz")
    assert response.status_code == 200
    told = response.json()
    digest = told.pop("bundle")["sha256"]
    assert told == ready
    assert digest != ready["model"]["sha256"]
    assert server.client.post("/predict", json=ROW).json() == answer

    swap(volume, "..first")
    server.log.wait_for("holds the served bundle again")
    assert metric(server) == 0
    assert server.client.get("/readyz").json() == ready
    lines = [line for line in server.log.lines if f"now holds the digest {digest}" in line]
    assert len(lines) == 1, "a change is told once"
