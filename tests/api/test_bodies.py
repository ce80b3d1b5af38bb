"""Bodies: without a content type, compressed both ways, in chunks, too large, too slow."""

from __future__ import annotations

import gzip
import json
import socket
import zlib

import httpx2
import pytest
from refusals import assert_refused

ROW = [5.1, 3.5, 1.4, 0.2]
REQUEST = json.dumps({"instances": [ROW] * 200}).encode()
LENGTH = "inference-header-content-length"


@pytest.fixture(scope="module")
def narrow(serve_for_all, iris_bundle):
    """A server with small limits."""
    limits = {"max_body_bytes": 20_000, "max_json_bytes": 10_000, "max_rows": 100, "body_timeout_seconds": 0.3}
    return serve_for_all(iris_bundle, **limits).ready()


@pytest.mark.parametrize(
    "content_type", [None, "", "application/json", "text/plain", "application/octet-stream", "x/y"]
)
def test_a_body_is_json_whatever_its_content_type_says(iris, content_type):
    headers = {} if content_type is None else {"content-type": content_type}
    response = iris.client.post("/predict", content=REQUEST, headers=headers)
    assert response.request.headers.get("content-type") == content_type
    assert response.json() == {"predictions": ["setosa"] * 200}


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        pytest.param("gzip", gzip.compress(REQUEST), id="gzip"),
        pytest.param("deflate", zlib.compress(REQUEST), id="deflate"),
    ],
)
@pytest.mark.parametrize("name", [str.lower, str.upper])
def test_a_compressed_request_is_unpacked(iris, encoding, packed, name):
    response = iris.client.post("/predict", content=packed, headers={"content-encoding": name(encoding)})
    assert response.json() == {"predictions": ["setosa"] * 200}


def test_a_request_of_the_encoding_identity_is_taken_as_it_is(iris):
    response = iris.client.post("/predict", content=REQUEST, headers={"content-encoding": "identity"})
    assert response.json() == {"predictions": ["setosa"] * 200}


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip", "gzip"),
        ("deflate", "deflate"),
        ("br, deflate;q=0.5, gzip", "gzip"),
        ("gzip;q=0, deflate", "deflate"),
        ("identity", None),
        ("gzip; q=0.0", None),
        ("", None),
    ],
)
def test_a_large_answer_is_compressed_as_the_client_accepts_it(iris, accepted, encoding):
    with iris.client.stream("POST", "/predict", content=REQUEST, headers={"accept-encoding": accepted}) as response:
        raw = b"".join(response.iter_raw())
    assert response.headers.get("content-encoding") == encoding
    assert response.headers["vary"] == "accept-encoding"
    assert int(response.headers["content-length"]) == len(raw)
    plain = {"gzip": gzip.decompress, "deflate": zlib.decompress, None: bytes}[encoding](raw)
    assert json.loads(plain) == {"predictions": ["setosa"] * 200}


def test_a_very_large_answer_is_compressed_too(iris):
    content = json.dumps({"instances": [ROW] * 20_000})
    response = iris.client.post("/predict", content=content, headers={"accept-encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
    assert response.json() == {"predictions": ["setosa"] * 20_000}


def test_a_small_answer_is_not_worth_compressing(iris):
    response = iris.client.post("/predict", json={"instances": [ROW]}, headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in response.headers


def test_raw_bytes_are_compressed_behind_their_json_and_its_length_is_told_unpacked(iris):
    item = {"name": "x", "datatype": "FP64", "shape": [100, 4], "data": [ROW] * 100}
    request = {"inputs": [item], "parameters": {"binary_data_output": True}}
    response = iris.client.post("/v2/models/iris/infer", json=request, headers={"accept-encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
    head = json.loads(response.content[: int(response.headers[LENGTH])])
    assert head["outputs"][0]["parameters"] == {"binary_data_size": 1000}


def test_a_body_may_come_in_chunks(iris):
    parts = (REQUEST[start : start + 100] for start in range(0, len(REQUEST), 100))
    response = iris.client.post("/predict", content=parts)
    assert response.request.headers["transfer-encoding"] == "chunked"
    assert response.json() == {"predictions": ["setosa"] * 200}


def test_a_body_that_announces_too_much_is_refused_before_it_is_sent(narrow):
    with socket.create_connection((narrow.host, narrow.port)) as connection:
        connection.sendall(b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer.lower()
    assert b"the body is larger than 20000 bytes" in answer


@pytest.mark.parametrize("path", ["/predict", "/v1/models/iris:predict", "/v2/models/iris/infer"])
def test_a_body_in_chunks_that_grows_too_large_is_refused(narrow, path):
    response = narrow.client.post(path, content=(b"[" * 1000 for _ in range(30)))
    assert "the body is larger than 20000 bytes" in assert_refused(response, 413)
    assert response.headers["connection"] == "close"


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_zip_bomb_is_refused_at_the_size_that_it_may_unfold_to(narrow, encoding):
    pack = gzip.compress if encoding == "gzip" else zlib.compress
    bomb = pack(b" " * 10_000_000)
    assert len(bomb) < 20_000
    response = narrow.client.post("/predict", content=bomb, headers={"content-encoding": encoding})
    assert "the body is larger than 20000 bytes, decompressed" in assert_refused(response, 413)


def test_a_large_body_unfolds_beside_the_event_loop(iris):
    packed = gzip.compress(json.dumps({"instances": [ROW] * 20_000}).encode())
    response = iris.client.post("/predict", content=packed, headers={"content-encoding": "gzip"})
    assert len(response.json()["predictions"]) == 20_000


def test_more_json_than_allowed_is_refused_with_a_way_out(narrow):
    response = narrow.client.post("/v2/models/iris/infer", content=b" " * 10_001)
    assert "send fewer rows, or binary tensors" in assert_refused(response, 413)


@pytest.mark.parametrize(
    ("path", "request_"),
    [
        ("/predict", {"instances": [ROW] * 101}),
        ("/v1/models/iris:predict", {"instances": [ROW] * 101}),
        (
            "/v2/models/iris/infer",
            {"inputs": [{"name": "x", "datatype": "FP64", "shape": [101, 4], "data": [ROW] * 101}]},
        ),
    ],
)
def test_more_rows_than_allowed_are_refused(narrow, path, request_):
    message = assert_refused(narrow.client.post(path, json=request_), 400)
    assert message == "101 rows are more than the 100 that one request may have: split it"


def test_a_body_that_does_not_arrive_is_given_up(narrow):
    with socket.create_connection((narrow.host, narrow.port)) as connection:
        connection.sendall(b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in answer.lower()
    assert b"the body did not arrive within 0.3 seconds" in answer


def test_a_client_that_leaves_in_the_middle_of_its_body_disturbs_nobody(iris):
    before = _requests(iris, "4xx")
    with socket.create_connection((iris.host, iris.port)) as connection:
        connection.sendall(b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    while _requests(iris, "4xx") == before:
        pass
    assert iris.client.post("/predict", json={"instances": [ROW]}).json() == {"predictions": ["setosa"]}


def _requests(server, status: str) -> float:
    text = server.client.get("/metrics").text
    head = f'http_requests_total{{handler="/predict",method="POST",status="{status}"}} '
    return next(float(line.removeprefix(head)) for line in text.splitlines() if line.startswith(head))


def test_a_connection_is_kept_for_the_next_request(iris):
    with httpx2.Client(base_url=iris.url, limits=httpx2.Limits(max_connections=1)) as client:
        answers = [client.post("/predict", json={"instances": [ROW]}) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {200}
    assert not [answer for answer in answers if "connection" in answer.headers]
