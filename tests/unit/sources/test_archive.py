"""Archives of a bundle: only the bundle comes out, and nothing else happens."""

import gzip
import tarfile
import tracemalloc

import pytest
from fetching import ACCESS, contents, digest_of, write_archive

from service.errors import BundleError
from service.sources.access import Access
from service.sources.fetch import fetch

MEBIBYTE = 1024 * 1024


def member(name: str, **fields: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    for field, value in fields.items():
        setattr(info, field, value)
    return info


@pytest.mark.parametrize("root", ["", "./", "iris/", "./models/iris/"])
@pytest.mark.parametrize("name", ["iris.tar.gz", "iris.tgz"])
@pytest.mark.parametrize("scheme", ["file", "http"])
def test_a_bundle_comes_out_of_an_archive_whole(source, web, tmp_path, scheme, name, root):
    write_archive(source / name, source, root=root)
    base = web.url if scheme == "http" else source.as_uri()
    fetch(f"{base}/{name}", tmp_path / "new", digest_of(source / "bundle"), ACCESS)
    assert contents(tmp_path / "new") == contents(source / "bundle")


def test_an_archive_may_have_a_space_in_its_name(source, tmp_path):
    archive = write_archive(source / "my iris.tar.gz", source)
    fetch(archive.as_uri(), tmp_path / "new", digest_of(source / "bundle"), ACCESS)
    assert contents(tmp_path / "new") == contents(source / "bundle")


def test_other_files_in_an_archive_stay_there(source, tmp_path):
    archive = write_archive(source / "iris.tgz", source, (member("iris/README", size=4), b"read"))
    fetch(archive.as_uri(), tmp_path / "new", "", ACCESS)
    assert contents(tmp_path / "new") == contents(source / "bundle")


@pytest.mark.parametrize(
    ("info", "sentence"),
    [
        (member("../escaped"), r"path in it that leads out of the folder, '\.\./escaped'"),
        (member("iris/../../escaped"), "leads out of the folder"),
        (member("/tmp/escaped"), "leads out of the folder"),  # noqa: S108
        (member("iris/link", type=tarfile.SYMTYPE, linkname="/etc/passwd"), "a link, a device or a hole"),
        (member("iris/hard", type=tarfile.LNKTYPE, linkname="../../x"), "a link, a device or a hole"),
        (member("iris/pipe", type=tarfile.FIFOTYPE), "a link, a device or a hole"),
        (member("iris/device", type=tarfile.CHRTYPE), "a link, a device or a hole"),
        (member("other/model.json"), r"holds more than one model\.json"),
    ],
    ids=lambda value: value.name if isinstance(value, tarfile.TarInfo) else "",
)
def test_a_member_that_no_bundle_has_is_refused(source, tmp_path, info, sentence):
    archive = write_archive(source / "iris.tgz", source, (info, b""))
    with pytest.raises(BundleError, match=sentence):
        fetch(archive.as_uri(), tmp_path / "new", digest_of(source / "bundle"), ACCESS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source"]


def bomb(path, size):
    """An archive that unpacks to *size* zeros."""
    with gzip.open(path, "wb") as file:
        file.write(member("iris/zeros", size=size).tobuf())
        for _ in range(size // MEBIBYTE):
            file.write(bytes(MEBIBYTE))
        file.write(bytes(2 * 512))
    return path


def test_an_archive_that_unpacks_to_too_much_is_refused(source, tmp_path):
    archive = bomb(source / "iris.tgz", 64 * MEBIBYTE)
    assert archive.stat().st_size < MEBIBYTE
    tracemalloc.start()
    with pytest.raises(BundleError, match=f"unpacks to more than {8 * MEBIBYTE} bytes: allow more with --max-bytes"):
        fetch(archive.as_uri(), tmp_path / "new", "", Access(maximum_bytes=8 * MEBIBYTE))
    assert tracemalloc.get_traced_memory()[1] < 8 * MEBIBYTE
    tracemalloc.stop()
    assert not (tmp_path / "new").exists()


def test_a_header_that_would_fill_the_memory_is_refused(source, tmp_path):
    with gzip.open(source / "iris.tgz", "wb") as file:
        file.write(member("././@PaxHeader", size=64 * MEBIBYTE, type=tarfile.XHDTYPE).tobuf())
        file.write(bytes(64 * MEBIBYTE))
    with pytest.raises(BundleError, match="has a header of 67108864 bytes"):
        fetch((source / "iris.tgz").as_uri(), tmp_path / "new", "", ACCESS)


@pytest.mark.parametrize(
    "attributes",
    [
        *({f"GNU.sparse.{name}": value} for name, value in (("map", "a,b"), ("major", "1"), ("size", "x"))),
        {"GNU.sparse.realsize": "x"},
    ],
    ids=str,
)
def test_an_attribute_that_is_not_what_it_should_be_is_told(source, tmp_path, attributes):
    info = member("iris/hole", pax_headers=attributes | {"GNU.sparse.minor": "0"})
    archive = write_archive(source / "iris.tgz", source, (info, b""))
    with pytest.raises(BundleError, match=r"is no whole \.tar\.gz: "):
        fetch(archive.as_uri(), tmp_path / "new", "", ACCESS)


def test_headers_upon_headers_are_told(source, tmp_path):
    name = member("././@LongLink", size=1, type=tarfile.GNUTYPE_LONGNAME).tobuf() + b"a".ljust(512, b"\0")
    (source / "iris.tgz").write_bytes(gzip.compress(name * 2000 + bytes(1024)))
    with pytest.raises(BundleError, match=r"is no whole \.tar\.gz: maximum recursion depth"):
        fetch((source / "iris.tgz").as_uri(), tmp_path / "new", "", ACCESS)


def test_an_archive_of_too_many_members_is_refused(source, tmp_path):
    archive = write_archive(source / "iris.tgz", source, *((member(f"iris/{n}"), b"") for n in range(1001)))
    with pytest.raises(BundleError, match="has more than 1000 members"):
        fetch(archive.as_uri(), tmp_path / "new", "", ACCESS)


def test_an_archive_larger_than_allowed_is_not_downloaded(source, tmp_path):
    archive = write_archive(source / "iris.tgz", source)
    with pytest.raises(BundleError, match=r"iris\.tgz is larger than 100 bytes"):
        fetch(archive.as_uri(), tmp_path / "new", "", Access(maximum_bytes=100))


@pytest.mark.parametrize(
    "content",
    [b"", b"no archive", gzip.compress(b"no archive"), gzip.compress(bytes(1024))],
    ids=["empty", "text", "compressed text", "zeros"],
)
def test_what_is_no_archive_of_a_bundle_is_told(source, tmp_path, content):
    (source / "iris.tgz").write_bytes(content)
    with pytest.raises(BundleError, match=r"is no whole \.tar\.gz|holds no model\.json"):
        fetch((source / "iris.tgz").as_uri(), tmp_path / "new", "", ACCESS)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_half_an_archive_is_told(source, tmp_path, share):
    archive = write_archive(source / "iris.tgz", source)
    content = archive.read_bytes()
    archive.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(BundleError, match=r"is no whole \.tar\.gz|holds no model"):
        fetch(archive.as_uri(), tmp_path / "new", digest_of(source / "bundle"), ACCESS)
    assert not (tmp_path / "new").exists()


def test_an_archive_without_the_model_file_is_told(source, tmp_path):
    (source / "bundle" / "model.onnx").unlink()
    archive = write_archive(source / "iris.tgz", source)
    with pytest.raises(BundleError, match=r"iris\.tgz holds no model\.onnx: pack the archive again"):
        fetch(archive.as_uri(), tmp_path / "new", "", ACCESS)
