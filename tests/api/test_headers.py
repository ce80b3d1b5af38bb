"""What the headers of answers tell a browser, and what they tell nobody."""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from hashlib import sha256

import pytest
from wire import Connection, request

ROW = {"instances": [[5.1, 3.5, 1.4, 0.2]]}
SHOWN = [
    "/",
    "/livez",
    "/readyz",
    "/metrics",
    "/docs",
    "/docs/swagger-ui.css",
    "/openapi.json",
    "/model",
    "/v2",
    "/nothing",
]
KNOWN = {
    *("content-type", "content-length", "content-encoding", "vary", "cache-control", "allow", "date"),
    *("x-content-type-options", "x-frame-options", "referrer-policy", "content-security-policy", "x-served-by"),
    "x-model-sha256",
}


@pytest.mark.parametrize("path", SHOWN)
def test_nothing_may_frame_sniff_or_follow_what_a_browser_shows(iris, path):
    headers = iris.client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy


def test_the_page_may_run_its_own_script_and_files_of_this_server_alone(iris):
    page = iris.client.get("/docs")
    (script,) = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    digest = b64encode(sha256(script.encode()).digest()).decode()
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert policy.pop("script-src") == f"'self' 'sha256-{digest}'"
    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }


def test_the_page_has_no_style_or_handler_that_the_policy_would_stop(iris):
    assert not re.search(r"""<style|\sstyle=|\son\w+=|javascript:""", iris.client.get("/docs").text)


@pytest.mark.parametrize("path", ["/predict", "/v1/models/iris:predict"])
def test_predictions_cost_a_browser_s_guess_nothing(iris, path):
    assert iris.client.post(path, json=ROW).headers["x-content-type-options"] == "nosniff"
    assert iris.client.post(path, json={}).headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("content", [b"HELLO\r\n\r\n", request("/" + "a" * 40_000)])
def test_what_the_connection_refuses_is_not_sniffed_either(serve, iris_bundle, content):
    async def ask():
        connection = Connection(server)
        answer = await connection.ask(content)
        connection.close()
        return answer

    server = serve(iris_bundle).ready()
    server.expects_errors = True  # what is not HTTP is worth a warning
    assert asyncio.run(ask()).headers[b"x-content-type-options"] == b"nosniff"


@pytest.mark.parametrize("path", [*SHOWN, "/predict"])
def test_no_answer_names_the_server_or_what_it_is_made_of(iris, path):
    for answer in (iris.client.get(path), iris.client.post(path, json=ROW)):
        assert set(answer.headers) <= KNOWN
        assert not re.search("uvicorn|python|fastapi|starlette", str(answer.headers), re.IGNORECASE)


def test_a_prediction_names_the_bundle_that_made_it(iris):
    digest = iris.client.get("/model").json()["sha256"]
    assert iris.client.post("/predict", json=ROW).headers["x-model-sha256"] == digest
    described = iris.client.get("/openapi.json").json()["paths"]["/predict"]["post"]["responses"]["200"]["headers"]
    assert described["X-Model-Sha256"]["schema"] == {"const": digest}
