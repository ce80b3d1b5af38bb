"""Whatever a client sends: a 4xx in its protocol's form that says where, quotes nothing, and the process serves on."""

from __future__ import annotations

import json
import zlib
from time import perf_counter

import pytest
from bad_tensors import V2_CASES, tensor
from refusals import MARKER, assert_refused

ROW = [5.1, 3.5, 1.4, 0.2]
PATHS = {"predict": "/predict", "v1": "/v1/models/iris:predict", "v2": "/v2/models/iris/infer"}
NO_JSON = ": NaN, Infinity and numbers beyond float64 are no JSON, send null where a value is missing"
PLACE = "row 1, column 'sepal width (cm)'"


@pytest.fixture(params=PATHS)
def protocol(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(autouse=True)
def _serves_on(iris):
    yield
    assert iris.client.post("/predict", json={"instances": [ROW]}).json() == {"predictions": ["setosa"]}
    assert iris.process.poll() is None


def body(protocol: str, rows: str, shape: tuple[int, int] = (2, 4)) -> str:
    """Write a request around rows that need not be JSON."""
    if protocol == "v2":
        return f'{{"inputs": [{{"name": "input", "datatype": "FP64", "shape": {list(shape)}, "data": {rows}}}]}}'
    return f'{{"instances": {rows}}}'


def refused(iris, protocol: str, content: str | bytes, status: int = 400, **headers: str) -> str:
    start = perf_counter()
    response = iris.client.post(PATHS[protocol], content=content, headers=headers)
    assert perf_counter() - start < 5
    return assert_refused(response, status)


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("NaN", NO_JSON),
        ("Infinity", NO_JSON),
        ("-Infinity", NO_JSON),
        ("1e999", NO_JSON),
        ("9" * 5000, NO_JSON),
        ("Nothing", "is not JSON: line 1, column"),
        ("null", f"{PLACE} is null where a number belongs"),
        ("true", f"{PLACE} is a boolean where a number belongs"),
        (f'"{MARKER}"', f"{PLACE} is a string where a number belongs"),
        ('"3.5"', f"{PLACE} is a string where a number belongs"),
        ("[3.5]", f"{PLACE} is a list where a number belongs"),
        (f'{{"{MARKER}": 1}}', f"{PLACE} is an object where a number belongs"),
    ],
)
def test_a_wrong_value_is_located(iris, protocol, cell, problem):
    message = refused(iris, protocol, body(protocol, f"[[5.1, 3.5, 1.4, 0.2], [6.7, {cell}, 5.2, 2.3]]"))
    assert problem in message


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ("[[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2]]", "row 1 has 3 values where 4 belong"),
        ("[[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3, 9]]", "row 1 has 5 values where 4 belong"),
        ("[[5.1, 3.5, 1.4, 0.2], []]", "row 1 is empty"),
        ("[[5.1, 3.5, 1.4, 0.2], 6.7]", "row 1 is a number where a list belongs: put each row into a list of its own"),
        ("[6.7, [5.1, 3.5, 1.4, 0.2]]", "row 0 is a number where a list belongs: put each row into a list of its own"),
        ("[[[5.1], [3.5], [1.4], [0.2]], [[1], [2], [3], [4]]]", "row 0, column 'sepal length (cm)' is a list"),
        ("[]", "empty"),
        ("{}", "is an object"),
        ("7", "is a number"),
        (f'"{MARKER}"', "is a string"),
    ],
)
def test_rows_of_a_wrong_shape_are_located(iris, protocol, rows, problem):
    message = refused(iris, protocol, body(protocol, rows))
    # A V2 tensor without nested lists is a flat one, so the count is what is wrong with it.
    assert problem in message or (protocol == "v2" and "values where its shape needs 8" in message)


@pytest.mark.parametrize("protocol", ["predict", "v1"])
@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"sepal width (cm)": None}, "row 0, column 'sepal width (cm)' is null"),
        ({"sepal width (cm)": MARKER}, "row 0, column 'sepal width (cm)' is a string"),
        ({MARKER: 1}, "row 0 has features that the model does not know; it knows 'sepal length (cm)'"),
    ],
)
def test_a_wrong_record_is_located(iris, protocol, change, problem):
    record = {
        "sepal length (cm)": 5.1,
        "sepal width (cm)": 3.5,
        "petal length (cm)": 1.4,
        "petal width (cm)": 0.2,
    } | change
    assert problem in refused(iris, protocol, json.dumps({"instances": [record]}))


@pytest.mark.parametrize("protocol", ["predict", "v1"])
def test_a_record_without_a_feature_is_told_which_one(iris, protocol):
    message = refused(iris, protocol, json.dumps({"instances": [{"sepal length (cm)": 5.1, MARKER: 1}]}))
    assert message == "row 0 lacks the feature 'sepal width (cm)'"


@pytest.mark.parametrize("protocol", ["predict", "v1"])
@pytest.mark.parametrize("rows", [[ROW, {"sepal length (cm)": 1}], [{"sepal length (cm)": 1}, ROW], [ROW, None]])
def test_rows_of_two_kinds_are_refused(iris, protocol, rows):
    assert "row" in refused(iris, protocol, json.dumps({"instances": rows}))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" ",
        b"{",
        b'{"instances": [[1, 2',
        b"null",
        b"[]",
        b"7",
        b'"zq7marker"',
        b"zq7marker",
        b"\xff\xfe\x00",
        b'{"zq7marker": 1}',
        b"{}",
        b'{"instances": null, "inputs": null}',
        b'{"instances": "\\ud800"}',
        b"[" * 100_000,
        b'{"instances": ' + b"[" * 5000 + b"1" + b"]" * 5000 + b"}",
        b'{"inputs": ' + b'[{"data":' * 900 + b"1" + b"}]" * 900 + b"}",
        b"\x1f\x8b\x08zq7marker",
    ],
    ids=lambda content: repr(content[:20]),
)
def test_a_body_that_is_no_request_is_refused(iris, protocol, content):
    refused(iris, protocol, content)


