"""The image: build it, push it or load it, and record what `install` and `upgrade` are to use."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from pathlib import Path

from tools.base.paths import IMAGE_RECORD, ROOT
from tools.base.problem import Problem
from tools.base.programs import capture, show
from tools.cluster.settings import Settings

TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
# Sources that the Dockerfile copies from the checkout: only these decide what is in the image.
COPIED = re.compile(r"^COPY (?!--)(.+) \S+$", re.MULTILINE)


def make_tag(settings: Settings, root: Path = ROOT) -> str:
    """Name what is in the checkout: the commit, and a hash of what was changed since.

    Raises:
        Problem: If there is no commit, or the given tag cannot be used.
    """
    if settings.tag == "latest":
        message = (
            "TAG=latest is refused, as nobody can tell what it ran, nor roll back to it: leave TAG out "
            "to name the commit."
        )
        raise Problem(message)
    if settings.tag:
        if not TAG.fullmatch(settings.tag):
            message = f"TAG={settings.tag} cannot be a tag: use letters, digits, '.', '_' and '-', at most 128 of them."
            raise Problem(message)
        return settings.tag
    commit = capture("git", "-C", str(root), "rev-parse", "--short=12", "HEAD")
    if not commit.ok:
        message = "The tag is made from the git commit and there is none here: set TAG."
        raise Problem(message)
    changes = _changes(root)
    return commit.output.strip() + (f"-dirty-{changes}" if changes else "")


def _changes(root: Path) -> str:
    """Hash what differs from the commit among the files that go into the image; empty if nothing does."""
    sources = ["Dockerfile", ".dockerignore", *" ".join(COPIED.findall((root / "Dockerfile").read_text())).split()]
    paths = ("--", *sorted(set(sources)))
    difference = capture("git", "-C", str(root), "diff", "--binary", "HEAD", *paths).output
    listed = capture("git", "-C", str(root), "ls-files", "--others", "--exclude-standard", "-z", *paths).output
    untracked = [name for name in sorted(listed.split("\0")) if name]
    if not difference and not untracked:
        return ""
    digest = hashlib.sha256(difference.encode())
    for name in untracked:
        digest.update(name.encode() + b"\0" + (root / name).read_bytes())
    return digest.hexdigest()[:8]


def build(settings: Settings, target: str = "full", *flags: str) -> str:
    """Build one of the images of the Dockerfile, with more flags of docker.

    Returns:
        Its name in the docker engine.
    """
    name = f"{settings.image}:{make_tag(settings)}" + ("" if target == "full" else f"-{target}")
    _need_docker()
    arguments = ("--target", target, *_describe(), *flags)
    if show("docker", "build", *arguments, "--tag", name, ".") != 0:
        message = "docker build failed: the lines above say where."
        raise Problem(message)
    print(f"Built {name}.")
    return name


def _describe() -> list[str]:
    """Say, as flags of docker, which version and commit an image is made of, and when the commit was made."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    commit = capture("git", "log", "-1", "--format=%H %cI").output.split() or ["unknown", "1970-01-01T00:00:00Z"]
    return [
        *("--build-arg", f"VERSION={version}", "--build-arg", f"REVISION={commit[0]}"),
        *("--label", f"org.opencontainers.image.created={commit[1]}"),
    ]


def push(settings: Settings) -> str:
    """Build the image, push it, and record its digest.

    Returns:
        The image as pods name it.
    """
    if not settings.registry:
        message = (
            "REGISTRY is missing, such as `make push REGISTRY=registry.example.com/team`: without a "
            "registry use `make load`."
        )
        raise Problem(message)
    registry = settings.registry.rstrip("/")
    tag = make_tag(settings)
    remote = f"{registry}/{settings.image}:{tag}"
    local = build(settings)
    capture("docker", "tag", local, remote)
    print(f"Pushing {remote}.", flush=True)
    pushed = capture("docker", "push", remote)
    digest = re.search(r"digest: (sha256:[0-9a-f]{64})", pushed.output)
    if not pushed.ok or not digest:
        capture("docker", "rmi", "--no-prune", remote)
        raise Problem(_refusal(registry, pushed.reason))
    _record(registry, settings.image, tag, digest[1])
    print(f"Pushed {remote}@{digest[1]}.")
    return f"{remote}@{digest[1]}"


def load(settings: Settings) -> str:
    """Build the image and copy it into the nodes of the minikube profile, for want of a registry."""
    name = build(settings)
    loaded = capture("minikube", "--profile", settings.profile, "image", "load", name)
    listed = capture("minikube", "--profile", settings.profile, "image", "ls")
    # minikube ends with 0 when it could not load the image.
    if not loaded.ok or not any(line.endswith(f"/{name}") for line in listed.output.split()):
        message = (
            f"minikube could not load {name} into profile {settings.profile} "
            f"({(loaded if not loaded.ok else listed).reason}): is it up? `make minikube-up`."
        )
        raise Problem(message)
    _record("", settings.image, name.rpartition(":")[2], "")
    print(f"Loaded {name} into minikube profile {settings.profile}.")
    return name


def _need_docker() -> None:
    answer = capture("docker", "version", "--format", "{{.Server.Version}}")
    if not answer.ok:
        message = "No docker daemon answers: start Docker, and `docker info` must work."
        raise Problem(message)


def _refusal(registry: str, reason: str) -> str:
    host = registry.partition("/")[0]
    if re.search(r"refused|no such host|timeout|unreachable|EOF", reason):
        return f"The registry {host} does not answer ({reason}): start it, or set REGISTRY to another."
    if re.search(r"denied|unauthorized|no basic auth|authentication", reason):
        return (
            f"The registry {host} refused the push ({reason}): run `docker login {host}` with an account that may push."
        )
    if "HTTP response to HTTPS" in reason:
        return (
            f"The registry {host} has no TLS: list it under insecure-registries of the docker daemon, or use localhost."
        )
    return f"The push to {host} failed ({reason}): nothing was recorded."


def _record(registry: str, repository: str, tag: str, digest: str) -> None:
    values = {"registry": registry, "repository": repository, "tag": tag, "digest": digest}
    IMAGE_RECORD.parent.mkdir(exist_ok=True)
    IMAGE_RECORD.write_text(json.dumps({"image": values}, indent=2) + "\n")
