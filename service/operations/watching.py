"""Notice a bundle that changes under a running pod: it is told, and never loaded.

A volume or a ConfigMap may be written to at any time, but a model is replaced by a rollout, which can be watched and
rolled back. So the pod keeps what it checked when it started, and says that the folder holds something else.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge

from service.bundle.manifest import MANIFEST_NAME
from service.engine.model import ModelSlot, ServedModel
from service.operations.stamp import Stamp, stamp_of

logger = logging.getLogger(__name__)

GONE = ""


@dataclass(frozen=True)
class Found:
    """What lies in the folder of the bundle.

    Args:
        sha256: The digest of its ``model.json``; empty when there is none that can be read.
        is_served: Whether it is the bundle that is served, its model file included.
    """

    sha256: str
    is_served: bool


class BundleWatch:
    """Looks at the files now and then, in a thread of its own, since a look may hang where the disk is far away.

    Args:
        folder: Of the bundle.
        slot: Where the served model is.
        seconds: From one look to the next; 0 never looks.
        registry: Of the metrics.
    """

    def __init__(self, folder: Path, slot: ModelSlot, seconds: float, registry: CollectorRegistry) -> None:
        self._folder = folder
        self._slot = slot
        self._seconds = seconds
        self._stop = threading.Event()
        self._stamps: tuple[Stamp, ...] = ()
        self._gauge = Gauge(
            "ml_api_bundle_changed",
            "1 while the folder of the bundle holds another one than the one that is served.",
            registry=registry,
        )
        self.found: Found | None = None

    def start(self) -> None:
        """Begin to look; a thread that hangs does not keep the process from ending."""
        if self._seconds:
            threading.Thread(target=self._watch, name="watching", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()

    def look(self, model: ServedModel) -> None:
        """Read the files if they are others than at the last look, and tell what is new."""
        paths = self._folder / MANIFEST_NAME, self._folder / model.manifest.file
        stamps = tuple(stamp_of(path) for path in paths)
        if stamps == self._stamps:
            return
        manifest = _digest(paths[0])
        is_served = manifest == model.sha256 and _digest(paths[1]) == model.manifest.sha256
        found = Found(manifest, is_served)
        before, self.found = self.found, found
        # Those from before the files were read, so that one that was half written is read again.
        self._stamps = stamps
        if found != before:
            self._tell(found, model, is_first=before is None)

    def _watch(self) -> None:
        while not self._stop.wait(self._seconds):
            if self._slot.model is not None:
                self.look(self._slot.model)

    def _tell(self, found: Found, model: ServedModel, *, is_first: bool) -> None:
        self._gauge.set(not found.is_served)
        if not found.is_served:
            digest = f"the digest {found.sha256}" if found.sha256 else "no bundle"
            if found.sha256 == model.sha256:
                digest = f"another {model.manifest.file}"
            logger.warning(
                "The folder %s now holds %s; this pod goes on with %s: roll it out to serve another.",
                self._folder,
                digest,
                model.sha256,
            )
        elif not is_first:
            logger.info("The folder %s holds the served bundle again.", self._folder)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return GONE
