"""Bundles in a registry: pushed to a real one and fetched from it."""

import json
from hashlib import sha256
from urllib.parse import urlsplit

import httpx2
import pytest
from fetching import ACCESS, QUICK, Notes, contents, digest_of
from fileserver import redirect, status
from registries import running_registry

from service.errors import BundleError
from service.sources.access import Access
from service.sources.fetch import fetch
from service.sources.push import ARTIFACT_TYPE, push
from service.sources.registry_reference import parse_reference

MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    with running_registry(tmp_path_factory.mktemp("registry")) as host:
        yield host


def document(registry: str, name: str) -> bytes:
    answer = httpx2.get(f"http://{registry}/v2/{name}", headers={"Accept": MANIFEST_TYPE})
    assert answer.status_code == 200
    return answer.content


def test_a_bundle_goes_to_a_registry_and_comes_back(source, registry, tmp_path):
    sent, got = Notes(), Notes()
    pushed = push(source / "bundle", f"oci://{registry}/models/iris:1", Access(listener=sent))
    bundle = fetch(f"oci://{registry}/models/iris:1", tmp_path / "new", pushed.sha256, Access(listener=got))
    assert contents(tmp_path / "new") == contents(source / "bundle")
    assert pushed.sha256 == bundle.sha256 == digest_of(source / "bundle")
    assert sent.sizes == got.sizes == {name: len(content) for name, content in contents(tmp_path / "new").items()}


def test_the_artifact_names_its_type_and_its_files(source, registry):
    push(source / "bundle", f"oci://{registry}/described:1", ACCESS)
    described = json.loads(document(registry, "described/manifests/1"))
    assert described["artifactType"] == ARTIFACT_TYPE
    titles = [layer["annotations"]["org.opencontainers.image.title"] for layer in described["layers"]]
    assert titles == ["model.json", "model.onnx"]


def test_an_artifact_s_own_digest_means_it_for_ever(source, registry, tmp_path):
    pushed = push(source / "bundle", f"oci://{registry}/pinned:1", ACCESS)
    assert str(pushed.reference) == (
        f"oci://{registry}/pinned@sha256:{sha256(document(registry, 'pinned/manifests/1')).hexdigest()}"
    )
    assert push(source / "bundle", f"oci://{registry}/pinned:2", ACCESS).reference == pushed.reference
    fetch(str(pushed.reference), tmp_path / "new", "", ACCESS)
    assert contents(tmp_path / "new") == contents(source / "bundle")


def test_another_digest_than_the_bundle_s_is_refused(source, registry, tmp_path):
    push(source / "bundle", f"oci://{registry}/wrong:1", ACCESS)
    with pytest.raises(BundleError, match="nothing of it was kept"):
        fetch(f"oci://{registry}/wrong:1", tmp_path / "new", "0" * 64, ACCESS)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["nothing:1", "models/iris:none", f"nothing@sha256:{'0' * 64}"])
def test_what_is_not_there_is_told(registry, tmp_path, name):
    with pytest.raises(BundleError, match=f"oci://{registry}/{name} answered 404 Not Found: check the address"):
        fetch(f"oci://{registry}/{name}", tmp_path / "new", "", ACCESS)


@pytest.mark.parametrize(
    "name", ["iris", "Iris:1", "iris:", "iris:1@sha256:0", "../iris:1", "iris@md5:0", "iris:1?x=1", ":1", ""]
)
def test_what_is_no_reference_is_told(tmp_path, name):
    with pytest.raises(BundleError, match=r"names no artifact: write oci://HOST/REPOSITORY:TAG"):
        fetch(f"oci://localhost:5000/{name}", tmp_path / "new", "", ACCESS)


def test_a_password_in_a_reference_is_refused_and_not_repeated(tmp_path):
    with pytest.raises(BundleError, match="names no artifact") as refusal:
        fetch("oci://user:password@localhost:5000/iris:1", tmp_path / "new", "", ACCESS)
    assert "password@" not in str(refusal.value)


