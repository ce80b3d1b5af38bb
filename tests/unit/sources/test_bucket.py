"""Bundles in buckets: real clients against servers that speak the clouds' protocols."""

import os
import sys
from pathlib import Path

import boto3
import pytest
from fetching import ACCESS, Notes, contents, digest_of, write_archive
from fileserver import status
from gcp_storage_emulator.server import create_server
from gcsfs.core import GCSFileSystem
from moto.server import ThreadedMotoServer

from service.errors import BundleError
from service.sources.access import Access
from service.sources.fetch import fetch


@pytest.fixture(scope="module")
def s3_address():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def aws(monkeypatch, tmp_path):
    """Nothing of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "GOOGLE_", "AZURE_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.fixture
def keys(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


@pytest.fixture
def s3(source, s3_address, monkeypatch):
    """A bucket with the bundle, and an archive of it; without credentials to read it with."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_address)
    client = boto3.client("s3", aws_access_key_id="owner", aws_secret_access_key="secret")  # noqa: S106
    client.create_bucket(Bucket="models")
    for name, content in contents(source / "bundle").items():
        client.put_object(Bucket="models", Key=f"iris/1/{name}", Body=content)
    client.put_object(Bucket="models", Key="iris.tgz", Body=write_archive(source / "iris.tgz", source).read_bytes())
    client.close()
    return "s3://models"


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize("path", ["iris/1", "iris.tgz"])
def test_a_bundle_comes_from_s3(source, s3, tmp_path, path):
    notes = Notes()
    fetch(f"{s3}/{path}", tmp_path / "new", digest_of(source / "bundle"), Access(listener=notes))
    assert contents(tmp_path / "new") == contents(source / "bundle")
    assert notes.totals["model.onnx"] == notes.sizes["model.onnx"]


def test_credentials_come_from_a_mounted_file(source, s3, tmp_path):
    Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"]).write_text(
        "[default]\naws_access_key_id = somebody\naws_secret_access_key = secret\n"
    )
    fetch(f"{s3}/iris/1", tmp_path / "new", digest_of(source / "bundle"), ACCESS)


def test_without_credentials_the_way_to_some_is_told(s3, tmp_path):
    with pytest.raises(BundleError, match=r"s3://models/iris/1/model.json.*redentials.*set AWS_ACCESS_KEY_ID"):
        fetch(f"{s3}/iris/1", tmp_path / "new", "", ACCESS)
    assert not (tmp_path / "new").exists()


@pytest.mark.usefixtures("keys")
def test_what_is_not_in_a_bucket_is_told(s3, tmp_path):
    with pytest.raises(BundleError, match=r"s3://models/nothing/model\.json does not exist: check the address"):
        fetch(f"{s3}/nothing", tmp_path / "new", "", ACCESS)


@pytest.mark.usefixtures("keys")
def test_another_digest_leaves_nothing_behind(s3, tmp_path):
    with pytest.raises(BundleError, match="nothing of it was kept"):
        fetch(f"{s3}/iris/1", tmp_path / "new", "0" * 64, ACCESS)
    assert not (tmp_path / "new").exists()


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(
    ("code", "name", "text"),
    [(400, "ExpiredToken", "The provided token has expired."), (403, "AccessDenied", "Access Denied")],
)
def test_credentials_that_are_no_longer_good_are_told(web, tmp_path, monkeypatch, code, name, text):
    """As S3 words it; moto lets everybody in."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", web.url)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of yesterday")
    answer = f"<Error><Code>{name}</Code><Message>{text}</Message></Error>".encode()
    web.stubborn = True
    for path in ("/models/iris/model.json", "/models", "/models/"):
        web.plans[path] = [status(code, answer, Content_Type="application/xml")]
    with pytest.raises(BundleError, match=r"s3://models/iris/model\.json.*set AWS_ACCESS_KEY_ID"):
        fetch("s3://models/iris", tmp_path / "new", "", ACCESS)
    assert not (tmp_path / "new").exists()


@pytest.fixture(scope="module")
def gs_address():
    server = create_server("127.0.0.1", 0, in_memory=True, default_bucket="models")
    server.start()
    yield f"http://127.0.0.1:{server._api._httpd.server_port}"  # noqa: SLF001
    server.stop()


def test_a_bundle_comes_from_google(source, gs_address, tmp_path, monkeypatch):
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", gs_address)
    files = GCSFileSystem(token="anon", skip_instance_cache=True)  # noqa: S106
    files.pipe("models/iris.tgz", write_archive(source / "iris.tgz", source).read_bytes())
    fetch("gs://models/iris.tgz", tmp_path / "new", digest_of(source / "bundle"), ACCESS)
    assert contents(tmp_path / "new") == contents(source / "bundle")


@pytest.mark.parametrize(("scheme", "library"), [("s3", "s3fs"), ("gs", "gcsfs"), ("az", "adlfs")])
def test_a_missing_library_is_named(tmp_path, monkeypatch, scheme, library):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(BundleError, match=rf"not installed: pip install 'ml-api\[{scheme}\]'\."):
        fetch(f"{scheme}://models/iris", tmp_path / "new", "", ACCESS)
