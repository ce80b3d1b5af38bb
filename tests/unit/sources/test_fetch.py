"""Fetching a bundle: the one that was asked for, or nothing."""

import json
import os
import resource
import shutil
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from fetching import ACCESS, Notes, contents, digest_of

from service.errors import BundleError
from service.sources.access import Access
from service.sources.fetch import fetch

NOBODY = 65534


@pytest.mark.parametrize("path", ["/bundle", "/bundle/", "/bundle/model.json"])
@pytest.mark.parametrize("scheme", ["file", "http"])
def test_a_bundle_arrives_whole(source, web, tmp_path, scheme, path):
    base = web.url if scheme == "http" else source.as_uri()
    notes = Notes()
    wanted = contents(source / "bundle")
    bundle = fetch(base + path, tmp_path / "new" / "bundle", digest_of(source / "bundle"), Access(listener=notes))
    assert bundle.manifest.name == "iris"
    assert contents(tmp_path / "new" / "bundle") == wanted
    assert notes.sizes == notes.totals == {name: len(content) for name, content in wanted.items()}
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["bundle"]


def test_without_a_digest_what_comes_is_taken_and_its_digest_told(source, tmp_path):
    bundle = fetch((source / "bundle").as_uri(), tmp_path / "new", "", ACCESS)
    assert bundle.sha256 == digest_of(source / "bundle")


def test_an_empty_folder_such_as_a_mounted_volume_is_filled(source, tmp_path):
    (tmp_path / "volume").mkdir()
    fetch((source / "bundle").as_uri(), tmp_path / "volume", digest_of(source / "bundle"), ACCESS)
    assert contents(tmp_path / "volume") == contents(source / "bundle")


def test_what_is_there_already_is_not_fetched_again(source, tmp_path):
    shutil.copytree(source / "bundle", tmp_path / "there")
    bundle = fetch("http://127.0.0.1:1/bundle", tmp_path / "there", digest_of(source / "bundle"), ACCESS)
    assert bundle.manifest.name == "iris"


def test_a_damaged_bundle_is_fetched_again(source, tmp_path):
    shutil.copytree(source / "bundle", tmp_path / "there")
    (tmp_path / "there" / "model.onnx").write_bytes(b"damaged")
    fetch((source / "bundle").as_uri(), tmp_path / "there", digest_of(source / "bundle"), ACCESS)
    assert contents(tmp_path / "there") == contents(source / "bundle")


def test_what_a_killed_fetch_left_in_a_volume_does_not_stop_the_next_one(source, tmp_path):
    (tmp_path / "volume" / ".0123456789abcdef.new").mkdir(parents=True)
    (tmp_path / "volume" / ".0123456789abcdef.new" / "model.onnx").write_bytes(b"half")
    fetch((source / "bundle").as_uri(), tmp_path / "volume", digest_of(source / "bundle"), ACCESS)
    assert contents(tmp_path / "volume") == contents(source / "bundle")


def test_a_bundle_of_another_format_takes_the_old_one_s_place(source, diabetes_bundle, tmp_path):
    target = tmp_path / "new"
    for bundle in (diabetes_bundle, source / "bundle"):
        fetch(bundle.as_uri(), target, digest_of(bundle), ACCESS)
        assert contents(target) == contents(bundle)


@pytest.mark.parametrize(
    ("uri", "sentence"),
    [
        ("{web}/nowhere", "/nowhere/model.json answered 404 Not Found: check the address."),
        (
            "http://127.0.0.1:1/bundle",
            "No whole answer from http://127.0.0.1:1/bundle/model.json: .*Connection refused",
        ),
        ("http://[/bundle", "no URI of a bundle: Invalid IPv6 URL."),
        ("file:///nowhere/bundle", "Cannot read /nowhere/bundle/model.json: No such file or directory."),
        ("file:///a%00b", "file:///a%00b/model.json names no file: no path has a NUL character in it."),
        ("file:///a%00b.tar.gz", "file:///a%00b.tar.gz names no file"),
        ("file://nowhere/bundle", "names a machine: write file:///PATH"),
        ("ftp://example.com/bundle", "cannot be fetched over 'ftp': the URI begins with one of file://, http://"),
        ("bundle", "cannot be fetched over ''"),
    ],
)
def test_a_bundle_that_cannot_be_had_is_told_and_nothing_is_left(source, web, tmp_path, uri, sentence):
    with pytest.raises(BundleError, match=sentence):
        fetch(uri.format(web=web.url), tmp_path / "deep" / "new", digest_of(source / "bundle"), ACCESS)
    assert not (tmp_path / "deep").exists()


