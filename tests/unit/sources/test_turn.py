"""Fetches into one folder: at the same time, one after another that was killed, and beside one that fails."""

import logging
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from fetching import ACCESS, contents, digest_of

from service.bundle.verify import Trust, open_bundle
from service.errors import BundleError
from service.sources.access import Access, Silence
from service.sources.fetch import fetch

SECONDS = 20

KILLED = """
import os, shutil, sys
from pathlib import Path
from service.sources.access import Access
from service.sources.fetch import fetch

class Kill:
    def __init__(self, target, step):
        self.target, self.left = target, step

    def __call__(self, event, arguments):
        if event in {"os.rename", "os.remove"} and str(arguments[0]).startswith(self.target):
            if self.left == 0:
                os._exit(9)
            self.left -= 1

uri, old, target = sys.argv[1:]
for step in range(20):
    folder = f"{target}/{step}"
    shutil.copytree(old, folder)
    child = os.fork()
    if child == 0:
        sys.addaudithook(Kill(folder, step))
        fetch(uri, Path(folder), "", Access())
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
        break
"""


class Hold(Silence):
    """Holds a fetch at its first bytes until it is let go."""

    def __init__(self):
        self.arrived, self.go = Event(), Event()

    def received(self, name, size, total):
        del name, size, total
        self.arrived.set()
        assert self.go.wait(SECONDS)


class Waits(logging.Handler):
    """Notices that a fetch waits."""

    def __init__(self):
        super().__init__()
        self.sentence, self.told = "", Event()

    def emit(self, record):
        self.sentence = record.getMessage()
        self.told.set()


@pytest.fixture
def waits():
    handler = Waits()
    logger = logging.getLogger("service.sources.turn")
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


@pytest.mark.parametrize("first_succeeds", [True, False])
@pytest.mark.parametrize("is_there", [True, False])
def test_a_fetch_waits_for_the_one_that_is_under_way(source, tmp_path, waits, first_succeeds, is_there):
    target = tmp_path / "deep" / "new"
    if is_there:
        target.mkdir(parents=True)
    hold = Hold()
    digest = digest_of(source / "bundle")
    with ThreadPoolExecutor() as pool:
        wanted = digest if first_succeeds else "0" * 64
        first = pool.submit(fetch, (source / "bundle").as_uri(), target, wanted, Access(listener=hold))
        assert hold.arrived.wait(SECONDS)
        second = pool.submit(fetch, (source / "bundle").as_uri(), target, digest, ACCESS)
        assert waits.told.wait(SECONDS)
        assert waits.sentence == f"Another fetch writes to {target}: waiting for its end."
        hold.go.set()
        assert isinstance(first.exception(), BundleError) is not first_succeeds
        assert second.result().sha256 == digest
    assert contents(target) == contents(source / "bundle")


def test_fetches_at_the_same_time_do_each_other_no_harm(source, diabetes_bundle, tmp_path):
    wanted = [source / "bundle", diabetes_bundle] * 10
    with ThreadPoolExecutor(4) as pool:
        bundles = list(pool.map(lambda bundle: fetch(bundle.as_uri(), tmp_path / "new", "", ACCESS), wanted))
    assert [bundle.sha256 for bundle in bundles] == [digest_of(bundle) for bundle in wanted]
    assert contents(tmp_path / "new") in [contents(bundle) for bundle in wanted[:2]]


@pytest.mark.parametrize("is_named_alike", [True, False])
def test_a_fetch_may_be_killed_at_any_step(source, iris_bundle, diabetes_bundle, tmp_path, is_named_alike):
    """What lies there is a whole bundle or none, and the next fetch brings the whole one."""
    old = shutil.copytree(iris_bundle if is_named_alike else diabetes_bundle, tmp_path / "old")
    if is_named_alike:
        with (source / "bundle" / "model.json").open("a") as file:
            file.write(" ")
    uri = (source / "bundle").as_uri()
    subprocess.run([sys.executable, "-c", KILLED, uri, old, tmp_path / "killed"], check=True)
    folders = sorted((tmp_path / "killed").iterdir())
    assert len(folders) > 4
    for folder in folders:
        files = {path.name for path in folder.iterdir() if path.is_file()}
        if len(files) > 1:
            open_bundle(folder, Trust(owner=True)).read_model()
        fetch(uri, folder, digest_of(source / "bundle"), ACCESS)
        assert contents(folder) == contents(source / "bundle")
