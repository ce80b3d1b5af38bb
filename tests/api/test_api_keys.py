"""With a file of API keys, everything but the probes wants one of them."""

from __future__ import annotations

import asyncio
import re
import subprocess
from time import monotonic

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from refusals import MARKER, assert_refused
from running import PATIENCE, PROGRAM
from wire import Connection, request

KEYS = ["the-key-of-the-shop", "the-key-of-the-others"]
ROW = {"instances": [[5.1, 3.5, 1.4, 0.2]]}
TENSOR = {"inputs": [{"name": "input", "shape": [1, 4], "datatype": "FP64", "data": [5.1, 3.5, 1.4, 0.2]}]}
OPEN = ["/livez", "/readyz"]
SHUT = [
    *(("GET", path, None) for path in ("/", "/model", "/metrics", "/docs", "/docs/swagger-ui.css", "/openapi.json")),
    *(("GET", path, None) for path in ("/v1/models", "/v2", "/v2/health/live", "/v2/models/iris", "/nothing")),
    ("POST", "/predict", ROW),
    ("POST", "/v1/models/iris:predict", ROW),
    ("POST", "/v2/models/iris/infer", TENSOR),
]


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "api-keys"
    path.write_text("# who may ask\n" + "\n".join(KEYS) + "\n")
    return path


@pytest.fixture(scope="module")
def locked(serve_for_all, iris_bundle, file):
    """A server behind a key, at a path that a proxy may or may not strip."""
    return serve_for_all(iris_bundle, api_key_file=file, root_path="/shop", access_log=True, log_level="debug").ready()


@pytest.mark.parametrize("path", OPEN)
@pytest.mark.parametrize("prefix", ["", "/shop"])
def test_the_probes_need_no_key(locked, prefix, path):
    assert locked.client.get(prefix + path).status_code == 200


@pytest.mark.parametrize(("method", "path", "body"), SHUT)
@pytest.mark.parametrize("prefix", ["", "/shop"])
def test_everything_else_is_refused_without_a_key_and_answers_with_one(locked, prefix, method, path, body):
    ask = {"method": method, "url": prefix + path, "json": body}
    refused = locked.client.request(**ask)
    assert refused.headers["www-authenticate"] == "Bearer"
    if not prefix:
        message = assert_refused(refused, 401)
        assert (
            message
            == "this needs an API key: send the header 'Authorization: Bearer KEY' with a key that is known here"
        )
    for key in KEYS:
        assert locked.client.request(**ask, headers=bearer(key)).status_code == (404 if path == "/nothing" else 200)


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(f"Bearer {MARKER}", id="another key"),
        pytest.param(f"Bearer {KEYS[0][:-1]}", id="a part of a key"),
        pytest.param(f"Bearer {KEYS[0]}, {KEYS[1]}", id="two keys"),
        pytest.param(f"Basic {KEYS[0]}", id="another scheme"),
        pytest.param(KEYS[0], id="no scheme"),
        pytest.param("Bearer", id="no key"),
        pytest.param("", id="nothing"),
        pytest.param("Bearer # who may ask", id="a comment"),
    ],
)
def test_what_is_not_a_known_key_is_refused(locked, header):
    assert_refused(locked.client.get("/v2", headers={"authorization": header}), 401)
    assert_refused(locked.client.post("/predict", json=ROW, headers={"authorization": header}), 401)


def test_the_scheme_may_be_written_in_any_case(locked):
    assert locked.client.get("/v2", headers={"authorization": f"bearer {KEYS[0]}"}).status_code == 200


@pytest.mark.parametrize("path", ["/livez/", "//livez", "/livez/../v2", "/LIVEZ", "/livez%2f", "/shop/shop/livez"])
def test_what_only_looks_like_a_probe_needs_a_key(locked, path):
    async def ask():
        connection = Connection(locked)
        answer = await connection.ask(request(path, method="GET"))
        connection.close()
        return answer

    assert asyncio.run(ask()).status == 401