def test_a_registry_that_has_enough_is_asked_again_after_a_while(source, registry, web, tmp_path):
    busy = status(429, Retry_After="0")
    push(source / "bundle", f"oci://{registry}/busy:1", ACCESS)
    manifest = json.loads(document(registry, "busy/manifests/1"))
    for path in ("manifests/1", *(f"blobs/{layer['digest']}" for layer in manifest["layers"])):
        web.plans[f"/v2/busy/{path}"] = [busy, redirect(f"http://{registry}/v2/busy/{path}")]
    notes = Notes()
    access = Access(patience=QUICK, listener=notes)
    fetch(f"oci://127.0.0.1:{web.server_port}/busy:1", tmp_path / "new", digest_of(source / "bundle"), access)
    assert contents(tmp_path / "new") == contents(source / "bundle")
    assert len(notes.waits) == 3
    assert all("answered 429 Too Many Requests." in reason for reason, _ in notes.waits)


def test_a_push_to_a_registry_that_has_enough_is_tried_again(source, registry, web):
    uploads = "/v2/pushed/blobs/uploads/"
    real = redirect(f"http://{registry}{uploads}", 307)
    web.plans[uploads] = [status(429), real, real, real]
    web.plans["/v2/pushed/manifests/1"] = [status(201)]
    push(source / "bundle", f"oci://127.0.0.1:{web.server_port}/pushed:1", ACCESS)
    for name, content in contents(source / "bundle").items():
        assert document(registry, f"pushed/blobs/sha256:{sha256(content).hexdigest()}") == content, name


def test_a_registry_that_lies_about_a_layer_is_found_out(source, registry, web, tmp_path):
    push(source / "bundle", f"oci://{registry}/lie:1", ACCESS)
    web.plans["/v2/lie/manifests/1"] = [redirect(f"http://{registry}/v2/lie/manifests/1")]
    layer = json.loads(document(registry, "lie/manifests/1"))["layers"][0]
    web.plans[f"/v2/lie/blobs/{layer['digest']}"] = [status(200, b"{}")]
    with pytest.raises(BundleError, match=r"model\.json has the digest .*: nothing of it was kept"):
        fetch(f"oci://127.0.0.1:{web.server_port}/lie:1", tmp_path / "new", "", ACCESS)


def test_a_registry_that_gives_another_artifact_than_the_digest_is_found_out(web, tmp_path):
    web.plans[f"/v2/iris/manifests/sha256:{'0' * 64}"] = [status(200, b"{}")]
    with pytest.raises(BundleError, match=r"came with the digest sha256:44136fa.*: nothing of it was kept"):
        fetch(f"oci://127.0.0.1:{web.server_port}/iris@sha256:{'0' * 64}", tmp_path / "new", "", ACCESS)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"{}", "is no artifact with layers"),
        (b'{"mediaType": "application/vnd.oci.image.index.v1+json", "layers": []}', "is no artifact with layers"),
        (b'{"layers": []}', r"holds no model\.json: push a bundle there with 'ml-api push'"),
        (b" " * 5_000_000, "answered with more than 4194304 bytes"),
    ],
    ids=["nothing", "index", "no layers", "endless"],
)
def test_an_artifact_that_is_no_bundle_is_told(web, tmp_path, content, sentence):
    web.plans["/v2/iris/manifests/1"] = [status(200, content)]
    with pytest.raises(BundleError, match=sentence):
        fetch(f"oci://127.0.0.1:{web.server_port}/iris:1", tmp_path / "new", "", ACCESS)


@pytest.mark.parametrize(
    ("uri", "sentence"),
    [
        ("s3://models/iris", "cannot be pushed over 's3': write oci://HOST/REPOSITORY:TAG"),
        (f"oci://localhost:5000/iris@sha256:{'0' * 64}", "names a digest, which nobody can choose: push to a tag"),
    ],
    ids=["scheme", "digest"],
)
def test_a_push_that_cannot_be_is_told(source, uri, sentence):
    with pytest.raises(BundleError, match=sentence):
        push(source / "bundle", uri, ACCESS)


def test_a_damaged_bundle_is_not_pushed(source, registry):
    (source / "bundle" / "model.onnx").write_bytes(b"damaged")
    with pytest.raises(BundleError, match="is damaged, or was changed just now"):
        push(source / "bundle", f"oci://{registry}/damaged:1", ACCESS)
    assert httpx2.get(f"http://{registry}/v2/damaged/manifests/1").status_code == 404


def test_a_registry_elsewhere_is_never_asked_over_http_unless_that_is_said():
    parts = urlsplit("oci://registry.example/iris:1")
    assert parse_reference(parts, ACCESS).api == "https://registry.example"
    assert parse_reference(parts, Access(plain_http=True)).api == "http://registry.example"
    assert parse_reference(urlsplit("oci://docker.io/me/iris:1"), ACCESS).api == "https://registry-1.docker.io"
