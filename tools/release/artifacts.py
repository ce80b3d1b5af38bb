"""Builds what is released: wheel, source archive, chart and images, and pushes the last two to the one registry."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from tools.base.paths import CHART, ROOT
from tools.base.problem import Problem
from tools.base.programs import Outcome, capture
from tools.cluster import image
from tools.cluster.settings import Settings as ClusterSettings
from tools.release import changelog
from tools.release.settings import DIST, Settings

TARGETS = ("full", "onnx")
DIGEST = re.compile(r"[Dd]igest: (sha256:[0-9a-f]{64})")
WORK = ROOT / "build" / "release"
CHANGES = "  artifacthub.io/changes: |"


@dataclass(frozen=True)
class Published:
    """What a registry has now.

    Args:
        reference: Its name with a tag, for people.
        digest: What decides.
    """

    reference: str
    digest: str

    @property
    def pinned(self) -> str:
        """The name under which it never changes."""
        return f"{self.reference.rpartition(':')[0]}@{self.digest}"


def demand(outcome: Outcome, what: str) -> str:
    """Give what a program printed.

    Raises:
        Problem: If it failed.
    """
    if not outcome.ok:
        message = f"{what} failed ({outcome.reason})."
        raise Problem(message)
    return outcome.output + outcome.errors


def build_packages() -> list[Path]:
    """Build wheel and source archive; the commit's time is theirs, so that the same commit makes the same files."""
    epoch = capture("git", "log", "-1", "--format=%ct").output.strip()
    command = (str(ROOT / "bin/uv"), "build", "--quiet", f"--out-dir={DIST}")
    demand(capture(*command, environment={"SOURCE_DATE_EPOCH": epoch}), "uv build")
    return sorted([*DIST.glob("*.whl"), *DIST.glob("*.tar.gz")])


def find_base(name: str) -> tuple[str, str]:
    """Name the base image by digest.

    Returns:
        The name to build from, and its sha256 in hex digits: that of the registry, or of the local image where no
        registry has it.
    """
    capture("docker", "pull", "--quiet", name)
    inspected = capture("docker", "image", "inspect", "--format={{range .RepoDigests}}{{.}} {{end}}{{.Id}}", name)
    *pinned, local = demand(inspected, f"docker pull {name}").split()
    if not pinned:
        print(f"No registry has {name} in reach: the local image is used, and named by its own digest.")
        return name, local.removeprefix("sha256:")
    tag = name.partition("@")[0]
    digest = pinned[0].rpartition("@sha256:")[2]
    return f"{tag}@sha256:{digest}", digest


def build_image(settings: Settings, target: str, base: str) -> str:
    """Build one image under the version as its tag."""
    source = capture("git", "remote", "get-url", "origin").output.strip()
    labels = ("--label", f"org.opencontainers.image.source={source}") if source.startswith("https://") else ()
    return image.build(ClusterSettings(tag=settings.version), target, "--build-arg", f"BASE_IMAGE={base}", *labels)


def push_image(settings: Settings, local: str) -> Published:
    """Push an image under a tag that the registry does not have yet."""
    remote = f"{settings.registry}/{local}"
    if capture("docker", "buildx", "imagetools", "inspect", remote).ok:
        message = f"{remote} is in the registry already: a version is released once, so take the next VERSION."
        raise Problem(message)
    capture("docker", "tag", local, remote)
    return _published(remote, capture("docker", "push", remote))


def package_chart(settings: Settings, full: Published) -> Path:
    """Package the chart so that it runs the released image, by digest, with no values at all."""
    copy = WORK / CHART.name
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(CHART, copy)
    values = copy / "values.yaml"
    text = values.read_text()
    for key, value in {"registry": settings.registry, "digest": full.digest}.items():
        text, changed = re.subn(rf'(?m)\A((?:.*\n)*?image:\n(?:  .*\n)*?  {key}: )""$', rf'\g<1>"{value}"', text)
        if changed != 1:
            message = f"charts/ml-api/values.yaml has no empty image.{key} to fill."
            raise Problem(message)
    values.write_text(text)
    about = copy / "Chart.yaml"
    entries = changelog.entries((ROOT / "CHANGELOG.md").read_text(), settings.version)
    about.write_text(annotate(about.read_text(), full, entries))
    flags = (f"--version={settings.version}", f"--app-version={settings.version}", f"--destination={DIST}")
    demand(capture(helm(), "package", str(copy), *flags), "helm package")
    return DIST / f"{CHART.name}-{settings.version}.tgz"


def annotate(text: str, full: Published, entries: list[changelog.Entry]) -> str:
    """Tell Artifact Hub the image by digest, and what the changelog says of the version.

    Raises:
        Problem: If Chart.yaml does not end with the annotation that is replaced.
    """
    kept, mark, replaced = text.partition(CHANGES)
    if not mark or re.search(r"(?m)^(?! {4})\S", replaced):
        message = f"charts/ml-api/Chart.yaml does not end with {CHANGES.strip()}."
        raise Problem(message)
    reference = f"{full.reference}@{full.digest}"
    images = f"  artifacthub.io/images: |\n    - name: ml-api\n      image: {reference}\n"
    # Each JSON string is a YAML string.
    changes = [f"    - kind: {entry.kind}\n      description: {json.dumps(entry.description)}\n" for entry in entries]
    return "".join([kept, images, CHANGES, "\n", *changes])


def push_chart(settings: Settings, package: Path) -> Published:
    """Push the packaged chart."""
    remote = f"{settings.registry}/charts/{CHART.name}:{settings.version}"
    plain = plain_http(settings.registry)
    if capture(helm(), "show", "chart", f"oci://{remote}", *plain).ok:
        message = f"{remote} is in the registry already: a version is released once, so take the next VERSION."
        raise Problem(message)
    return _published(remote, capture(helm(), "push", str(package), f"oci://{settings.registry}/charts", *plain))


def helm() -> str:
    """The helm that Make found or built."""
    return ClusterSettings.from_environment().helm


def plain_http(registry: str) -> tuple[str, ...]:
    """The flag that helm wants for a registry without TLS; docker knows by itself that localhost has none."""
    return ("--plain-http",) if re.match(r"(localhost|127\.0\.0\.1)(:|/|$)", registry) else ()


def _published(remote: str, pushed: Outcome) -> Published:
    found = DIGEST.search(demand(pushed, f"The push of {remote}"))
    if not found:
        message = f"The push of {remote} named no digest: nobody could verify it."
        raise Problem(message)
    return Published(remote, found[1])
