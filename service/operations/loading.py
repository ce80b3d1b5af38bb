"""Load the model in the background, so that probes are answered meanwhile."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from service.bundle.verify import Trust
from service.engine.limits import Limits
from service.engine.model import ModelSlot, ServedModel, load_model
from service.engine.processors import processor_limit
from service.errors import BundleError
from service.operations.http_metrics import HttpMetrics
from service.operations.metrics import EngineMetrics
from service.protocols.arrival import BodyLimits
from service.protocols.call import Bounds
from service.protocols.endpoint import EndpointLimits
from service.protocols.paths import TensorPaths
from service.settings import Settings

logger = logging.getLogger(__name__)

WEDGED_TIMEOUTS = 6
"""A batch that takes so many times the longest a request may take is taken for one that never ends."""

GARBAGE_OBJECTS = 50_000
"""So many new objects make the garbage collector look for cycles."""


@dataclass(frozen=True)
class Loader:
    """Brings the model into its slot and opens its paths.

    Args:
        settings: All of them.
        slot: Where the model goes, or the reason why there is none.
        paths: What is opened once the model is ready.
        http_metrics: Whose children the paths feed.
        engine_metrics: What the engine feeds.
        on_failure: Called when the model cannot be loaded.
    """

    settings: Settings
    slot: ModelSlot
    paths: TensorPaths
    http_metrics: HttpMetrics
    engine_metrics: EngineMetrics
    on_failure: Callable[[], None]

    async def load(self) -> None:
        """Load in a thread; a failure is told once and never retried, since a bundle does not mend itself."""
        try:
            model = await _in_daemon_thread(self._load)
        except BundleError as error:
            self._fail(str(error))
        except Exception:
            logger.exception("Loading the model failed.")
            self._fail(f"The bundle in {self.settings.model_dir} cannot be loaded: the lines above have the reason.")
        else:
            self._open(model)

    def _load(self) -> ServedModel:
        settings = self.settings
        limits = Limits(
            threads=settings.threads or processor_limit(),
            batchable=True,
            inline_seconds=settings.inline_milliseconds / 1000,
            queue_requests=settings.queue_requests,
            queue_rows=settings.queue_rows,
            queue_timeout_seconds=settings.queue_timeout_seconds,
            max_batch_rows=settings.max_batch_rows,
            wedged_seconds=WEDGED_TIMEOUTS * settings.request_timeout_seconds,
        )
        trust = Trust(settings.model_sha256, settings.trust_model)
        return load_model(settings.model_dir, trust, limits, self.engine_metrics)

    def _open(self, model: ServedModel) -> None:
        settings = self.settings
        self.paths.open(
            model,
            Bounds(
                rows=settings.max_rows,
                columns=settings.max_columns,
                elements=settings.max_elements,
                json_bytes=settings.max_json_bytes,
                json_depth=settings.max_json_depth,
            ),
            EndpointLimits(
                BodyLimits(settings.max_body_bytes, settings.body_timeout_seconds),
                settings.request_timeout_seconds,
                settings.compress_minimum_bytes,
            ),
            lambda template: self.http_metrics.path("POST", template),
        )
        self.engine_metrics.serve(model)
        # What lives as long as the process is of no interest to the garbage collector.
        gc.collect()
        gc.freeze()
        # The lists of a large request are not garbage, and looking through them again and again takes a fifth longer.
        gc.set_threshold(GARBAGE_OBJECTS)
        self.slot.model = model
        manifest = model.manifest
        logger.info("Ready: %s %s (%s, digest %s).", manifest.name, manifest.version, manifest.format, model.sha256)

    def _fail(self, sentence: str) -> None:
        self.slot.failure = sentence
        self.on_failure()


def _in_daemon_thread(load: Callable[[], ServedModel]) -> asyncio.Future[ServedModel]:
    """Run a function in a thread that neither the event loop nor the interpreter waits for at the end."""
    outcome: Future[ServedModel] = Future()
    # Otherwise a cancelled wait would cancel the outcome, too, and the thread could not deliver it.
    outcome.set_running_or_notify_cancel()

    def work() -> None:
        try:
            outcome.set_result(load())
        except Exception as error:  # noqa: BLE001  # whoever awaits it decides
            outcome.set_exception(error)
        except BaseException as error:  # noqa: BLE001  # to whoever awaits it, it would be the event loop's own end
            failure = RuntimeError("The model ended its thread.")
            failure.__cause__ = error
            outcome.set_exception(failure)

    threading.Thread(target=work, name="loading", daemon=True).start()
    return asyncio.wrap_future(outcome)
