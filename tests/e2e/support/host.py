"""Requests from outside the cluster, from the machine that runs the tests."""

import contextlib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from space import NAME, SETOSA, Space
from waiting import until

from tools.base.programs import capture
from tools.cluster.minikube import tunnel_command
from tools.cluster.settings import Settings


def predict(url: str) -> object:
    """Ask for a prediction; None while nothing answers."""
    with contextlib.suppress(httpx2.TransportError), httpx2.Client(trust_env=False, timeout=5) as client:
        return client.post(f"{url}/predict", json=SETOSA["body"]).json()
    return None


def node_url(settings: Settings, space: Space) -> str:
    """Where a NodePort Service answers."""
    (port,) = space.get("service", NAME)["spec"]["ports"]
    return f"http://{node_address(settings)}:{port['nodePort']}"


def node_address(settings: Settings) -> str:
    """Where the node is."""
    return capture("minikube", "--profile", settings.profile, "ip").output.strip()


def balancer_url(space: Space) -> str:
    """Where a LoadBalancer Service answers, once it has an address."""

    def address() -> str:
        given = space.get("service", NAME)["status"].get("loadBalancer", {}).get("ingress", [])
        return given[0]["ip"] if given else ""

    return f"http://{until(address, 'the load balancer has an address')}"


@contextmanager
def tunnel(settings: Settings) -> Iterator[None]:
    """Run `minikube tunnel`, which needs the rights to change this machine's routes."""
    program = subprocess.Popen(
        tunnel_command(settings), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
        assert program.poll() is None, (
            f"minikube tunnel ended with {program.returncode}: it needs root without a prompt"
        )
    finally:
        program.terminate()
        program.wait(30)
