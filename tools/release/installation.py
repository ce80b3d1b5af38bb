"""Installs a release from its registry, with the commands of the chart's README."""

from __future__ import annotations

from dataclasses import replace

from tools.base.problem import Problem
from tools.cluster.kube import connect
from tools.cluster.settings import Settings as ClusterSettings
from tools.release.artifacts import demand, plain_http
from tools.release.journey import read_record
from tools.release.settings import Settings
from tools.release.signing import verify

NAMESPACE = "ml-api-release-check"
RELEASE = "iris"


def check(settings: Settings) -> None:
    """Verify, install and test the released chart in a namespace of its own, and remove it again.

    Raises:
        Problem: If it does not run, or runs another image.
    """
    published = read_record(settings.version)
    verify(settings.public_key, published["chart"].pinned)
    kube = connect(replace(ClusterSettings.from_environment(), namespace=NAMESPACE, release=RELEASE))
    chart = f"oci://{published['chart'].reference.rpartition(':')[0]}"
    given = tuple(f"--set={kube.settings.set}" for _ in (1,) if kube.settings.set)
    flags = (f"--version={settings.version}", "--create-namespace", "--wait", "--timeout=300s", *given)
    try:
        demand(kube.helm("install", RELEASE, chart, *flags, *plain_http(settings.registry)), "helm install")
        demand(kube.helm("test", RELEASE), "helm test")
        images = {container["image"] for pod in kube.of_release("pods") for container in pod["spec"]["containers"]}
    finally:
        kube.helm("uninstall", RELEASE, "--wait")
        kube.kubectl("delete", "namespace", NAMESPACE, "--wait=false")
    wanted = f"{published['full'].reference}@{published['full'].digest}"
    if images != {wanted}:
        message = f"The pods ran {', '.join(sorted(images))} instead of {wanted}."
        raise Problem(message)
    print(f"Installed {chart} {settings.version} and tested it: its pods ran {wanted}.")
