"""What a Make target was asked for, as variables in the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from tools.base.problem import Problem

# Which release is meant, and where it is.
OF_RELEASE = ("release", "namespace", "profile", "context")
# Targets that are about minikube, not about a release.
OF_MINIKUBE = {"load", "minikube-up", "minikube-down", "tunnel"}


@dataclass(frozen=True)
class Settings:
    """The variables that the targets know; an empty one was not given."""

    release: str = "ml-api"
    namespace: str = "ml-api"
    profile: str = "minikube"
    context: str = ""
    driver: str = ""
    cpus: str = ""
    memory: str = ""
    kubernetes_version: str = ""
    addons: str = ""
    registry: str = ""
    image: str = "ml-api"
    tag: str = ""
    values: str = ""
    set: str = ""
    reset: str = ""
    revision: str = ""
    since: str = ""
    only: str = ""
    helm: str = "helm"
    timeout_seconds: int = 600

    @property
    def kube_context(self) -> str:
        """The one context that may be touched; minikube names it after its profile."""
        return self.context or self.profile

    @property
    def keeps_values(self) -> bool:
        """Whether a release that is there keeps the values that it was given before."""
        return self.reset != "yes"

    def target(self, line: str) -> str:
        """Write a Make target with the variables that lead to the same release on the same cluster."""
        names = ("profile",) if line in OF_MINIKUBE else OF_RELEASE
        default = type(self)()
        given = [(name.upper(), getattr(self, name)) for name in names if getattr(self, name) != getattr(default, name)]
        # minikube names the context after the profile.
        told = [f"{name}={value}" for name, value in given if (name, value) != ("CONTEXT", self.profile)]
        return " ".join(["make", line, *told])

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the variables, in upper case, that Make exports."""
        given = {name: environment.get(name.upper(), "").strip() for name in cls.__dataclass_fields__}
        given.pop("timeout_seconds")
        timeout = environment.get("TIMEOUT", "").strip() or str(cls.timeout_seconds)
        if not timeout.isdecimal():
            message = f"TIMEOUT is {timeout!r}, but it must be a whole number of seconds, such as 600."
            raise Problem(message)
        if given["reset"] not in {"", "yes"}:
            message = f"RESET is {given['reset']!r}, but it can only be yes: leave it out to keep the release's values."
            raise Problem(message)
        return cls(timeout_seconds=int(timeout), **{name: value for name, value in given.items() if value})