@pytest.mark.parametrize("member", [MARKER, "parameters"])
@pytest.mark.parametrize("protocol", ["predict", "v1"])
def test_an_unknown_member_is_refused(iris, protocol, member):
    assert "no other" in refused(iris, protocol, json.dumps({"instances": [ROW], member: MARKER}))


def test_instances_and_inputs_together_are_refused(iris):
    assert "no other" in refused(iris, "v1", json.dumps({"instances": [ROW], "inputs": [ROW]}))


@pytest.mark.parametrize(
    ("headers", "status", "problem"),
    [
        ({"content-encoding": "gzip"}, 400, "the body is not what Content-Encoding says: gzip"),
        ({"content-encoding": "deflate"}, 400, "the body is not what Content-Encoding says: deflate"),
        ({"content-encoding": MARKER}, 415, "send gzip, deflate or none"),
        ({"content-encoding": "gzip, gzip"}, 415, "send gzip, deflate or none"),
        ({"content-encoding": "br"}, 415, "send gzip, deflate or none"),
        ({"x-request-timeout-ms": MARKER}, 400, "X-Request-Timeout-Ms is not a whole number of milliseconds"),
        ({"x-request-timeout-ms": "-1"}, 400, "X-Request-Timeout-Ms is not a whole number of milliseconds"),
        ({"x-request-timeout-ms": "1.5"}, 400, "X-Request-Timeout-Ms is not a whole number of milliseconds"),
        ({"x-request-timeout-ms": "9" * 400}, 400, "X-Request-Timeout-Ms is not a whole number of milliseconds"),
    ],
)
def test_a_wrong_header_is_refused(iris, protocol, headers, status, problem):
    assert problem in refused(iris, protocol, body(protocol, json.dumps([ROW]), (1, 4)), status, **headers)


@pytest.mark.parametrize("cut", [slice(-4), slice(None, 20), slice(0)])
def test_a_compressed_body_that_is_cut_off_is_refused(iris, protocol, cut):
    packed = zlib.compress(body(protocol, json.dumps([ROW] * 50), (50, 4)).encode())
    message = refused(iris, protocol, packed[: cut.stop], **{"content-encoding": "deflate"})
    assert "cut off" in message


def test_something_behind_the_end_of_a_compressed_body_is_refused(iris, protocol):
    packed = zlib.compress(body(protocol, json.dumps([ROW]), (1, 4)).encode())
    assert "behind its end" in refused(iris, protocol, packed + MARKER.encode(), **{"content-encoding": "deflate"})


@pytest.mark.parametrize("case", V2_CASES)
def test_a_wrong_v2_request_is_refused(iris, case):
    request, problem = V2_CASES[case]
    assert problem in refused(iris, "v2", json.dumps(request))


def test_columns_of_different_lengths_are_refused(iris):
    names = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]
    inputs = [
        tensor(name=name, shape=[1 + (name == names[2]), 1], data=[1.0] * (1 + (name == names[2]))) for name in names
    ]
    assert refused(iris, "v2", json.dumps({"inputs": inputs})) == "the inputs have different numbers of rows"


@pytest.mark.parametrize(
    "query", [f"outputs={MARKER}", f"outputs=predict,{MARKER}", f"{MARKER}=1", "outputs=predict&x=%ff"]
)
def test_a_wrong_query_is_refused(iris, query):
    response = iris.client.post(f"/predict?{query}", json={"instances": [ROW]})
    assert "outputs" in assert_refused(response, 400)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"/{MARKER}", 404),
        ("GET", f"/v1/{MARKER}", 404),
        ("GET", f"/v2/{MARKER}", 404),
        ("GET", f"/v1/models/{MARKER}", 404),
        ("GET", f"/v2/models/{MARKER}", 404),
        ("GET", f"/v2/models/{MARKER}/ready", 404),
        ("GET", f"/v2/models/iris/versions/{MARKER}", 404),
        ("GET", f"/v2/models/iris/versions/{MARKER}/ready", 404),
        ("GET", f"/v2/models/{MARKER}/stats", 404),
        ("GET", f"/docs/{MARKER}", 404),
        ("POST", f"/v1/models/{MARKER}:predict", 404),
        ("POST", f"/v2/models/{MARKER}/infer", 404),
        ("POST", f"/v2/models/iris/versions/{MARKER}/infer", 404),
        ("POST", f"/v2/repository/models/{MARKER}/load", 400),
        ("POST", "/v2/repository/models/iris/unload", 400),
        ("GET", "/predict", 405),
        ("PUT", "/predict", 405),
        ("DELETE", "/v2/models/iris/infer", 405),
        ("GET", "/v2/models/iris/infer", 405),
        ("PATCH", "/v1/models/iris:predict", 405),
        ("POST", "/readyz", 405),
        ("POST", "/", 405),
    ],
)
def test_an_unknown_route_model_or_method_is_refused(iris, method, path, status):
    response = iris.client.request(method, path)
    message = assert_refused(response, status)
    assert ("allow" in response.headers) == (status == 405)
    if status == 405:
        assert message == f"this path takes no other method than {response.headers['allow']}"


def test_nothing_of_all_that_is_left_in_metrics_and_logs(iris):
    refused(iris, "v2", json.dumps({"inputs": [tensor(name=MARKER, data=[MARKER] * 4)]}))
    iris.client.get(f"/{MARKER}", headers={MARKER: MARKER})
    assert MARKER not in iris.client.get("/metrics").text
    assert MARKER not in str(iris.log)
