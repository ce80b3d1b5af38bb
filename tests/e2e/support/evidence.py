"""Keeps what is needed to understand a failure."""

import re
import shutil
from pathlib import Path

from space import Space

FOLDER = Path(__file__).parents[3] / "artifacts"


def keep(spaces: list[Space], test: str) -> Path:
    """Write events, manifests, descriptions and logs of namespaces to files, a folder for each."""
    folder = FOLDER / re.sub(r"[^\w-]+", "-", test).strip("-")
    shutil.rmtree(folder, ignore_errors=True)
    for space in spaces:
        write(space, folder / space.name)
    return folder


def write(space: Space, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    kube = space.kube
    reports = {
        "events.txt": kube.kubectl("get", "events", "--sort-by=.lastTimestamp"),
        "manifests.yaml": kube.kubectl(
            "get", "all,configmaps,hpa,pdb,networkpolicies,endpointslices,pvc", "--output=yaml"
        ),
        "ways-in.yaml": kube.kubectl("get", "ingresses,gateways,httproutes", "--output=yaml"),
        "describe.txt": kube.kubectl("describe", "pods,deployments,services,hpa,pdb"),
        "helm.txt": kube.helm("list"),
    }
    for name in kube.kubectl("get", "pods", "--output=name").output.split():
        pod = name.removeprefix("pod/")
        reports[f"{pod}.log"] = kube.kubectl("logs", name, "--all-containers", "--prefix")
        reports[f"{pod}.previous.log"] = kube.kubectl("logs", name, "--all-containers", "--prefix", "--previous")
    for name, outcome in reports.items():
        if outcome.output:
            (folder / name).write_text(outcome.output)
