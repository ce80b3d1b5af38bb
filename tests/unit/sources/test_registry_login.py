"""Registries that want to know who asks: passwords, tokens, and where they are sent."""

import gzip
import json
from base64 import b64encode
from urllib.parse import parse_qs

import pytest
from fetching import ACCESS, QUICK, contents, digest_of
from fileserver import FileServer, status
from registries import PASSWORD, USER, running_registry
from serving import running

from service.errors import BundleError
from service.sources.access import Access
from service.sources.fetch import fetch
from service.sources.push import push

HELPER = "in the helper 'desktop', which is not asked: set REGISTRY_USERNAME"


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    """A registry that wants a password."""
    with running_registry(tmp_path_factory.mktemp("registry"), password=True) as host:
        yield host


@pytest.mark.parametrize("way", ["environment", "credentials", "auth file", "docker", "docker without auth"])
def test_a_password_gets_in(source, locked, tmp_path, monkeypatch, way):
    auth = {"auth": b64encode(f"{USER}:{PASSWORD}".encode()).decode()}
    access = ACCESS
    if way == "environment":
        monkeypatch.setenv("REGISTRY_USERNAME", USER)
        monkeypatch.setenv("REGISTRY_PASSWORD", PASSWORD)
    if way == "credentials":
        (tmp_path / ".dockerconfigjson").write_text(json.dumps({"auths": {locked: auth}}))
        access = Access(credentials=tmp_path)
    if way == "auth file":
        (tmp_path / ".dockerconfigjson").write_text('{"credsStore": "desktop"}')
        access = Access(credentials=tmp_path)
        (tmp_path / "auth.json").write_text(json.dumps({"auths": {f"{locked}/models": auth}}))
        monkeypatch.setenv("REGISTRY_AUTH_FILE", str(tmp_path / "auth.json"))
    if way.startswith("docker"):
        entry = auth if way == "docker" else {"username": USER, "password": PASSWORD}
        (tmp_path / "docker").mkdir()
        (tmp_path / "docker" / "config.json").write_text(json.dumps({"auths": {f"http://{locked}": entry}}))
    push(source / "bundle", f"oci://{locked}/models/iris:1", access)
    fetch(f"oci://{locked}/models/iris:1", tmp_path / "new", digest_of(source / "bundle"), access)
    assert contents(tmp_path / "new") == contents(source / "bundle")


def test_without_a_password_nobody_gets_in(locked, tmp_path):
    with pytest.raises(BundleError, match="is not for everybody: give a user and a password that it knows"):
        fetch(f"oci://{locked}/models/iris:1", tmp_path / "new", "", ACCESS)


def test_a_password_that_has_expired_is_told(locked, tmp_path, monkeypatch):
    monkeypatch.setenv("REGISTRY_USERNAME", USER)
    monkeypatch.setenv("REGISTRY_PASSWORD", "the one before")
    with pytest.raises(BundleError, match="answered 401 Unauthorized: give credentials that are right and have not"):
        fetch(f"oci://{locked}/models/iris:1", tmp_path / "new", "", ACCESS)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ('{"credsStore": "desktop"}', HELPER),
        ("[]", "is no file of registry passwords"),
        ('{"auths": []}', "is no file of registry passwords|is not for everybody"),
        ("{", "is no file of registry passwords"),
    ],
)
def test_a_file_of_passwords_that_is_of_no_use_is_told(locked, tmp_path, config, sentence):
    (tmp_path / "config.json").write_text(config)
    with pytest.raises(BundleError, match=sentence):
        fetch(f"oci://{locked}/models/iris:1", tmp_path / "new", "", Access(credentials=tmp_path))


def test_a_token_is_fetched_where_the_registry_says(web, tmp_path, monkeypatch):
    """As Docker Hub, GHCR and the clouds do it; the token goes to the registry alone."""
    realm = f'Bearer realm="{web.url}/token",service="models",scope="repository:iris:pull"'
    web.plans["/v2/iris/manifests/1"] = [status(401, WWW_Authenticate=realm), status(404)]
    web.plans["/token"] = [status(200, b'{"token": "abc"}')]
    monkeypatch.setenv("REGISTRY_USERNAME", USER)
    monkeypatch.setenv("REGISTRY_PASSWORD", PASSWORD)
    with pytest.raises(BundleError, match="answered 404"):
        fetch(f"oci://127.0.0.1:{web.server_port}/iris:1", tmp_path / "new", "", ACCESS)
    _, (path, asked), (_, again) = web.seen
    assert path == "/token?service=models&scope=repository%3Airis%3Apull"
    assert asked["Authorization"] == f"Basic {b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"
    assert again["Authorization"] == "Bearer abc"