@pytest.mark.parametrize(("size", "closes"), [(64 * 1024, False), (64 * 1024 + 1, True)])
def test_the_connection_is_kept_unless_a_long_body_follows(locked, size, closes):
    async def ask():
        connection = Connection(locked)
        answer = await connection.ask(request("/predict", b" " * size))
        connection.close()
        return answer

    answer = asyncio.run(ask())
    assert answer.status == 401
    assert (answer.headers.get(b"connection") == b"close") is closes


def test_refusals_are_counted(locked):
    before = refusals(locked)
    for _ in range(3):
        locked.client.put("/v2", headers=bearer(MARKER))
    assert refusals(locked) == before + 3


def refusals(server) -> float:
    """Read how many requests were refused, of a method that no other test uses."""
    text = server.client.get("/metrics", headers=bearer(KEYS[0])).text
    found = re.search(r'http_requests_total{handler="none",method="PUT",status="4xx"} (.+)', text)
    return float(found[1]) if found else 0


def test_no_key_is_told_anywhere(locked):
    locked.client.get("/v2", headers=bearer(MARKER))
    metrics = locked.client.get("/metrics", headers=bearer(KEYS[0])).text
    document = locked.client.get("/openapi.json", headers=bearer(KEYS[0])).text
    for secret in (*KEYS, MARKER):
        assert secret not in metrics + document + str(locked.log)


def test_the_description_tells_that_a_key_is_needed_and_where_not(locked, iris):
    document = locked.client.get("/openapi.json", headers=bearer(KEYS[0])).json()
    OpenAPIV31SpecValidator(document).validate()
    assert document["security"] == [{"apiKey": []}]
    scheme = document["components"]["securitySchemes"]["apiKey"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    for path, item in document["paths"].items():
        for operation in item.values():
            assert (operation.get("security") == []) is (path in OPEN)
            assert ("401" in operation["responses"]) is (path not in OPEN)
    assert "security" not in iris.client.get("/openapi.json").json()


def test_keys_are_replaced_while_the_server_runs(serve, iris_bundle, tmp_path):
    file = tmp_path / "api-keys"
    file.write_text("old\n")
    server = serve(iris_bundle, api_key_file=file).ready()
    new = tmp_path / "new"
    new.write_text("old\nnew\n")
    new.rename(file)
    wait_for(server, "new", 200)
    assert server.client.get("/v2", headers=bearer("old")).status_code == 200
    new.write_text("new\n")
    new.rename(file)
    wait_for(server, "old", 401)
    server.expects_errors = True  # keys that cannot be read are worth an error
    file.unlink()
    while "The last keys stay in force." not in str(server.log):
        assert server.client.get("/v2", headers=bearer("new")).status_code == 200


def wait_for(server, key: str, status: int) -> None:
    """Ask until the server has seen the change, which it looks for once a second."""
    deadline = monotonic() + PATIENCE
    while server.client.get("/v2", headers=bearer(key)).status_code != status:
        assert monotonic() < deadline, "the server did not see the change"


@pytest.mark.parametrize(("content", "sentence"), [(None, "Cannot read the API keys in"), ("# none\n", "no API key")])
def test_the_server_does_not_start_without_keys(iris_bundle, tmp_path, content, sentence):
    file = tmp_path / "api-keys"
    if content is not None:
        file.write_text(content)
    done = subprocess.run(
        [PROGRAM, "serve", iris_bundle, "--port", "0"],
        env={"ML_API_API_KEY_FILE": str(file)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert sentence in done.stderr
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("by_variable", [False, True])
def test_smoke_sends_the_first_key(locked, file, by_variable):
    given = [] if by_variable else ["--api-key-file", file]
    done = subprocess.run(
        [PROGRAM, "smoke", locked.url, *given],
        env={"ML_API_API_KEY_FILE": str(file)} if by_variable else {},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_smoke_without_a_key_tells_what_is_missing(locked):
    url = f"{locked.url}/shop"
    done = subprocess.run([PROGRAM, "smoke", url], env={}, capture_output=True, text=True, check=False)
    sentence = f"Error: {url} wants an API key that it knows: give its file with --api-key-file.\n"
    assert (done.returncode, done.stderr) == (1, sentence)
