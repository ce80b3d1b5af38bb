"""Asks an application with a model, without a server: what the pages tell is what it answers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from fastapi.routing import APIRoute

from service.app import Application, create_app
from service.protocols import pages
from service.settings import load_settings


@dataclass(frozen=True)
class Asked:
    """What an application tells of itself.

    Args:
        metrics: The text of ``/metrics``, after a prediction.
        document: The OpenAPI document.
        hidden: What is not in the document: path, first line of the docstring, in order.
    """

    metrics: str
    document: dict[str, Any]
    hidden: tuple[tuple[str, str], ...]


def ask(bundle: Path) -> Asked:
    """Load a bundle of one input with four numbers, and ask about everything."""
    return asyncio.run(_ask(create_app(load_settings(model_dir=bundle))))


async def _ask(app: Application) -> Asked:
    await app.state.loader.load()
    try:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://ml-api") as client:
            (await client.post("/predict", json={"instances": [[1, 2, 3, 4]]})).raise_for_status()
            metrics, document = await client.get("/metrics"), await client.get("/openapi.json")
        return Asked(metrics.text, document.json(), _hidden(app))
    finally:
        app.state.slot.require().engine.close()


def _hidden(app: Application) -> tuple[tuple[str, str], ...]:
    routes = [route for route in (*app.routes, *pages.router.routes) if isinstance(route, APIRoute)]
    return tuple((route.path, route.description.splitlines()[0]) for route in routes)
