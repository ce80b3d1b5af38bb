"""The API's own description for people and programs; nothing of it is loaded from elsewhere."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.metadata import version as version_of
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, Response

from service.protocols.key_scheme import require_key
from service.protocols.metadata import Slot
from service.protocols.openapi import describe_paths

router = APIRouter(include_in_schema=False)

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

ASSETS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}


@router.get("/openapi.json")
async def openapi(request: Request, slot: Slot) -> dict[str, Any]:
    """Describe the service, and its model as soon as there is one."""
    app = request.app
    document = get_openapi(
        title=slot.model.manifest.name if slot.model else app.title,
        version=slot.model.manifest.version if slot.model else version_of("ml-api"),
        summary="A model served by ml-api.",
        routes=app.routes,
        servers=[{"url": app.state.settings.root_path or "/"}],
    )
    if slot.model:
        document["paths"] = describe_paths(slot.model) | document["paths"]
    if app.state.settings.api_key_file:
        require_key(document)
    return document


@router.get("/docs")
async def docs(request: Request, slot: Slot) -> HTMLResponse:
    """Show the description as a page on which requests can be tried."""
    prefix = request.app.state.settings.root_path
    page = get_swagger_ui_html(
        openapi_url=f"{prefix}/openapi.json",
        title=f"{slot.model.manifest.name if slot.model else 'ml-api'}: API",
        swagger_js_url=f"{prefix}/docs/swagger-ui-bundle.js",
        swagger_css_url=f"{prefix}/docs/swagger-ui.css",
        swagger_favicon_url=f"{prefix}/docs/favicon-32x32.png",
        oauth2_redirect_url=None,
        swagger_ui_parameters={"tryItOutEnabled": True, "validatorUrl": None},
    )
    page.headers["content-security-policy"] = _policy(bytes(page.body))
    return page


def _policy(page: bytes) -> str:
    """Allow what the page consists of: files of this server, and the very script that is written into it."""
    _, _, rest = page.partition(b"<script>")
    script, _, _ = rest.partition(b"</script>")
    digest = b64encode(sha256(script).digest()).decode()
    return f"script-src 'self' 'sha256-{digest}'; {PAGE_POLICY}"


@router.get("/docs/{name}")
async def docs_asset(name: str) -> Response:
    """Serve a file of the page out of the package that brings it."""
    if name not in ASSETS:
        raise HTTPException(404)
    content = files("fastapi_swagger").joinpath("resources", name).read_bytes()
    return Response(content, media_type=ASSETS[name], headers={"cache-control": "public, max-age=86400"})