@pytest.mark.parametrize(
    ("token", "manifest", "sentence"),
    [
        (status(200, b'{"token": "abc"}'), status(404), "answered 404"),
        (status(200, b'{"token": "abc"}'), status(401), HELPER),
        (status(200, b'{"token": "abc"}'), status(403), HELPER),
        (status(403), status(404), HELPER),
    ],
    ids=["public", "private", "forbidden", "without a token"],
)
def test_with_a_helper_one_is_nobody_and_told_only_where_that_is_not_enough(web, tmp_path, token, manifest, sentence):
    """As Docker Desktop sets it up, and GHCR asks everybody for a token."""
    web.plans["/v2/iris/manifests/1"] = [status(401, WWW_Authenticate=f'Bearer realm="{web.url}/token"'), manifest]
    web.plans["/token"] = [token]
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / "config.json").write_text('{"auths": {}, "credsStore": "desktop"}')
    with pytest.raises(BundleError, match=sentence):
        fetch(f"oci://127.0.0.1:{web.server_port}/iris:1", tmp_path / "new", "", ACCESS)
    assert "Authorization" not in web.seen[1][1]


def test_a_server_that_compresses_for_whoever_takes_it_gives_its_token_all_the_same(web, tmp_path):
    def token(handler):
        body = b'{"token": "abc"}'
        if "gzip" in handler.headers["Accept-Encoding"]:
            handler.answer(200, gzip.compress(body), Content_Encoding="gzip")
        else:
            handler.answer(200, body)

    challenge = status(401, WWW_Authenticate=f'Bearer realm="{web.url}/token"')
    web.plans["/v2/iris/manifests/1"] = [challenge, status(404)]
    web.plans["/token"] = [token]
    with pytest.raises(BundleError, match="answered 404"):
        fetch(f"oci://127.0.0.1:{web.server_port}/iris:1", tmp_path / "new", "", ACCESS)
    assert web.seen[-1][1]["Authorization"] == "Bearer abc"


def test_an_identity_token_is_exchanged_for_another_one(web, tmp_path):
    """As ``docker login`` keeps it for registries of the clouds."""
    forms = []

    def token(handler):
        forms.append(parse_qs(handler.rfile.read(int(handler.headers["Content-Length"])).decode()))
        handler.answer(200, b'{"access_token": "abc"}')

    challenge = status(401, WWW_Authenticate=f'Bearer realm="{web.url}/token",service="models",scope="pull"')
    web.plans["/v2/iris/manifests/1"] = [challenge, status(404)]
    web.plans["/token"] = [token]
    host = f"127.0.0.1:{web.server_port}"
    (tmp_path / ".dockerconfigjson").write_text(json.dumps({"auths": {host: {"identitytoken": "kept"}}}))
    with pytest.raises(BundleError, match="answered 404"):
        fetch(f"oci://{host}/iris:1", tmp_path / "new", "", Access(credentials=tmp_path, patience=QUICK))
    (form,) = forms
    assert form == {
        "service": ["models"],
        "scope": ["pull"],
        "grant_type": ["refresh_token"],
        "refresh_token": ["kept"],
        "client_id": ["ml-api"],
    }
    assert web.seen[-1][1]["Authorization"] == "Bearer abc"


@pytest.mark.parametrize("answer", [b"<h1>Welcome</h1>", b"[]", b"{}"])
def test_a_login_that_gives_no_token_is_told(web, tmp_path, answer):
    realm = f'Bearer realm="{web.url}/token"'
    web.plans["/v2/iris/manifests/1"] = [status(401, WWW_Authenticate=realm)]
    web.plans["/token"] = [status(200, answer)]
    with pytest.raises(BundleError, match=f"sends logins to {web.url}/token, which gave no token"):
        fetch(f"oci://127.0.0.1:{web.server_port}/iris:1", tmp_path / "new", "", ACCESS)


def test_a_login_is_not_sent_to_a_place_where_anybody_can_read_it(web, tmp_path):
    realm = 'Bearer realm="http://tokens.example/token"'
    web.plans["/v2/iris/manifests/1"] = [status(401, WWW_Authenticate=realm)]
    with pytest.raises(
        BundleError, match=r"sends logins to http://tokens\.example/token, where anybody could read them"
    ):
        fetch(f"oci://127.0.0.1:{web.server_port}/iris:1", tmp_path / "new", "", ACCESS)


def test_a_password_stays_with_the_registry_when_uploads_go_elsewhere(source, web, monkeypatch):
    monkeypatch.setenv("REGISTRY_USERNAME", USER)
    monkeypatch.setenv("REGISTRY_PASSWORD", PASSWORD)
    with running(FileServer(source)) as elsewhere:
        place = status(202, Location=f"{elsewhere.url}/upload")
        web.plans["/v2/iris/blobs/uploads/"] = [
            status(401, WWW_Authenticate='Basic realm="models"'),
            place,
            place,
            place,
        ]
        web.plans["/v2/iris/manifests/1"] = [status(201)]
        elsewhere.plans["/upload"] = [status(201), status(201), status(201)]
        push(source / "bundle", f"oci://127.0.0.1:{web.server_port}/iris:1", ACCESS)
    assert web.seen[-1][1]["Authorization"].startswith("Basic ")
    assert len(elsewhere.seen) == 3
    assert not [headers for _, headers in elsewhere.seen if "Authorization" in headers]
