"""Slow, hung: what the kubelet does about a process."""

from collections.abc import Callable
from pathlib import Path

import pytest
from models import SLOW_SECONDS, serve_models, slow_model
from space import NAME, Space, image
from waiting import until

LIVENESS = {
    "httpGet": {"path": "/livez", "port": "http"},
    "periodSeconds": 2,
    "timeoutSeconds": 1,
    "failureThreshold": 2,
}
# SIGSTOP to every process of the pod whose uid is given; a pod cannot do this to its own first process.
STOP = """
import os, signal, sys
uid, stopped = sys.argv[1], []
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        group, command = open(f"/proc/{pid}/cgroup").read(), open(f"/proc/{pid}/cmdline").read()
    except OSError:
        continue
    if uid.replace("-", "_") in group.replace("-", "_") and "serve" in command:
        os.kill(int(pid), signal.SIGSTOP)
        stopped.append(pid)
print(*stopped)
"""


@pytest.mark.timeout(300)
def test_a_model_that_loads_slowly_gets_its_time(space: Space, tmp_path: Path) -> None:
    slow = slow_model(tmp_path / "slow")
    address = serve_models(space, {"slow": slow})
    space.install({"replicaCount": 1, "model": {"uri": f"{address}/slow", "sha256": slow.sha256}})
    space.start_client()
    assert space.ask(f"http://{NAME}/predict")[0]["body"] == {"predictions": ["setosa"]}
    (pod,) = space.pods()
    (service,) = pod["status"]["containerStatuses"]
    assert service["restartCount"] == 0
    waited = [message for message in space.events("Unhealthy") if "503" in message]
    assert len(waited) > 0, f"a model that takes {SLOW_SECONDS} seconds was ready at the first look"


@pytest.mark.timeout(300)
def test_a_hung_process_is_restarted(space: Space, make_space: Callable[..., Space]) -> None:
    grace = {"config": {"drainSeconds": 1, "requestTimeoutSeconds": 2}, "terminationGracePeriodSeconds": 5}
    space.install({"replicaCount": 1, "probes": {"liveness": LIVENESS}, **grace})
    space.start_client()
    (pod,) = space.pods()

    # It takes the node's own view of the processes.
    node = make_space("privileged")
    container = {
        "name": "node",
        "image": image(),
        "command": ["python", "-c", "import signal; signal.sigwait([signal.SIGTERM])"],
        "securityContext": {"runAsUser": 0, "privileged": True},
    }
    spec = {"hostPID": True, "terminationGracePeriodSeconds": 1, "containers": [container]}
    node.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "node"}, "spec": spec})
    node.kubectl("wait", "--for=condition=Ready", "pod/node", "--timeout=60s")
    stopped = node.kubectl("exec", "node", "--", "python", "-c", STOP, pod["metadata"]["uid"]).split()
    assert len(stopped) == 1, "the process of the service was found"

    until(lambda: restarts(space) == 1, "the kubelet restarted the container", 90)
    space.settle()
    assert space.ask(f"http://{NAME}/predict")[0]["body"] == {"predictions": ["setosa"]}
    assert space.pods()[0]["metadata"]["uid"] == pod["metadata"]["uid"]
    assert any("Liveness probe failed" in message for message in space.events("Unhealthy"))


def restarts(space: Space) -> int:
    (pod,) = space.pods()
    return int(pod["status"]["containerStatuses"][0]["restartCount"])
