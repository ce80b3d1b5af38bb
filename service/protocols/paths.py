"""The tensor paths: where they are, and the short way to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fastapi import APIRouter
from starlette.types import ASGIApp, Receive, Scope, Send

from service.engine.model import ServedModel
from service.errors import ModelNotReadyError
from service.protocols.call import Bounds, Codec
from service.protocols.decoding import Decoder
from service.protocols.endpoint import EndpointLimits, TensorEndpoint, Watcher
from service.protocols.metadata import Named, Slot
from service.protocols.predict import PredictCodec, V1Codec
from service.protocols.prefix import without_prefix
from service.protocols.v2 import V2Codec

PREDICT = "/predict"
V1_PREDICT = "/v1/models/{model}:predict"
V2_INFER = "/v2/models/{model}/infer"
V2_INFER_VERSION = "/v2/models/{model}/versions/{version}/infer"
JUST_READY = "the model has become ready this moment: try again"

fallback = APIRouter(include_in_schema=False)


@fallback.post(PREDICT)
async def predict_before_ready(slot: Slot) -> None:
    """Explain why the short way did not answer: there was no model yet."""
    slot.require()
    raise ModelNotReadyError(JUST_READY)


@fallback.post(V1_PREDICT)
@fallback.post(V2_INFER)
@fallback.post(V2_INFER_VERSION)
async def infer_elsewhere(served: Named) -> None:  # noqa: ARG001  # it is the finding that explains
    """Explain why the short way did not answer: no model yet, another model or another version."""
    raise ModelNotReadyError(JUST_READY)


@dataclass
class TensorPaths:
    """The endpoint of each tensor path; empty until the model is ready."""

    endpoints: dict[str, TensorEndpoint] = field(default_factory=dict)

    def open(
        self, model: ServedModel, bounds: Bounds, limits: EndpointLimits, watcher: Callable[[str], Watcher]
    ) -> None:
        """Make the endpoints of a model that is ready.

        Args:
            model: What answers.
            bounds: Of the requests' contents.
            limits: Of the requests on their way.
            watcher: Gives the watcher of a path template.
        """
        manifest = model.manifest
        v2, decoder = V2Codec(manifest, bounds), Decoder()
        codecs: Mapping[str, Codec] = {
            PREDICT: PredictCodec(model.signature, bounds, model.sha256),
            V1_PREDICT: V1Codec(model.signature, bounds),
            V2_INFER: v2,
            V2_INFER_VERSION: v2,
        }
        for template, codec in codecs.items():
            path = template.format(model=manifest.name, version=manifest.version)
            self.endpoints[path] = TensorEndpoint(codec, decoder, model.engine, limits, watcher(template))


class ShortWay:
    """Leads a tensor path to its endpoint before FastAPI sees it.

    The router, the exception handlers and the instrumentator's middleware cost more than a prediction.
    """

    def __init__(self, app: ASGIApp, paths: TensorPaths, root_path: str) -> None:
        self._app = app
        self._endpoints = paths.endpoints
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lead a request on."""
        app: ASGIApp = self._app
        if scope["type"] == "http" and scope["method"] == "POST":
            path = scope["path"]
            if self._root_path:
                path = without_prefix(path, self._root_path)
            app = self._endpoints.get(path, app)
        await app(scope, receive, send)
