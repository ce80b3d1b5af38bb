"""Waits until the pods of a release are ready, or says why they never will be."""

from __future__ import annotations

import time
from typing import Any

from tools.base.problem import Problem
from tools.cluster.kube import Kube

# States of a container that time alone does not mend.
HOPELESS = {
    "CrashLoopBackOff",
    "CreateContainerConfigError",
    "CreateContainerError",
    "ErrImageNeverPull",
    "ImagePullBackOff",
    "InvalidImageName",
    "RunContainerError",
}
SECONDS_BETWEEN_LOOKS = 1.0
WHAT_TO_DO = {
    "ImagePullBackOff": "check the image and `imagePullSecrets`, or run `make push` or `make load` again",
    "ErrImageNeverPull": "run `make load`, or allow pulling with SET=image.pullPolicy=IfNotPresent",
}


def wait(kube: Kube) -> None:
    """Wait until every pod of the release is new and ready.

    Raises:
        Problem: With the reason, as soon as waiting is in vain, or when the time is up.
    """
    deadline = time.monotonic() + kube.settings.timeout_seconds
    while True:
        deployments = kube.of_release("deployments")
        if all(is_complete(deployment) for deployment in deployments):
            return
        late = time.monotonic() > deadline
        reason = _why_not(kube, deployments, late=late)
        if reason:
            raise Problem(reason)
        time.sleep(SECONDS_BETWEEN_LOOKS)


def is_complete(deployment: dict[str, Any]) -> bool:
    """Whether a Deployment runs what its newest version says, and nothing else."""
    status, wanted = deployment.get("status", {}), deployment["spec"]["replicas"]
    return bool(
        status.get("observedGeneration", 0) >= deployment["metadata"]["generation"]
        and status.get("updatedReplicas", 0) == wanted
        and status.get("availableReplicas", 0) == wanted
        and status.get("replicas", 0) == wanted
    )


def _why_not(kube: Kube, deployments: list[dict[str, Any]], *, late: bool) -> str:
    """Say why a rollout fails; empty while there is hope."""
    waiting = ""
    for deployment in deployments:
        for condition in deployment.get("status", {}).get("conditions", []):
            if condition["type"] == "ReplicaFailure" and condition["status"] == "True":
                return (
                    f"Pods cannot be created: {condition['message']}; raise the quota, or lower "
                    "replicaCount or resources"
                )
            if condition["type"] == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded":
                late = True
    for pod in _newest_pods(kube):
        hopeless, waiting = _state(pod)
        if hopeless:
            return hopeless
    if late:
        return f"The pods were not ready in time: {waiting or 'they answer no probe'}; `kubectl describe pods` has more"
    return ""


def _newest_pods(kube: Kube) -> list[dict[str, Any]]:
    wanted = newest_hashes(kube.of_release("replicasets"))
    pods = kube.of_release("pods")
    return [pod for pod in pods if pod["metadata"]["labels"].get("pod-template-hash") in wanted]


def newest_hashes(sets: list[dict[str, Any]]) -> set[str]:
    """Find the pods' hash of the newest ReplicaSet of each Deployment: the stable one, and a canary."""
    newest: dict[str, dict[str, Any]] = {}
    for item in sorted(sets, key=_revision):
        (owner,) = item["metadata"]["ownerReferences"]
        newest[owner["name"]] = item["metadata"]
    return {metadata["labels"]["pod-template-hash"] for metadata in newest.values()}


def _revision(item: dict[str, Any]) -> int:
    return int(item["metadata"].get("annotations", {}).get("deployment.kubernetes.io/revision", "0"))


def _state(pod: dict[str, Any]) -> tuple[str, str]:
    """Give why a pod will never be ready, and what it waits for."""
    name, status = pod["metadata"]["name"], pod["status"]
    waiting = ""
    for container in [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]:
        state = container["state"].get("waiting", {})
        reason = state.get("reason", "")
        # What the process said last is worth more than that it is started again.
        said = container.get("lastState", {}).get("terminated", {}).get("message", "") or state.get("message", "")
        complaint = said.rpartition("Error: ")[2]
        said = " ".join(complaint.split())
        if reason in HOPELESS:
            advice = WHAT_TO_DO.get(reason, "mend what it names")
            return f"Pod {name} is in {reason}: {said.rstrip('.')}; {advice}", ""
        if reason:
            waiting = f"pod {name} is in {reason} {said}".rstrip()
    for condition in status.get("conditions", []):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            waiting = f"pod {name} has no node: {condition.get('message', '')}".rstrip(".")
    return "", waiting
