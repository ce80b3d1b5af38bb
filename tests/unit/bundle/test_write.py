"""A bundle is written as a whole or not at all."""

import os
from pathlib import Path

import pytest

from service.bundle.write import staged_folder
from service.errors import BundleError

MANIFEST = (
    b'{"manifest_version":1,"name":"a","version":"1","format":"onnx","file":"model.onnx","sha256":"%s",'
    b'"inputs":[{"name":"x","datatype":"FP64","shape":[-1,1]}],'
    b'"outputs":[{"name":"y","datatype":"FP64","shape":[-1]}],'
    b'"example":{"inputs":{"x":[[1.0]]},"outputs":{"y":[1.0]}}}' % (b"0" * 64)
)


def write_bundle(folder: Path, content: bytes) -> None:
    (folder / "model.json").write_bytes(MANIFEST)
    (folder / "model.onnx").write_bytes(content)


def fill_and_fail(target: Path) -> None:
    with staged_folder(target) as folder:
        write_bundle(folder, b"new")
        _ = 1 / 0


def fill_and_lose(target: Path) -> None:
    with staged_folder(target) as folder:
        write_bundle(folder, b"new")
        folder.rename(folder.with_name("elsewhere"))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("target", ["new", "deep/er/new"])
def test_a_new_folder_appears_with_its_parents(tmp_path, target):
    with staged_folder(tmp_path / target) as folder:
        write_bundle(folder, b"1")
        assert not (tmp_path / target).exists()
    assert names(tmp_path / target) == ["model.json", "model.onnx"]


def test_an_empty_folder_is_used(tmp_path):
    (tmp_path / "empty").mkdir()
    with staged_folder(tmp_path / "empty") as folder:
        write_bundle(folder, b"1")
    assert names(tmp_path / "empty") == ["model.json", "model.onnx"]


def test_another_bundle_is_replaced_as_a_whole(tmp_path):
    for content in (b"old", b"new"):
        with staged_folder(tmp_path / "bundle") as folder:
            write_bundle(folder, content)
    assert (tmp_path / "bundle" / "model.onnx").read_bytes() == b"new"
    assert names(tmp_path) == ["bundle"]


def test_a_failure_leaves_the_old_bundle_and_nothing_else(tmp_path):
    with staged_folder(tmp_path / "bundle") as folder:
        write_bundle(folder, b"old")
    with pytest.raises(ZeroDivisionError):
        fill_and_fail(tmp_path / "bundle")
    assert (tmp_path / "bundle" / "model.onnx").read_bytes() == b"old"
    assert names(tmp_path) == ["bundle"]


def test_a_bundle_that_appears_meanwhile_is_replaced_too(tmp_path):
    with staged_folder(tmp_path / "bundle") as folder:
        write_bundle(folder, b"mine")
        (tmp_path / "bundle").mkdir()
        write_bundle(tmp_path / "bundle", b"theirs")
    assert (tmp_path / "bundle" / "model.onnx").read_bytes() == b"mine"


def test_the_old_bundle_comes_back_when_the_new_one_cannot_take_its_place(tmp_path):
    with staged_folder(tmp_path / "bundle") as folder:
        write_bundle(folder, b"old")
    with pytest.raises(BundleError, match="Cannot write the bundle"):
        fill_and_lose(tmp_path / "bundle")
    assert (tmp_path / "bundle" / "model.onnx").read_bytes() == b"old"


def test_a_file_is_no_place_for_a_bundle(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(BundleError, match="is a file: name a folder"), staged_folder(tmp_path / "file"):
        pytest.fail("the block must not run")


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(BundleError, match="holds files but no bundle"), staged_folder(tmp_path):
        pytest.fail("the block must not run")
    assert names(tmp_path) == ["thesis.tex"]


def test_a_bundle_with_other_files_beside_it_is_left_alone(tmp_path):
    write_bundle(tmp_path, b"1")
    (tmp_path / "notes.md").touch()
    with pytest.raises(BundleError, match=r"holds 'notes\.md' beside a bundle"), staged_folder(tmp_path):
        pytest.fail("the block must not run")
    assert names(tmp_path) == ["model.json", "model.onnx", "notes.md"]


def test_a_disk_that_refuses_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    with (
        pytest.raises(BundleError, match=r"Cannot write the bundle to .*: .*File exists: .*file"),
        staged_folder(tmp_path / "file" / "bundle"),
    ):
        pytest.fail("the block must not run")


def test_other_users_can_read_a_bundle(tmp_path):
    previous = os.umask(0o022)
    try:
        with staged_folder(tmp_path / "bundle") as folder:
            write_bundle(folder, b"1")
    finally:
        os.umask(previous)
    assert (tmp_path / "bundle").stat().st_mode & 0o777 == 0o755
