"""The application: every route and middleware on one screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from prometheus_fastapi_instrumentator import Instrumentator
from starlette.types import ASGIApp, Receive, Scope, Send

from service.engine.model import ModelSlot
from service.operations import health
from service.operations.api_keys import KeyGate, KeyRing
from service.operations.connections import PROBES
from service.operations.drain import Drain
from service.operations.headers import BrowserHeaders
from service.operations.http_metrics import HttpMetrics
from service.operations.loading import Loader
from service.operations.metrics import EngineMetrics, make_registry
from service.operations.watching import BundleWatch
from service.page.routes import page_router
from service.protocols import metadata, pages, paths
from service.protocols.handlers import add_error_handlers
from service.protocols.prefix import Prefix
from service.settings import Settings


class Application(FastAPI):
    """FastAPI behind an entrance.

    Attributes:
        entrance: Sees each request first, even before FastAPI's own hooks, and leads it on.
    """

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  # passed on as they are
        super().__init__(**options)
        self.entrance: ASGIApp = super().__call__

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        await self.entrance(scope, receive, send)


def create_app(settings: Settings, on_failure: Callable[[], None] = lambda: None) -> Application:
    """Make the application.

    Args:
        settings: All of them.
        on_failure: Called when the model cannot be loaded; the server stops then.
    """
    registry = make_registry()
    slot, tensor_paths, http_metrics = ModelSlot(), paths.TensorPaths(), HttpMetrics(registry)

    app = Application(
        title="ml-api",
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        # A redirect would repeat what the client wrote into the header Host.
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.slot = slot
    app.state.drain = Drain()
    app.state.watch = BundleWatch(settings.model_dir, slot, settings.bundle_check_seconds, registry)
    app.state.loader = Loader(settings, slot, tensor_paths, http_metrics, EngineMetrics(registry), on_failure)

    # Before the metadata, whose paths would match those of predictions with the method GET alone.
    app.include_router(paths.fallback)
    if settings.docs:
        # Before the probes, whose / is for programs.
        app.include_router(page_router())
    app.include_router(health.router)
    app.include_router(metadata.model_router)
    app.include_router(metadata.v1)
    app.include_router(metadata.v2)
    if settings.docs:
        app.include_router(pages.router)

    instrumentator = Instrumentator(registry=registry, excluded_handlers=[f"^{path}$" for path in sorted(PROBES)])
    instrumentator.add(http_metrics.observe).instrument(app).expose(app, include_in_schema=False)
    add_error_handlers(app)
    # The last one sees a request first; what must see the tensor paths as well belongs here, not among the middlewares.
    if settings.root_path:
        app.entrance = Prefix(app.entrance, settings.root_path)
    app.entrance = BrowserHeaders(app.entrance)
    app.entrance = paths.ShortWay(app.entrance, tensor_paths, settings.root_path)
    if settings.api_key_file:
        app.entrance = KeyGate(
            app.entrance, KeyRing(settings.api_key_file), settings.root_path, http_metrics.turned_away
        )
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Load the model while the probes already answer."""
    loading = asyncio.create_task(app.state.loader.load())
    app.state.watch.start()
    try:
        yield
    finally:
        loading.cancel()
        app.state.watch.stop()
        if app.state.slot.model is not None:
            app.state.slot.model.engine.close()
