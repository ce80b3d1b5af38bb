"""What the kubelet asks."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response, status

router = APIRouter(tags=["operations"])


@router.get("/", summary="Alive")
async def index(response: Response) -> dict[str, str]:
    """Answer as KServe's servers do; a browser gets the model's page here."""
    response.headers["vary"] = "Accept"
    return {"status": "alive"}


@router.get("/livez", summary="Liveness", responses={503: {"description": "The model hangs in every thread."}})
async def live(request: Request, response: Response) -> dict[str, str]:
    """Answer 200 while the event loop turns and the model, however slow, may still come back."""
    model = request.app.state.slot.model
    if model is not None and model.engine.is_wedged:
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
        return {"status": "wedged"}
    return {"status": "alive"}


@router.get("/readyz", summary="Readiness", responses={503: {"description": "Starting, failed or draining."}})
async def ready(request: Request, response: Response) -> dict[str, Any]:
    """Answer 200 from the moment the model has answered its example until the drain begins."""
    state = request.app.state
    answer: dict[str, Any] = {"status": "ready"}
    if state.drain.is_draining:
        answer["status"] = "draining"
    elif state.slot.failure:
        answer["status"] = "failed"
    elif state.slot.model is None:
        answer["status"] = "starting"
    if answer["status"] != "ready":
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    if state.slot.model is not None:
        model = state.slot.model
        answer["model"] = {
            "name": model.manifest.name,
            "version": model.manifest.version,
            "format": model.manifest.format,
            "sha256": model.sha256,
        }
    found = state.watch.found
    if found is not None and not found.is_served:
        answer["bundle"] = {"status": "changed", "sha256": found.sha256}
    if state.settings.pod_name:
        answer["pod"] = state.settings.pod_name
    return answer
