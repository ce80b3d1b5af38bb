"""``python3 -m tools.cluster COMMAND``: what the Make targets of the same names run."""

from __future__ import annotations

import sys
from collections.abc import Callable

from tools.base.problem import Problem
from tools.cluster import charttesting, doctor, image, journey, minikube, reach, release
from tools.cluster.kube import Kube, connect
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
# What may come next, as targets; after `install` and `helm-test` the type of the Service decides.
NEXT = {
    "doctor": ["up"],
    "up": ["helm-test"],
    "minikube-up": ["load", "push REGISTRY=..."],
    "image": ["load", "push REGISTRY=..."],
    "push": ["install", "upgrade"],
    "load": ["install", "upgrade"],
    "upgrade": ["helm-test", "rollback"],
    "rollback": ["helm-test"],
    "uninstall": ["install"],
    "minikube-down": ["minikube-up"],
    "predict": ["helm-test"],
}


def main(command: str) -> None:
    """Run one command; what goes wrong is one line on standard error and exit code 1."""
    try:
        settings = Settings.from_environment()
        COMMANDS[command](settings)
        hint = _hint(command, settings)
    except Problem as problem:
        sys.exit(f"make {command}: {' '.join(str(problem).split())}")
    except KeyboardInterrupt:
        sys.exit(130)
    if hint:
        print(f"Next: {hint}")


def _hint(command: str, settings: Settings) -> str:
    """Say what to type next; empty if nothing suggests itself."""
    if command in {"install", "helm-test"}:
        return reach.next_step(connect(settings), asked=command == "helm-test")
    return ", or ".join(settings.target(line) for line in NEXT.get(command, []))


if __name__ == "__main__":
    main(sys.argv[1])
