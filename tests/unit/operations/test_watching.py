"""Looks at the files of a bundle."""

import os
import shutil
import threading

import pytest
from prometheus_client import CollectorRegistry

from service.bundle.verify import Trust
from service.engine.limits import Limits
from service.engine.model import ModelSlot, load_model
from service.operations.metrics import EngineMetrics
from service.operations.watching import BundleWatch, Found


@pytest.fixture(name="watched")
def _watched(tmp_path, iris_bundle):
    folder = shutil.copytree(iris_bundle, tmp_path / "iris")
    limits = Limits(1, True, 0.0005, 8, 1000, 1.0, 100, 60.0)  # noqa: FBT003  # in the order of the class
    model = load_model(folder, Trust(), limits, EngineMetrics(CollectorRegistry()))
    yield folder, model
    model.engine.close()


@pytest.fixture(name="watch")
def _watch(watched):
    watch = BundleWatch(watched[0], ModelSlot(), 60, CollectorRegistry())
    watch.look(watched[1])
    assert watch.found == Found(watched[1].sha256, is_served=True)
    return watch


def spoil(path):
    """Change a byte in place, and nothing else that a look at the file's entry shows."""
    before = path.stat()
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_a_file_is_read_again_only_when_its_entry_changed(watched, watch, caplog):
    folder, model = watched
    spoil(folder / "model.onnx")
    watch.look(model)
    assert watch.found.is_served
    os.utime(folder / "model.onnx")
    watch.look(model)
    assert watch.found == Found(model.sha256, is_served=False)
    (record,) = caplog.records
    assert record.message == (
        f"The folder {folder} now holds another model.onnx; this pod goes on with {model.sha256}: "
        "roll it out to serve another."
    )


def test_a_bundle_that_is_gone_is_told_once(watched, watch, caplog):
    folder, model = watched
    shutil.rmtree(folder)
    watch.look(model)
    watch.look(model)
    assert watch.found == Found("", is_served=False)
    assert [record.message.partition(";")[0] for record in caplog.records] == [
        f"The folder {folder} now holds no bundle"
    ]


def test_zero_seconds_never_looks(watched):
    watch = BundleWatch(watched[0], ModelSlot(), 0, CollectorRegistry())
    watch.start()
    assert "watching" not in {thread.name for thread in threading.enumerate()}
