"""``python3 -m tools.cluster COMMAND``: what the Make targets of the same names run."""

from __future__ import annotations

import sys
from collections.abc import Callable

from tools.cluster import charttesting, doctor, image, journey, minikube, reach, release
from tools.cluster.kube import Kube, connect
from tools.cluster.problem import Problem
from tools.cluster.settings import Settings


def _on_cluster(command: Callable[[Kube], None]) -> Callable[[Settings], None]:
    return lambda settings: command(connect(settings))


COMMANDS: dict[str, Callable[[Settings], object]] = {
    "doctor": doctor.examine,
    "up": journey.go,
    "minikube-up": minikube.start,
    "minikube-down": minikube.stop,
    "tunnel": minikube.tunnel,
    "image": image.build,
    "push": image.push,
    "load": image.load,
    "install": _on_cluster(release.install),
    "upgrade": _on_cluster(release.upgrade),
    "rollback": _on_cluster(release.rollback),
    "uninstall": _on_cluster(release.uninstall),
    "helm-test": _on_cluster(release.test),
    "url": _on_cluster(reach.show_url),
    "logs": _on_cluster(reach.follow_logs),
    "ct-install": _on_cluster(charttesting.install),
    "predict": _on_cluster(reach.predict),
}
NEXT = {
    "doctor": "make up",
    "up": "make helm-test",
    "minikube-up": "make load, or make push REGISTRY=...",
    "image": "make load, or make push REGISTRY=...",
    "push": "make install, or make upgrade",
    "load": "make install, or make upgrade",
    "install": "make predict",
    "upgrade": "make helm-test, or make rollback",
    "rollback": "make helm-test",
    "uninstall": "make install, or make minikube-down",
    "minikube-down": "make minikube-up",
    "helm-test": "make url",
    "predict": "make helm-test",
}


def main(command: str) -> None:
    """Run one command; what goes wrong is one line on standard error and exit code 1."""
    try:
        COMMANDS[command](Settings.from_environment())
    except Problem as problem:
        sys.exit(f"make {command}: {' '.join(str(problem).split())}")
    except KeyboardInterrupt:
        sys.exit(130)
    if command in NEXT:
        print(f"Next: {NEXT[command]}")


if __name__ == "__main__":
    main(sys.argv[1])
