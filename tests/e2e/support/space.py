"""A namespace of its own for a test, and the release in it."""

import contextlib
import json
import subprocess
from dataclasses import dataclass, replace
from typing import Any

from waiting import until

from tools.base.paths import CHART, IMAGE_RECORD
from tools.base.programs import Outcome, find
from tools.cluster.kube import Kube
from tools.cluster.rollout import is_complete

Object = dict[str, Any]

RELEASE = "iris"
# `RELEASE-ml-api` is what the chart calls its objects.
NAME = "iris-ml-api"
SELECTOR = f"--selector=app.kubernetes.io/name=ml-api,app.kubernetes.io/instance={RELEASE}"
SETOSA = {"body": {"instances": [[5.1, 3.5, 1.4, 0.2]]}, "answers": [{"predictions": ["setosa"]}]}
VIRGINICA = {"body": {"instances": [[6.3, 3.3, 6.0, 2.5]]}, "answers": [{"predictions": ["virginica"]}]}
# Small enough that several releases fit on two processors, and quick to leave where nobody counts requests.
SMALL = {
    "resources": {"requests": {"cpu": "20m", "memory": "96Mi", "ephemeral-storage": "16Mi"}},
    "config": {"drainSeconds": 1},
}
# The chart's own default, for tests that do count.
DRAINING = {"config": {"drainSeconds": 5}}
RESTRICTED = {
    "runAsNonRoot": True,
    "runAsUser": 10001,
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


@dataclass(frozen=True)
class Space:
    """One namespace of one cluster."""

    kube: Kube

    @property
    def name(self) -> str:
        return self.kube.settings.namespace

    def with_helm(self, helm: str) -> "Space":
        """The same namespace, seen by another helm."""
        return Space(replace(self.kube, settings=replace(self.kube.settings, helm=helm)))

    def kubectl(self, *arguments: str, given: str = "") -> str:
        """Run kubectl, which must go well."""
        outcome = self.kube.kubectl(*arguments, given=given)
        assert outcome.ok, f"kubectl {' '.join(arguments)[:300]}: {outcome.errors}"
        return outcome.output

    def get(self, *arguments: str) -> Any:
        return json.loads(self.kubectl("get", *arguments, "--output=json"))

    def apply(self, *objects: Object) -> None:
        for item in objects:
            self.kubectl("apply", "--filename=-", given=json.dumps(item))

    def helm(self, *arguments: str, values: Object | None = None) -> str:
        """Run helm, which must go well."""
        outcome = self.try_helm(*arguments, values=values)
        assert outcome.ok, f"helm {' '.join(arguments)[:300]}: {outcome.errors}"
        return outcome.output

    def try_helm(self, *arguments: str, values: Object | None = None) -> Outcome:
        if values is None:
            return self.kube.helm(*arguments)
        return self.kube.helm(*arguments, "--values=-", given=json.dumps(values))

    def install(self, values: Object | None = None, *flags: str) -> None:
        """Install the chart with the image under test, and wait until it is ready."""
        self.helm(
            "install", RELEASE, *CHART_FLAGS, *flags, "--wait", "--timeout=180s", values=merge(SMALL, values or {})
        )

    def upgrade(self, *flags: str, values: Object | None = None) -> None:
        """Upgrade with the values of before and these, and wait until every old pod is gone."""
        keep = ("--reset-then-reuse-values",)
        self.helm("upgrade", RELEASE, *CHART_FLAGS, *keep, *flags, "--wait", "--timeout=300s", values=values or {})
        self.settle()

    def releases(self) -> set[str]:
        """The releases there are, whatever their state: helm keeps each revision in a Secret."""
        secrets = self.get("secrets", "--selector=owner=helm")["items"]
        return {secret["metadata"]["labels"]["name"] for secret in secrets}

    def settle(self, seconds: float = 120) -> None:
        """Wait until the release's pods are those that are asked for, with none still leaving."""
        until(lambda: all(map(is_complete, self.deployments())), "the deployments are complete", seconds)
        until(lambda: len(self.pods()) == self.wanted(), "no pod is leaving any more", seconds)

    def replicas(self) -> int:
        return int(self.get("deployment", NAME)["spec"]["replicas"])

    def deployments(self) -> list[Object]:
        """The stable one, and the canary while there is one."""
        return list(self.get("deployments", SELECTOR)["items"])

    def wanted(self) -> int:
        """How many pods all deployments ask for."""
        return sum(deployment["spec"]["replicas"] for deployment in self.deployments())

    def pods(self, *, track: str = "") -> list[Object]:
        return list(self.get("pods", f"{SELECTOR},track={track}" if track else SELECTOR)["items"])

    def pod_names(self, *, track: str = "") -> set[str]:
        return {pod["metadata"]["name"] for pod in self.pods(track=track)}

    def evict(self, pod: str) -> str:
        """Ask the eviction API to remove a pod, as `kubectl drain` does.

        Returns:
            Why it must stay; empty if it goes.
        """
        eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod, "namespace": self.name}}
        path = f"/api/v1/namespaces/{self.name}/pods/{pod}/eviction"
        outcome = self.kube.kubectl("create", f"--raw={path}", "--filename=-", given=json.dumps(eviction))
        assert outcome.ok or "disruption budget" in outcome.errors, outcome.errors
        return "" if outcome.ok else outcome.errors

    def start_client(self, **more: Any) -> None:
        """Run a pod of the service's own image that only waits, to run programs in; with more fields of its spec."""
        container = {
            "name": "client",
            "image": image(),
            "command": ["python", "-c", "import signal; signal.sigwait([signal.SIGTERM])"],
            "securityContext": RESTRICTED,
            "resources": {"requests": {"cpu": "20m", "memory": "64Mi"}, "limits": {"memory": "512Mi"}},
        }
        pod = {"enableServiceLinks": False, "terminationGracePeriodSeconds": 1, "containers": [container], **more}
        self.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "client"}, "spec": pod})
        self.kubectl("wait", "--for=condition=Ready", "pod/client", "--timeout=60s")

    @property
    def chart(self) -> tuple[str, ...]:
        """The chart with the image under test, as arguments of helm."""
        return CHART_FLAGS

    def events(self, reason: str) -> list[str]:
        """What Kubernetes told for a reason such as ``Failed``."""
        return [event["message"] for event in self.get("events", f"--field-selector=reason={reason}")["items"]]

    def ask(self, url: str, times: int = 1, question: Object = SETOSA) -> list[Object]:
        """Ask from the client's pod, over a new connection each time."""
        self.reach(url)
        return self.ask_now(url, times, question)

    def ask_now(self, url: str, times: int = 1, question: Object = SETOSA) -> list[Object]:
        """Ask without waiting for the node."""
        return list(json.loads(self.python(ASK, url, str(times), json.dumps(question["body"]))))

    def answering(self, times: int = 40) -> set[str | None]:
        """The pods that answer new connections through the Service, by the header that `podHeader` adds."""
        return {answer["pod"] for answer in self.try_ask(f"http://{NAME}/predict", times)}

    def try_ask(self, url: str, times: int = 1) -> list[Object]:
        """Ask from the client's pod; nothing comes while there is no answer, as when the node knows no way yet."""
        with contextlib.suppress(AssertionError):
            return self.ask_now(url, times)
        return []

    def reach(self, url: str) -> None:
        """Wait until the node leads to a Service: it learns of one, and of its first pod, in its own time."""
        self.python(REACH, url)

    def python(self, program: str, *arguments: str) -> str:
        """Run a Python program in the client's pod."""
        return self.kubectl("exec", "client", "--", "python", "-c", program, *arguments)

    def start(self, *arguments: str) -> subprocess.Popen:
        """Start kubectl with pipes, for a command that goes on."""
        command = [find("kubectl"), *self.kube.kubectl_flags, *arguments]
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )


