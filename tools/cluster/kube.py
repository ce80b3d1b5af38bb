"""Speaks to one cluster, and to no other: the only place where kubectl and helm are called."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tools.base.problem import Problem
from tools.base.programs import Outcome, capture, show
from tools.cluster.settings import Settings


@dataclass(frozen=True)
class Kube:
    """kubectl and helm, tied to the context and the namespace that were asked for. Made by `connect`."""

    settings: Settings

    def kubectl(self, *arguments: str, given: str = "") -> Outcome:
        """Run kubectl."""
        return capture("kubectl", *self.kubectl_flags, *arguments, given=given)

    @property
    def kubectl_flags(self) -> tuple[str, ...]:
        """What every call of kubectl begins with."""
        return "--context", self.settings.kube_context, "--namespace", self.settings.namespace

    def helm(self, *arguments: str, given: str = "") -> Outcome:
        """Run helm."""
        return capture(self.settings.helm, *arguments, *self.helm_flags, given=given)

    def show_helm(self, *arguments: str) -> int:
        """Run helm in the user's terminal."""
        return show(self.settings.helm, *arguments, *self.helm_flags)

    @property
    def helm_flags(self) -> tuple[str, ...]:
        """What every call of helm ends with."""
        return "--kube-context", self.settings.kube_context, "--namespace", self.settings.namespace

    def get(self, *arguments: str) -> Any:  # noqa: ANN401  # any JSON
        """Get objects.

        Raises:
            Problem: If they cannot be had.
        """
        outcome = self.kubectl("get", *arguments, "--output=json")
        if not outcome.ok:
            message = f"The cluster of context {self.settings.kube_context} refused: {outcome.reason}."
            raise Problem(message)
        return json.loads(outcome.output)

    def of_release(self, kind: str) -> list[dict[str, Any]]:
        """Get the objects of one kind that belong to the release, without those of its tests."""
        found: list[dict[str, Any]] = self.get(kind, f"--selector=app.kubernetes.io/instance={self.settings.release}")[
            "items"
        ]
        return [item for item in found if not item["metadata"]["labels"]["app.kubernetes.io/name"].endswith("-test")]

    def missing_release(self) -> Problem:
        """Say that the release is not there, to be raised."""
        settings = self.settings
        return Problem(
            f"There is no release {settings.release} in namespace {settings.namespace}: "
            f"run `{settings.target('install')}`, or set RELEASE and NAMESPACE."
        )


def connect(settings: Settings) -> Kube:
    """Make sure that the context exists and that its cluster answers.

    Raises:
        Problem: If not; nothing was touched then.
    """
    context = settings.kube_context
    names = capture("kubectl", "config", "get-contexts", "--output=name").output.split()
    if context not in names:
        known = f"there are {', '.join(names)}" if names else "there are none"
        message = f"There is no kube context {context} ({known}): run `make minikube-up`, or set PROFILE or CONTEXT."
        raise Problem(message)
    answer = capture("kubectl", "--context", context, "get", "--raw=/readyz", "--request-timeout=10s")
    if not answer.ok:
        message = (
            f"The cluster of context {context} does not answer: run `make minikube-up`, or set CONTEXT to another."
        )
        raise Problem(message)
    return Kube(settings)