def test_another_digest_keeps_nothing_of_a_new_folder_and_all_of_an_old_one(source, tmp_path):
    shutil.copytree(source / "bundle", tmp_path / "old")
    wanted = "0" * 64
    for target in (tmp_path / "new", tmp_path / "old"):
        with pytest.raises(BundleError, match=f"but {wanted} is wanted: nothing of it was kept"):
            fetch((source / "bundle").as_uri(), target, wanted, ACCESS)
    assert not (tmp_path / "new").exists()
    assert contents(tmp_path / "old") == contents(source / "bundle")


def test_a_model_file_that_its_manifest_does_not_name_is_refused(source, tmp_path):
    (source / "bundle" / "model.onnx").write_bytes(b"another model")
    with pytest.raises(BundleError, match="nothing of it was kept"):
        fetch((source / "bundle").as_uri(), tmp_path / "new", digest_of(source / "bundle"), ACCESS)
    assert not (tmp_path / "new").exists()


def lie(source: Path, **changes: object) -> str:
    path = source / "bundle" / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return digest_of(source / "bundle")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"file": "../../escaped"}, r"model\.json is not a manifest that this version of ml-api knows: file"),
        ({"file": "/etc/passwd"}, r"model\.json is not a manifest"),
        ({"file": "model.json"}, "calls its model file model.json, which no bundle may"),
        ({"file": "other.onnx"}, r"Cannot read .*other\.onnx"),
        ({"sha256": "0" * 64}, "nothing of it was kept"),
        ({"format": "exe"}, "is not a manifest"),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else "",
)
def test_a_manifest_that_lies_is_refused(source, tmp_path, changes, sentence):
    digest = lie(source, **changes)
    with pytest.raises(BundleError, match=sentence):
        fetch((source / "bundle").as_uri(), tmp_path / "new", digest, ACCESS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source"]


def test_no_code_of_a_fetched_model_is_run(source, tmp_path):
    """A pickle that would make a file lies in the bundle; it is brought and left alone."""
    proof = tmp_path / "executed"
    bomb = f"cos\nsystem\n(S'touch {proof}'\ntR.".encode()
    (source / "bundle" / "model.pkl").write_bytes(bomb)
    digest = lie(source, format="pickle", file="model.pkl", sha256=sha256(bomb).hexdigest())
    fetch((source / "bundle").as_uri(), tmp_path / "new", digest, ACCESS)
    assert (tmp_path / "new" / "model.pkl").read_bytes() == bomb
    assert not proof.exists()


def test_a_manifest_without_bounds_is_not_read_to_its_end(source, tmp_path):
    with (source / "bundle" / "model.json").open("ab") as file:
        file.truncate(5 * 1024 * 1024)
    with pytest.raises(BundleError, match=r"model\.json is larger than 4194304 bytes"):
        fetch((source / "bundle").as_uri(), tmp_path / "new", digest_of(source / "bundle"), ACCESS)


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_a_model_file_beyond_the_bound_is_not_fetched(source, web, tmp_path, scheme):
    base = web.url if scheme == "http" else source.as_uri()
    with pytest.raises(BundleError, match=r"model\.onnx is larger than 100 bytes"):
        fetch(f"{base}/bundle", tmp_path / "new", digest_of(source / "bundle"), Access(maximum_bytes=100))
    assert not (tmp_path / "new").exists()


def test_a_folder_with_other_files_is_left_alone(source, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(BundleError, match="holds files but no bundle"):
        fetch((source / "bundle").as_uri(), tmp_path, digest_of(source / "bundle"), ACCESS)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_target_that_cannot_be_written_is_told(source, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BundleError, match=r"Cannot write the bundle to .*: Not a directory"):
        fetch((source / "bundle").as_uri(), tmp_path / "file" / "new", digest_of(source / "bundle"), ACCESS)


def test_a_disk_without_space_leaves_nothing_behind(source, tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))  # the 101st byte of a file fails
    try:
        with pytest.raises(BundleError, match=r"Cannot write the bundle to .*/new: File too large"):
            fetch((source / "bundle").as_uri(), tmp_path / "new", digest_of(source / "bundle"), ACCESS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source"]


@contextmanager
def without_rights():
    """Be a user without rights; root may do everything."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.mark.parametrize(
    ("closed", "sentence"), [("source", "Cannot read .*: Permission"), ("target", "Cannot write .*: Permission")]
)
def test_a_folder_without_permission_is_told(source, closed, sentence):
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        shutil.copytree(source / "bundle", folder / "source").chmod(0o755)
        (folder / "target").mkdir()
        (folder / "target").chmod(0o777)
        (folder / closed).chmod(0o000)
        try:
            with without_rights(), pytest.raises(BundleError, match=f"{sentence} denied"):
                fetch((folder / "source").as_uri(), folder / "target", "", ACCESS)
        finally:
            (folder / closed).chmod(0o700)
        assert contents(folder / "target") == {}
