"""chart-testing on a cluster: every example of values that the cluster can satisfy, and the upgrade from a release."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from tools.base.history import last_release
from tools.base.paths import CHART, IMAGE_RECORD, ROOT
from tools.base.problem import Problem
from tools.base.programs import capture, find
from tools.cluster.kube import Kube
from tools.cluster.settings import Settings

FOLDER = ROOT / "build" / "ct"
UNREACHABLE = {
    "canary": "it names models that do not exist",
    "everything-on": "it names a registry and a model that do not exist",
}


def install(kube: Kube) -> None:
    """Install and test the chart once for each example, and upgrade to it from the last release if there is one."""
    settings = kube.settings
    if not IMAGE_RECORD.exists():
        message = "There is no image yet: run `make push REGISTRY=...` or `make load`."
        raise Problem(message)
    kube.kubectl("create", "namespace", settings.namespace)
    since = settings.since or last_release()
    since = "" if since == "none" else since
    _copy_chart(since)
    examples = _keep_fitting(kube)
    flags = ["--upgrade", "--skip-missing-values"] if since else []
    if _run_ct(settings, flags) != 0:
        message = "ct install failed: the lines above say for which example."
        raise Problem(message)
    before = f", and upgraded from {since}" if since else ""
    print(f"ct installed and tested the chart with {', '.join(examples)}{before}.")


def _copy_chart(since: str) -> None:
    """Copy the chart to a folder of its own; beside the release that it is upgraded from, ct wants git."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    chart = FOLDER / "charts" / CHART.name
    if since:
        cloned = capture("git", "clone", "--quiet", "--shared", str(ROOT), str(FOLDER))
        commit = capture("git", "rev-parse", "--verify", f"{since}^{{commit}}")
        if not cloned.ok or not commit.ok:
            message = f"The chart of {since} cannot be had: {(commit if cloned.ok else cloned).reason}."
            raise Problem(message)
        capture("git", "-C", str(FOLDER), "update-ref", "refs/remotes/origin/main", commit.output.strip())
        shutil.rmtree(chart, ignore_errors=True)
    shutil.copytree(CHART, chart)


def _keep_fitting(kube: Kube) -> list[str]:
    """Remove the examples that ask for what this cluster does not have."""
    fitting = []
    for file in sorted((FOLDER / "charts" / CHART.name / "ci").glob("*-values.yaml")):
        name = file.name.removesuffix("-values.yaml")
        wanted = kube.settings.only.replace(",", " ").split()
        unwanted = "it is not asked for" if wanted and name not in wanted else ""
        reason = unwanted or UNREACHABLE.get(name) or _refusal(kube, file)
        if reason:
            print(f"ct: {name} is left out: {reason}.")
            file.unlink()
        else:
            fitting.append(name)
    return fitting


def _refusal(kube: Kube, values: Path) -> str:
    """Say why this cluster refuses an example; empty if it does not."""
    tried = kube.helm("install", "fits", str(CHART), f"--values={values}", "--dry-run=server")
    return "" if tried.ok else tried.reason


def _run_ct(settings: Settings, flags: list[str]) -> int:
    image = json.loads(IMAGE_RECORD.read_text())["image"]
    given = ",".join(f"image.{name}={value}" for name, value in image.items())
    arguments = [
        *("install", f"--config={ROOT / 'ct.yaml'}", "--remote=origin", "--target-branch=main"),
        *(f"--namespace={settings.namespace}", "--release-label=app.kubernetes.io/instance"),
        *("--helm-extra-args=--timeout=180s", f"--helm-extra-set-args=--set={given}"),
    ]
    # ct has no flag for the context, but helm and kubectl read it from a file of their own.
    config = capture("kubectl", "config", "view", "--minify", "--flatten", "--context", settings.kube_context)
    kubeconfig = FOLDER / "kubeconfig"
    kubeconfig.touch(mode=0o600)
    kubeconfig.write_text(config.output)
    path = os.pathsep.join([str(Path(find(settings.helm)).parent), os.environ["PATH"]])
    environment = {**os.environ, "KUBECONFIG": str(kubeconfig), "PATH": path}
    return subprocess.run(
        [str(ROOT / "bin" / "ct"), *arguments, *flags], check=False, cwd=FOLDER, env=environment
    ).returncode
