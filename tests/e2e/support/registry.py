"""A registry that wants a password, in the cluster: nodes and this machine both call it localhost."""

import contextlib
import json
import socket
import subprocess
from dataclasses import dataclass

from registries import HTPASSWD, PASSWORD, USER
from space import Space, image, recorded_image
from waiting import until

from tools.base.programs import capture

DOCKERFILE = """\
FROM python:3.13-slim
RUN apt-get update && apt-get install --yes --no-install-recommends docker-registry && rm -rf /var/lib/apt/lists/*
ENTRYPOINT ["docker-registry", "serve", "/config/config.yml"]
"""


@dataclass(frozen=True)
class Registry:
    """Where it is and who may enter."""

    host: str
    forward: subprocess.Popen | None
    user: str = USER
    password: str = PASSWORD

    def close(self) -> None:
        if self.forward is not None:
            self.forward.terminate()
            self.forward.communicate(timeout=10)


def start_registry(space: Space) -> Registry:
    """Run the registry on the node's own network, since a node takes only localhost for safe without TLS."""
    port = free_port()
    config = {
        "version": "0.1",
        "storage": {"filesystem": {"rootdirectory": "/data"}},
        "http": {"addr": f":{port}"},
        "auth": {"htpasswd": {"realm": "e2e", "path": "/config/htpasswd"}},
    }
    files = {"config.yml": json.dumps(config), "htpasswd": HTPASSWD}
    container = {
        "name": "registry",
        "image": push_registry_image(),
        "volumeMounts": [{"name": "config", "mountPath": "/config"}, {"name": "data", "mountPath": "/data"}],
        "readinessProbe": {"tcpSocket": {"port": port}, "periodSeconds": 1},
    }
    volumes = [{"name": "config", "configMap": {"name": "registry"}}, {"name": "data", "emptyDir": {}}]
    pod = {"hostNetwork": True, "terminationGracePeriodSeconds": 1, "containers": [container], "volumes": volumes}
    space.apply(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "registry"}, "data": files},
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "registry"}, "spec": pod},
    )
    space.kubectl("wait", "--for=condition=Ready", "pod/registry", "--timeout=120s")
    # Where the node is not this machine, this machine's localhost has to lead there.
    forward = None if answers(port) else space.start("port-forward", "pod/registry", f"{port}:{port}")
    until(lambda: answers(port), "the registry answers on this machine")
    return Registry(f"localhost:{port}", forward)


def push_registry_image() -> str:
    """Build the registry's image and push it where the image under test is."""
    name = f"{recorded_image()['registry']}/ml-api-e2e-registry:1"
    built = capture("docker", "build", "--quiet", "--tag", name, "-", given=DOCKERFILE)
    assert built.ok, built.errors
    pushed = capture("docker", "push", name)
    assert pushed.ok, pushed.errors
    return name


def image_of_registry() -> str:
    """The image under test, as this machine's docker knows it."""
    return image().partition("@")[0]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("localhost", port), timeout=1):
        return True
    return False
