"""Errors of everything but the tensor paths: the same table, in the form of the protocol that the path belongs to."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from service.errors import ServiceError
from service.protocols.call import JSON, Refusal
from service.protocols.predict import PROBLEM, problem
from service.protocols.prefix import without_prefix
from service.protocols.refusals import refusal_of

logger = logging.getLogger(__name__)

PROTOCOLS = ("/v1", "/v2")
NOTHING_HERE = "there is nothing at this path; /openapi.json lists what there is"
SLASHED = "there is nothing at this path, but there is without the slash at its end"


def add_error_handlers(app: FastAPI) -> None:
    """Give every error of the application a body that clients of its protocol can read."""
    app.add_exception_handler(ServiceError, _service_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(Exception, _unknown_error)


async def _service_error(request: Request, error: Exception) -> Response:
    return _answer(request, refusal_of(error if isinstance(error, ServiceError) else ServiceError()))


async def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    headers = (error.headers or {}) if isinstance(error, HTTPException) else {}
    pairs = tuple((name.lower().encode(), value.encode()) for name, value in headers.items())
    return _answer(request, Refusal(status, _sentence(request, status, headers), pairs))


def _sentence(request: Request, status: int, headers: Mapping[str, str]) -> str:
    if status == HTTPStatus.METHOD_NOT_ALLOWED and "Allow" in headers:
        return f"this path takes no other method than {headers['Allow']}"
    if status == HTTPStatus.NOT_FOUND:
        return SLASHED if _is_path_with_a_slash(request) else NOTHING_HERE
    return HTTPStatus(status).phrase


def _is_path_with_a_slash(request: Request) -> bool:
    path = request.scope["path"]
    stripped = {**request.scope, "path": path[:-1]}
    return path.endswith("/") and any(route.matches(stripped)[0] != Match.NONE for route in request.app.routes)


async def _validation_error(request: Request, error: Exception) -> Response:
    del error  # its text quotes the input
    return _answer(request, Refusal(HTTPStatus.BAD_REQUEST, "the request does not fit /openapi.json"))


async def _unknown_error(request: Request, error: Exception) -> Response:
    logger.error("The service failed.", exc_info=error)
    return _answer(request, refusal_of(ServiceError()))


def _answer(request: Request, refusal: Refusal) -> Response:
    return answer_at(without_prefix(request.url.path, request.app.state.settings.root_path), refusal)


def answer_at(path: str, refusal: Refusal) -> Response:
    """Write a refusal in the form of the protocol that a path, without a proxy's prefix, belongs to."""
    if path.startswith(PROTOCOLS):
        body, content_type = orjson.dumps({"error": refusal.message}), JSON
    else:
        body, content_type = orjson.dumps(problem(refusal)), PROBLEM
    headers = {name.decode(): value.decode() for name, value in refusal.headers}
    return Response(body, refusal.status, {**headers, "content-type": content_type.decode()})
