"""Fetching a bundle: the one that was asked for, or nothing."""

import shutil
import threading
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from service.bundle.fetch import fetch
from service.errors import BundleError


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and two redirects, without a line for each request."""

    def do_GET(self) -> None:
        targets = {"/elsewhere/model.json": "file:///model.json", "/moved/model.json": "/bundle/model.json"}
        if self.path not in targets:
            super().do_GET()
            return
        self.send_response(302)
        self.send_header("Location", targets[self.path])
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def source(tmp_path: Path, iris_bundle: Path) -> Path:
    """A folder with a bundle in it."""
    shutil.copytree(iris_bundle, tmp_path / "source" / "bundle")
    return tmp_path / "source"


@pytest.fixture
def web(source: Path):
    """The address of a web server over that folder."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=source)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def digest_of(bundle: Path) -> str:
    return sha256((bundle / "model.json").read_bytes()).hexdigest()


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def no_report(name: str, size: int) -> None:
    """Nobody wants to know."""


@pytest.mark.parametrize("path", ["/bundle", "/bundle/", "/bundle/model.json"])
@pytest.mark.parametrize("scheme", ["file", "http"])
def test_a_bundle_arrives_whole(source, web, tmp_path, scheme, path):
    base = web if scheme == "http" else source.as_uri()
    reports: dict[str, int] = {}
    manifest = fetch(base + path, tmp_path / "new" / "bundle", digest_of(source / "bundle"), reports.__setitem__)
    assert manifest.name == "iris"
    assert contents(tmp_path / "new" / "bundle") == contents(source / "bundle")
    assert reports == {name: len(content) for name, content in contents(source / "bundle").items()}


def test_an_empty_folder_such_as_a_mounted_volume_is_filled(source, tmp_path):
    (tmp_path / "volume").mkdir()
    fetch((source / "bundle").as_uri(), tmp_path / "volume", digest_of(source / "bundle"), no_report)
    assert contents(tmp_path / "volume") == contents(source / "bundle")


def test_what_is_there_already_is_not_fetched_again(source, tmp_path):
    shutil.copytree(source / "bundle", tmp_path / "there")
    manifest = fetch("http://127.0.0.1:1/bundle", tmp_path / "there", digest_of(source / "bundle"), no_report)
    assert manifest.name == "iris"


def test_a_damaged_bundle_is_fetched_again(source, tmp_path):
    shutil.copytree(source / "bundle", tmp_path / "there")
    (tmp_path / "there" / "model.onnx").write_bytes(b"damaged")
    fetch((source / "bundle").as_uri(), tmp_path / "there", digest_of(source / "bundle"), no_report)
    assert contents(tmp_path / "there") == contents(source / "bundle")


def test_a_redirect_within_the_scheme_is_followed(source, web, tmp_path):
    with pytest.raises(BundleError, match=r"/moved/model\.onnx answered 404"):
        fetch(f"{web}/moved", tmp_path / "new", digest_of(source / "bundle"), no_report)


@pytest.mark.parametrize(
    ("uri", "sentence"),
    [
        ("{web}/nowhere", "/nowhere/model.json answered 404 File not found."),
        ("{web}/elsewhere", "Cannot fetch .*/elsewhere/model.json"),
        ("http://127.0.0.1:1/bundle", "Cannot fetch http://127.0.0.1:1/bundle/model.json: .*Connection refused"),
        ("http://[/bundle", "Cannot fetch .*: Invalid IPv6 URL."),
        ("file:///nowhere/bundle", "Cannot read /nowhere/bundle/model.json: No such file or directory."),
        ("ftp://example.com/bundle", "cannot be fetched over 'ftp': the URI begins with file://, http:// or https://."),
        ("bundle", "cannot be fetched over ''"),
    ],
)
def test_a_bundle_that_cannot_be_had_is_told_and_nothing_is_left(source, web, tmp_path, uri, sentence):
    with pytest.raises(BundleError, match=sentence):
        fetch(uri.format(web=web), tmp_path / "new", digest_of(source / "bundle"), no_report)
    assert not (tmp_path / "new").exists()


def test_another_digest_keeps_nothing_of_a_new_folder_and_all_of_an_old_one(source, tmp_path):
    shutil.copytree(source / "bundle", tmp_path / "old")
    wanted = "0" * 64
    for target in (tmp_path / "new", tmp_path / "old"):
        with pytest.raises(BundleError, match=f"but {wanted} is wanted: nothing of it was kept"):
            fetch((source / "bundle").as_uri(), target, wanted, no_report)
    assert not (tmp_path / "new").exists()
    assert contents(tmp_path / "old") == contents(source / "bundle")


def test_a_model_file_that_its_manifest_does_not_name_is_refused(source, tmp_path):
    (source / "bundle" / "model.onnx").write_bytes(b"another model")
    with pytest.raises(BundleError, match="nothing of it was kept"):
        fetch((source / "bundle").as_uri(), tmp_path / "new", digest_of(source / "bundle"), no_report)
    assert not (tmp_path / "new").exists()


def test_a_manifest_without_bounds_is_not_read_to_its_end(source, tmp_path):
    with (source / "bundle" / "model.json").open("ab") as file:
        file.truncate(5 * 1024 * 1024)
    with pytest.raises(BundleError, match=r"model\.json is larger than 4194304 bytes"):
        fetch((source / "bundle").as_uri(), tmp_path / "new", digest_of(source / "bundle"), no_report)


def test_a_folder_with_other_files_is_left_alone(source, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(BundleError, match="holds files but no bundle"):
        fetch((source / "bundle").as_uri(), tmp_path, digest_of(source / "bundle"), no_report)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_target_that_cannot_be_written_is_told(source, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BundleError, match=r"Cannot write the bundle to .*: Not a directory"):
        fetch((source / "bundle").as_uri(), tmp_path / "file" / "new", digest_of(source / "bundle"), no_report)
