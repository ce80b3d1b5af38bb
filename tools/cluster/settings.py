"""What a Make target was asked for, as variables in the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.cluster.problem import Problem

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "charts" / "ml-api"
# What `make push` and `make load` made: values of the chart, in JSON, which is YAML too.
IMAGE_RECORD = ROOT / "build" / "image.json"


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
    revision: str = ""
    since: str = ""
    only: str = ""
    helm: str = "helm"
    timeout_seconds: int = 600

    @property
    def kube_context(self) -> str:
        """The one context that may be touched; minikube names it after its profile."""
        return self.context or self.profile

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the variables, in upper case, that Make exports."""
        given = {name: environment.get(name.upper(), "").strip() for name in cls.__dataclass_fields__}
        given.pop("timeout_seconds")
        timeout = environment.get("TIMEOUT", "").strip() or str(cls.timeout_seconds)
        if not timeout.isdecimal():
            message = f"TIMEOUT is {timeout!r}, but it must be a whole number of seconds, such as 600."
            raise Problem(message)
        return cls(timeout_seconds=int(timeout), **{name: value for name, value in given.items() if value})
