"""The application as a whole: what no client can bring about, but a mistake of ours could."""

from __future__ import annotations

import asyncio

import httpx2
import pytest

from service.app import create_app
from service.settings import load_settings


def get(app, path: str) -> httpx2.Response:
    async def ask() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://app") as client:
            return await client.get(path)

    return asyncio.run(ask())


def test_two_applications_share_nothing():
    first, second = create_app(load_settings()), create_app(load_settings(docs=False))
    get(first, "/v2")
    assert first.state.slot is not second.state.slot
    assert 'handler="/v2"' in get(first, "/metrics").text
    assert 'handler="/v2"' not in get(second, "/metrics").text


@pytest.mark.parametrize(
    ("path", "is_there"),
    [
        ("/predict", True),
        ("/v2/models/iris/infer", True),
        ("/metrics", True),
        ("/docs", True),
        ("/nothing", False),
        ("/v2/nothing", False),
        ("/predict/", False),
    ],
)
@pytest.mark.parametrize("prefix", ["", "/shop"])
def test_a_path_with_a_slash_too_much_is_told_so(prefix, path, is_there):
    app = create_app(load_settings(root_path=prefix))
    answer = get(app, f"{prefix}{path}/")
    sentence = answer.json()["error" if path.startswith("/v2") else "detail"]
    assert answer.status_code == 404
    assert sentence == (
        "there is nothing at this path, but there is without the slash at its end"
        if is_there
        else "there is nothing at this path; /openapi.json lists what there is"
    )


@pytest.fixture
def app():
    """An application with mistakes of ours in it."""
    app = create_app(load_settings())

    @app.get("/v2/mistake")
    @app.get("/mistake")
    async def mistake() -> None:
        message = "a reason that nobody may see"
        raise ZeroDivisionError(message)

    @app.get("/v2/typed")
    @app.get("/typed")
    async def typed(number: int) -> int:
        return number

    return app


@pytest.mark.parametrize(("path", "member"), [("/mistake", "detail"), ("/v2/mistake", "error")])
def test_a_mistake_of_ours_is_an_error_500_that_tells_nothing(app, caplog, path, member):
    response = get(app, path)
    assert response.status_code == 500
    assert response.json()[member] == "the service failed; its log has the reason"
    assert "nobody may see" not in response.text
    assert "a reason that nobody may see" in caplog.text


@pytest.mark.parametrize(("path", "member"), [("/typed", "detail"), ("/v2/typed", "error")])
def test_a_parameter_of_the_wrong_type_is_refused_without_an_echo(app, path, member):
    response = get(app, f"{path}?number=zq7marker")
    assert response.status_code == 400
    assert response.json()[member] == "the request does not fit /openapi.json"


def test_a_model_that_could_not_be_loaded_is_told_until_the_server_stops():
    app = create_app(load_settings())
    app.state.slot.failure = "There is no bundle."
    assert get(app, "/readyz").json() == {"status": "failed"}
    response = get(app, "/v2/models/iris")
    assert response.status_code == 503
    assert response.json() == {"error": "the model could not be loaded"}
