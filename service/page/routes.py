"""Who gets the page: whoever asks ``/`` for HTML, as browsers do; programs get what they always got."""

from __future__ import annotations

from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request, status
from fastapi.responses import HTMLResponse, Response
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.routing import Match
from starlette.types import Scope

from service.page.view import view_of
from service.protocols.metadata import Slot

if TYPE_CHECKING:
    from jinja2 import Environment

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {"content-security-policy": POLICY, "cache-control": "no-cache", "vary": "Accept"}

ASSETS = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "numbers.js": "text/javascript",
    "requests.js": "text/javascript",
    "answers.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


class BrowserRoute(APIRoute):
    """A route at ``/`` that is there for browsers only."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match what asks for HTML."""
        match, inner = super().matches(scope)
        # Every other request comes by here, too, so the path is looked at first.
        if match is Match.NONE or wants_html(Headers(scope=scope).get("accept", "")):
            return match, inner
        return Match.NONE, {}


class Templates:
    """The templates, which are read when the first browser comes."""

    @cached_property
    def _environment(self) -> Environment:
        from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415  # most servers see no browser

        return Environment(
            loader=PackageLoader("service.page", "assets"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(self, name: str, root_path: str, **values: Any) -> str:  # noqa: ANN401  # what the template takes
        """Write a page.

        Args:
            name: Of the template.
            root_path: The prefix that a proxy strips; links are relative without one.
            values: What the template shows.
        """
        base = f"{quote(root_path, safe='/%')}/" if root_path else ""
        return self._environment.get_template(name).render(base=base, **values)


def page_router() -> APIRouter:
    """Make the routes of the page."""
    router = APIRouter(include_in_schema=False)
    browsers = APIRouter(include_in_schema=False, route_class=BrowserRoute)
    templates = Templates()

    # Not a coroutine: a page is written in a thread, so that requests for predictions do not wait for it.
    @browsers.get("/")
    def page(request: Request, slot: Slot) -> HTMLResponse:
        """Show the model, or why there is none."""
        root_path = request.app.state.settings.root_path
        if slot.model is None:
            waiting = templates.render("waiting.html", root_path, failed=bool(slot.failure))
            return HTMLResponse(waiting, status.HTTP_503_SERVICE_UNAVAILABLE, {**HEADERS, "retry-after": "2"})
        return HTMLResponse(templates.render("page.html", root_path, **view_of(slot.model)), headers=HEADERS)

    @router.get("/page/{name}")
    def asset(name: str) -> Response:
        """Serve a file that the page consists of."""
        if name not in ASSETS:
            raise HTTPException(404)
        content = files("service.page").joinpath("assets", name).read_bytes()
        # A rollout may bring other files: a browser has to ask.
        return Response(content, media_type=ASSETS[name], headers={"cache-control": "no-cache"})

    router.include_router(browsers)
    return router


def wants_html(accept: str) -> bool:
    """Tell whether HTML is asked for by name and no less than JSON (RFC 9110, section 12.5.1)."""
    weights = dict.fromkeys(("text/html", "application/json"), 0.0)
    for part in accept.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if name in weights:
            weights[name] = _weight(parameters)
    return 0 < weights["text/html"] >= weights["application/json"]


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter.removeprefix("q="))
            except ValueError:
                return 0.0
    return 1.0
