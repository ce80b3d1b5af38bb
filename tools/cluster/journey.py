"""From nothing to a first prediction."""

from __future__ import annotations

import time
from collections.abc import Callable

from tools.cluster import image, minikube, reach, release
from tools.cluster.kube import connect
from tools.cluster.settings import Settings


def go(settings: Settings) -> None:
    """Start the cluster, bring the image, install the release and ask it; a line for each step."""
    bring = image.push if settings.registry else image.load
    steps: list[tuple[str, Callable[[], object]]] = [
        ("Starting minikube", lambda: minikube.start(settings)),
        ("Building the image and bringing it to the cluster", lambda: bring(settings)),
        ("Installing the release", lambda: release.install(connect(settings))),
        ("Asking for a prediction", lambda: reach.predict(connect(settings))),
    ]
    begun = time.monotonic()
    for number, (title, step) in enumerate(steps, start=1):
        print(f"[{number}/{len(steps)}] {title}", flush=True)
        step()
    print(f"All of it took {time.monotonic() - begun:.0f} seconds.")
