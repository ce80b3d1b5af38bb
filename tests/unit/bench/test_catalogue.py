import tomllib
from pathlib import Path

import pytest

from bench.catalogue import MODELS, PEERS, WORKLOADS, is_measured
from bench.environments import OURS

ROOT = Path(__file__).parents[3]
FOLDERS = sorted({peer.environment for peer in PEERS} - set(OURS))


def locked(folder):
    packages = tomllib.loads((folder / "uv.lock").read_text())["package"]
    return {package["name"]: package["version"] for package in packages}


@pytest.mark.parametrize("name", FOLDERS)
def test_each_peer_is_pinned_and_reads_the_models_with_the_scikit_learn_that_wrote_them(name):
    folder = ROOT / "bench" / "peers" / name
    assert locked(folder)["scikit-learn"] == locked(ROOT)["scikit-learn"]
    wanted = tomllib.loads((folder / "pyproject.toml").read_text())["project"]["dependencies"]
    assert all("==" in requirement for requirement in wanted)


def test_no_folder_of_a_peer_is_left_out():
    assert sorted(path.name for path in (ROOT / "bench" / "peers").iterdir() if path.is_dir()) == FOLDERS


def test_every_model_has_a_workload_that_some_peer_takes_part_in():
    rivals = [peer for peer in PEERS if not peer.is_ours and not peer.is_floor]
    measured = {workload.model for workload in WORKLOADS for peer in rivals if is_measured(peer, workload)}
    assert measured == set(MODELS)
