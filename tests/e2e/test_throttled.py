"""A tenth of a processor, given by the kernel: slow, right, and never taken for dead."""

import pytest
from space import NAME, SETOSA, Space

TENTH = {"limits": {"cpu": "100m", "memory": "512Mi", "ephemeral-storage": "64Mi"}}


@pytest.mark.timeout(480)
def test_a_pod_with_a_tenth_of_a_processor_starts_and_answers(space: Space) -> None:
    space.install({"replicaCount": 1, "resources": TENTH})
    space.start_client()
    answers = space.ask(f"http://{NAME}/predict", times=50)
    assert [answer["body"] for answer in answers] == SETOSA["answers"] * 50
    (pod,) = space.pods()
    (service,) = pod["status"]["containerStatuses"]
    assert (service["ready"], service["restartCount"]) == (True, 0)
    quota = space.kubectl(
        "exec", pod["metadata"]["name"], "--", "python", "-c",
        "import pathlib\n"
        "for name in ('/sys/fs/cgroup/cpu.stat', '/sys/fs/cgroup/cpu/cpu.stat'):\n"
        "    path = pathlib.Path(name)\n"
        "    print(path.read_text() if path.exists() else '')",
    )  # fmt: skip
    throttled = [int(line.split()[1]) for line in quota.splitlines() if line.startswith("nr_throttled ")]
    assert sum(throttled) > 0, "the kernel held nothing back"
    dead = [message for message in space.events("Unhealthy") if "Liveness" in message]
    assert dead == []
