"""Says what is missing on this machine, and how to get it."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from tools.base.paths import IMAGE_RECORD
from tools.base.problem import Problem
from tools.base.programs import WHERE, capture
from tools.cluster.minikube import is_up
from tools.cluster.settings import Settings

PYTHON = (3, 11)
HELM = (3, 18)
CPUS = 2


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Args:
        name: What.
        found: What is there.
        cure: How to get what is not; empty if all is well.
        optional: Whether things work without it, too.
    """

    name: str
    found: str
    cure: str = ""
    optional: bool = False


def examine(settings: Settings) -> None:
    """Print every check, one a line.

    Raises:
        Problem: If something that is needed is missing.
    """
    missing = []
    for check in _checks(settings):
        mark = "ok" if not check.cure else "optional" if check.optional else "MISSING"
        print(f"{mark:9} {check.name:12} {check.found}{f': {check.cure}' if check.cure else ''}")
        if mark == "MISSING":
            missing.append(check.name)
    if missing:
        message = f"{', '.join(missing)} missing on this machine: the lines above say how to get it."
        raise Problem(message)


def _checks(settings: Settings) -> Iterator[Check]:
    python = sys.version_info[:2]
    yield Check(
        "python", ".".join(map(str, python)), "" if python >= PYTHON else "Python 3.11 or later runs the targets"
    )
    cpus = os.cpu_count() or 1
    yield Check("processors", str(cpus), "" if cpus >= CPUS else "minikube wants 2 or more")
    yield _program("git", "--version", optional=True)
    yield _program(
        "go", "version", cure="see https://go.dev/doc/install, builds the pinned tools of `make lint`", optional=True
    )
    yield _program("docker", "--version")
    if shutil.which("docker"):
        answer = capture("docker", "version", "--format", "{{.Server.Version}}")
        yield Check(
            "docker daemon",
            answer.output.strip() or "none",
            "" if answer.ok else "start Docker; `docker info` must work",
        )
    yield _program("kubectl", "version", "--client")
    yield _helm(settings)
    yield _program("minikube", "version", "--short")
    if shutil.which("minikube"):
        up = is_up(settings)
        yield Check(
            "cluster",
            f"profile {settings.profile} {'up' if up else 'not up'}",
            "" if up else "`make minikube-up`",
            optional=True,
        )
    recorded = IMAGE_RECORD.exists()
    yield Check(
        "image",
        "recorded" if recorded else "none yet",
        "" if recorded else "`make load` or `make push REGISTRY=...`",
        optional=True,
    )


def _program(name: str, *version: str, cure: str = "", optional: bool = False) -> Check:
    if not shutil.which(name):
        return Check(name, "not installed", cure or f"see {WHERE[name]}", optional)
    lines = capture(name, *version).output.splitlines()
    number = re.search(r"v?\d+\.\d+[\w.+-]*", lines[0] if lines else "")
    return Check(name, number[0].rstrip(",") if number else "installed")


def _helm(settings: Settings) -> Check:
    if not shutil.which(settings.helm):
        return Check("helm", "not installed", f"see {WHERE['helm']}, or run `make helm`")
    version = capture(settings.helm, "version", "--template={{.Version}}").output.strip()
    number = re.match(r"v(\d+)\.(\d+)", version)
    fits = number is not None and (int(number[1]), int(number[2])) >= HELM
    return Check("helm", version, "" if fits else "3.18 or later is needed; `make helm` builds one")
