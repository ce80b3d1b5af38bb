"""What V1 and V2 tell of server and model; the tensor paths themselves are in :mod:`service.protocols.paths`."""

from __future__ import annotations

from importlib.metadata import version as version_of
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response, status

from service.bundle.manifest import Manifest
from service.engine.model import ModelSlot, ServedModel
from service.engine.statistics import Total
from service.errors import InvalidInputError, UnknownModelError
from service.protocols.asking import describe
from service.protocols.error_schemas import NOT_READY, PROBLEM_CONTENT, REFUSALS

NOT_READY_BODY = {
    "description": "The model is not ready, or the server is draining.",
    "content": {"application/json": {"schema": {"type": "object", "properties": {"ready": {"const": False}}}}},
}
EXTENSIONS = ("binary_tensor_data", "model_repository", "statistics")

v1 = APIRouter(prefix="/v1", tags=["KServe V1"], responses=REFUSALS)
v2 = APIRouter(prefix="/v2", tags=["Open Inference Protocol V2"], responses=REFUSALS)
model_router = APIRouter(tags=["model"], responses={503: {"description": NOT_READY, "content": PROBLEM_CONTENT}})


async def get_slot(request: Request) -> ModelSlot:
    """Find the slot that the application was made with."""
    slot: ModelSlot = request.app.state.slot
    return slot


Slot = Annotated[ModelSlot, Depends(get_slot)]


async def named_model(slot: Slot, model: str, version: str | None = None) -> ServedModel:
    """Find the model that a path names.

    Raises:
        ModelNotReadyError: If nothing is loaded.
        UnknownModelError: If it is another one, or another version of it.
    """
    served = slot.require()
    manifest = served.manifest
    if model != manifest.name:
        message = f"there is no such model here: this is {manifest.name}"
        raise UnknownModelError(message)
    if version not in {None, manifest.version}:
        message = f"there is no such version of {manifest.name} here: this is {manifest.version}"
        raise UnknownModelError(message)
    return served


Named = Annotated[ServedModel, Depends(named_model)]


@model_router.get("/model", summary="The manifest: signature, example and digest")
async def manifest(slot: Slot) -> dict[str, Any]:
    """Tell what is served, with an example request and its answer by tensor name."""
    served = slot.require()
    return {"sha256": served.sha256, "manifest": served.manifest}


@v1.get("/models", summary="The names of the models")
async def v1_models(slot: Slot) -> dict[str, list[str]]:
    """List the one model, if it is ready."""
    return {"models": [slot.model.manifest.name] if slot.model else []}


@v1.get("/models/{model}", summary="Whether the model is ready")
async def v1_model(served: Named) -> dict[str, Any]:
    """Answer for the one model."""
    return {"name": served.manifest.name, "ready": True}


@v2.get("", summary="Server metadata")
@v2.get("/", include_in_schema=False)
async def v2_server() -> dict[str, Any]:
    """Name the server and the extensions that it speaks."""
    return {"name": "ml-api", "version": version_of("ml-api"), "extensions": list(EXTENSIONS)}


@v2.get("/health/live", summary="Server liveness")
async def v2_live() -> dict[str, bool]:
    """Answer whenever the process can."""
    return {"live": True}


@v2.get("/health/ready", summary="Server readiness", responses={503: NOT_READY_BODY})
async def v2_ready(request: Request, slot: Slot, response: Response) -> dict[str, bool]:
    """Answer 200 while the model is ready and the server is not draining."""
    ready = slot.model is not None and not request.app.state.drain.is_draining
    if not ready:
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    return {"ready": ready}


@v2.get("/models", summary="The names of the models")
async def v2_models(slot: Slot) -> dict[str, list[str]]:
    """List the one model, as KServe does."""
    return {"models": [slot.model.manifest.name] if slot.model else []}


@v2.get("/models/stats", summary="Statistics of all models")
async def v2_all_statistics(slot: Slot) -> dict[str, Any]:
    """Answer as Triton's statistics extension does."""
    return statistics(slot.require())


@v2.get("/models/{model}", summary="Model metadata")
@v2.get("/models/{model}/versions/{version}", summary="Model metadata")
async def v2_model(served: Named) -> dict[str, Any]:
    """Tell the model's real inputs and outputs."""
    manifest = served.manifest
    return {
        "name": manifest.name,
        "versions": [manifest.version],
        "platform": platform(manifest),
        "inputs": [describe(spec) for spec in manifest.inputs],
        "outputs": [describe(spec) for spec in manifest.outputs],
    }


@v2.get("/models/{model}/ready", summary="Model readiness")
@v2.get("/models/{model}/versions/{version}/ready", summary="Model readiness")
async def v2_model_ready(served: Named) -> dict[str, Any]:
    """Answer 200 while the model is ready."""
    return {"name": served.manifest.name, "ready": True}


@v2.get("/models/{model}/stats", summary="Statistics of the model")
@v2.get("/models/{model}/versions/{version}/stats", summary="Statistics of the model")
async def v2_statistics(served: Named) -> dict[str, Any]:
    """Answer as Triton's statistics extension does."""
    return statistics(served)


@v2.post("/repository/index", summary="The models and their states")
async def v2_index(slot: Slot) -> list[dict[str, str]]:
    """List the one model; the body is not needed, and Triton's client sends none."""
    if slot.model is None:
        return []
    manifest = slot.model.manifest
    return [{"name": manifest.name, "version": manifest.version, "state": "READY", "reason": ""}]


@v2.post("/repository/models/{model}/{action}", summary="Not supported: a model changes by a rollout")
async def v2_repository(model: str, action: str) -> None:  # noqa: ARG001  # FastAPI wants the names of the path
    """Refuse to load and unload."""
    message = "a model is changed by a rollout, not by a call: helm upgrade with another model"
    raise InvalidInputError(message)


def platform(manifest: Manifest) -> str:
    """Name the platform by the protocol's rule, project and format."""
    return "onnx_onnxv1" if manifest.format == "onnx" else f"sklearn_{manifest.format}"


def statistics(served: ServedModel) -> dict[str, Any]:
    """Report the engine's counts as Triton's statistics extension does."""
    counts = served.engine.statistics
    nothing = Total()
    stages = {
        "success": counts.success,
        "fail": counts.fail,
        "queue": counts.queue,
        "compute_input": nothing,
        "compute_infer": counts.compute,
        "compute_output": nothing,
    }
    return {
        "model_stats": [
            {
                "name": served.manifest.name,
                "version": served.manifest.version,
                "last_inference": counts.last_inference,
                "inference_count": counts.rows,
                "execution_count": counts.batches,
                "inference_stats": {name: {"count": total.count, "ns": total.ns} for name, total in stages.items()},
                "batch_stats": [],
            }
        ]
    }