REACH = """
import socket, sys, time, urllib.parse
place = urllib.parse.urlsplit(sys.argv[1])
deadline = time.monotonic() + 30
while True:
    try:
        socket.create_connection((place.hostname, place.port or 80), 2).close()
        break
    except OSError as error:
        assert time.monotonic() < deadline, f"{place.netloc} is not reached: {error}"
        time.sleep(0.1)
"""
ASK = """
import json, sys, urllib.request
url, times, body = sys.argv[1], int(sys.argv[2]), sys.argv[3].encode()
answers = []
for _ in range(times):
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        answers.append({"body": json.load(answer), "pod": answer.headers["X-Served-By"]})
print(json.dumps(answers))
"""
CHART_FLAGS = (str(CHART), f"--values={IMAGE_RECORD}")


def recorded_image() -> Object:
    """What `make push` recorded."""
    assert IMAGE_RECORD.exists(), "there is no image to test: run `make push REGISTRY=...` first, as `make e2e` does"
    return dict(json.loads(IMAGE_RECORD.read_text())["image"])


def image() -> str:
    """The image under test, as pods name it."""
    part = recorded_image()
    return f"{part['registry']}/{part['repository']}:{part['tag']}@{part['digest']}"


def merge(first: Object, second: Object) -> Object:
    """Values of the second over those of the first, as helm does."""
    merged = dict(first)
    for key, value in second.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = merge(merged[key], value) if both else value
    return merged
