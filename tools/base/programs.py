"""Starts other programs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from tools.base.paths import ROOT
from tools.base.problem import Problem

COMPLAINT = re.compile(r"^(.*Exiting due to \w+: |Error: |error: )")
WHERE = {
    "docker": "https://docs.docker.com/engine/install",
    "git": "https://git-scm.com/downloads",
    "helm": "https://helm.sh/docs/intro/install",
    "kubectl": "https://kubernetes.io/docs/tasks/tools",
    "minikube": "https://minikube.sigs.k8s.io/docs/start",
}


@dataclass(frozen=True)
class Outcome:
    """How a program ended."""

    code: int
    output: str
    errors: str

    @property
    def ok(self) -> bool:
        """Whether it went well."""
        return self.code == 0

    @property
    def reason(self) -> str:
        """The last line it complained with, without the words that only its authors need."""
        told = [line.strip() for line in (self.errors or self.output).splitlines()]
        # minikube tells the reason first, and draws a box around what to report to its authors.
        lines = [line for line in told if "Exiting due to" in line] or [line for line in told if line]
        return COMPLAINT.sub("", lines[-1]).rstrip(".") if lines else "no reason given"


def find(name: str) -> str:
    """Find a program on the PATH.

    Raises:
        Problem: If it is not installed.
    """
    path = shutil.which(name)
    if path is None:
        short = os.path.basename(name)  # noqa: PTH119  # a name, not a file
        message = (
            f"{short} is not installed: see {WHERE.get(short, 'its documentation')} (`make doctor` checks the rest)."
        )
        raise Problem(message)
    return path


def capture(name: str, *arguments: str, given: str = "", environment: Mapping[str, str] | None = None) -> Outcome:
    """Run a program to its end and keep what it prints."""
    done = subprocess.run(
        [find(name), *arguments],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def show(name: str, *arguments: str) -> int:
    """Run a program to its end in the user's terminal.

    Returns:
        Its exit code.
    """
    return subprocess.run([find(name), *arguments], check=False, cwd=ROOT).returncode


def become(name: str, *arguments: str) -> None:
    """Let a program that runs until Ctrl+C take over."""
    os.execv(find(name), [name, *arguments])  # noqa: S606  # there is no shell to want
