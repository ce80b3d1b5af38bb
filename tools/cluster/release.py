"""The release: install, upgrade, rollback, uninstall and test. What fails is undone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tools.base.paths import CHART, IMAGE_RECORD
from tools.base.problem import Problem
from tools.cluster import rollout
from tools.cluster.kube import Kube
from tools.cluster.settings import Settings

MISSING_KIND = re.compile(r'no matches for kind "(\w+)" in version "([^"]+)"')
LIVE = {"deployed", "superseded"}


def install(kube: Kube) -> None:
    """Install the release, or bring it to what is asked for if it is there already, as `upgrade` does."""
    _apply(kube, "--install", "--create-namespace")


def upgrade(kube: Kube) -> None:
    """Upgrade a release that is there.

    Raises:
        Problem: If it is not.
    """
    _need_release(kube)
    _apply(kube)


def rollback(kube: Kube) -> None:
    """Go back to the revision before, or to REVISION."""
    settings = kube.settings
    _need_release(kube)
    done = kube.helm("rollback", settings.release, *([settings.revision] if settings.revision else []))
    if not done.ok:
        message = f"helm could not roll {settings.release} back: {done.reason}; `helm history` names the revisions."
        raise Problem(message)
    rollout.wait(kube)
    print(f"Release {settings.release} is rolled back, as revision {_revision(kube)}.")


def uninstall(kube: Kube) -> None:
    """Remove the release; that there is none is fine."""
    settings = kube.settings
    done = kube.helm("uninstall", settings.release, "--wait", f"--timeout={settings.timeout_seconds}s")
    if "release: not found" in done.errors:
        print(f"There is no release {settings.release} in namespace {settings.namespace}: nothing was removed.")
        return
    if not done.ok:
        message = f"helm could not uninstall {settings.release}: {done.reason}."
        raise Problem(message)
    print(f"Release {settings.release} is gone from namespace {settings.namespace}.")


def test(kube: Kube) -> None:
    """Let the release test itself, and show what its pods say."""
    settings = kube.settings
    _need_release(kube)
    if kube.show_helm("test", settings.release, "--logs", "--timeout=300s") != 0:
        message = f"Release {settings.release} failed its own test: the log above says where."
        raise Problem(message)
    print(f"Release {settings.release} passed its own test.")


def chart_flags(settings: Settings, kept: str, record: Path = IMAGE_RECORD) -> list[str]:
    """Turn the recorded image, VALUES and SET into flags of helm; the later ones win.

    Args:
        settings: What was asked for.
        kept: The values, as JSON, that the release was given before and keeps.
        record: Where `push` and `load` say what they made.

    Raises:
        Problem: If nobody said which image to use.
    """
    image = json.loads(kept).get("image", {})
    if record.exists() and image.get("repository", _repository(record)) == _repository(record):
        flags = [f"--values={record}"]
    elif settings.values or "image." in settings.set or image:
        flags = []
    else:
        message = (
            "There is no image yet: run `make push REGISTRY=...` or `make load`, or name one with VALUES "
            "or SET=image.tag=..."
        )
        raise Problem(message)
    flags += [f"--values={name}" for name in settings.values.replace(",", " ").split()]
    return [*flags, f"--set={settings.set}"] if settings.set else flags


def _repository(record: Path) -> str:
    """Name the recorded image; a release that runs another one is not brought to it."""
    return str(json.loads(record.read_text())["image"]["repository"])


def _apply(kube: Kube, *flags: str) -> None:
    settings = kube.settings
    before = _revision(kube)
    kept = _kept_values(kube)
    arguments = (settings.release, str(CHART), *chart_flags(settings, kept))
    _need_metrics(kube, arguments, kept)
    # Without a word on it, helm keeps old values when it is given no new ones, and else forgets them.
    keep = "--reset-then-reuse-values" if settings.keeps_values else "--reset-values"
    done = kube.helm("upgrade", *arguments, keep, *flags)
    if not done.ok:
        raise Problem(_reason(settings, done.errors, done.reason) + _undo(kube, before))
    try:
        rollout.wait(kube)
    except (Problem, KeyboardInterrupt) as problem:
        message = f"{str(problem) or 'It was interrupted'}.{_undo(kube, before)}"
        raise Problem(message) from None
    verb = "upgraded" if before else "installed"
    print(f"Release {settings.release} is {verb} in namespace {settings.namespace}, as revision {_revision(kube)}.")


def _kept_values(kube: Kube) -> str:
    """Give the values, as JSON, that the release was given before and keeps."""
    if not kube.settings.keeps_values:
        return "{}"
    told = kube.helm("get", "values", kube.settings.release, "--output=json")
    # The values of a release that was given none are told as null.
    return told.output if told.ok and json.loads(told.output) else "{}"


def _reason(settings: Settings, errors: str, last_line: str) -> str:
    missing = MISSING_KIND.search(errors)
    if missing:
        kind, group = missing.groups()
        return (
            f"This cluster does not know {kind} ({group}): install the operator that defines it, or "
            "switch it off in the values."
        )
    if "another operation" in errors:
        return (
            f"An earlier run was broken off in the middle: `{settings.target('rollback')}` or "
            f"`{settings.target('uninstall')}` clears what it left."
        )
    # Helm tells a schema's complaints, and the chart's own refusals, as a list.
    listed = [line.strip("- ").rstrip(".") for line in errors.splitlines() if line.startswith("- ")]
    return f"helm refused: {'; '.join(listed) or last_line}."


def _need_metrics(kube: Kube, arguments: tuple[str, ...], kept: str) -> None:
    """Refuse an autoscaler that would wait for figures for ever."""
    name, chart, *flags = arguments
    rendered = kube.helm("template", name, chart, "--values=-", *flags, given=kept)
    if not re.search(r"^kind: HorizontalPodAutoscaler$", rendered.output, re.MULTILINE):
        return
    # Everybody may ask which groups there are. One that is there but not ready yet is no reason to refuse.
    measured = kube.kubectl("get", "--raw=/apis/metrics.k8s.io/v1beta1")
    if "NotFound" in measured.errors:
        message = (
            "This cluster measures no CPU, so nothing would scale: `make minikube-up` adds "
            "metrics-server, or leave autoscaling off."
        )
        raise Problem(message)


def _undo(kube: Kube, before: int) -> str:
    """Put things back to the revision before; one that never existed is removed.

    Returns:
        What was done, as the end of a sentence.
    """
    settings = kube.settings
    after = _revision(kube)
    if after == before:
        return " Nothing was changed."
    if before == 0:
        done = kube.helm("uninstall", settings.release, "--wait", "--timeout=120s")
        return " What was installed is removed again." if done.ok else f" Removing it failed too: {done.reason}."
    done = kube.helm("rollback", settings.release, str(before))
    return f" Revision {before} is back." if done.ok else f" Going back to revision {before} failed too: {done.reason}."


def _revision(kube: Kube) -> int:
    """Give the newest revision of the release; 0 if there is no release."""
    return max((entry["revision"] for entry in _history(kube)), default=0)


def _history(kube: Kube) -> list[dict[str, Any]]:
    told = kube.helm("history", kube.settings.release, "--output=json")
    history: list[dict[str, Any]] = json.loads(told.output) if told.ok else []
    return history


def _need_release(kube: Kube) -> None:
    if not any(entry["status"] in LIVE for entry in _history(kube)):
        raise kube.missing_release()
