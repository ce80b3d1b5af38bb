"""What may be in an image: rules over the files of an exported one. Pure; needs no docker."""

from __future__ import annotations

import re
import stat
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

UID = 10001
# Every program of the image; a shell, a compiler, pip or a library's command would be one more.
PROGRAMS = {"ml-api", "python", "python3"}
PYTHON = re.compile(r"python3\.\d+")
# What a pod may write to, and what the container engine puts there itself.
OPEN = {"tmp", "dev", "proc", "sys"}
SECRET_NAME = re.compile(
    r"(^|/)(\.env|\.netrc|\.npmrc|\.pypirc|\.git|\.ssh|\.aws|\.docker|\.kube|kubeconfig|credentials(\.json)?"
    r"|id_(rsa|dsa|ecdsa|ed25519)|[^/]*\.(key|p12|pfx|jks))$"
)
SECRET_TEXT = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\r?\n[A-Za-z0-9+/=]{40,}")
LARGEST_TEXT = 1 << 20
LEFT_BEHIND = re.compile(
    r"site-packages/(pip|uv|setuptools|wheel|pytest|mypy|ruff)(/|-[0-9])|/(ensurepip|idlelib|tkinter)/|/tests?/"
    r"|\.(a|h|pyx|pyi)$|(^|/)(uv\.lock|Dockerfile|Makefile)$"
)
SKLEARN = re.compile(r"site-packages/(sklearn|scikit_learn|scipy|pandas|joblib|skops|lightgbm|xgboost|skl2onnx|onnx/)")
SOURCE = re.compile(r"(?P<folder>.*/python3\.\d+/.*)/(?P<name>[^/]+)\.py")


@dataclass(frozen=True)
class Finding:
    """What is wrong with an image.

    Args:
        rule: What it must not have.
        path: The file.
    """

    rule: str
    path: str


def check(archive: tarfile.TarFile, *, sklearn: bool) -> tuple[list[Finding], int]:
    """Look at every file of an exported image.

    Args:
        archive: What ``docker export`` writes.
        sklearn: Whether scikit-learn belongs into it.

    Returns:
        What was found, and the size of all files in bytes.
    """
    rules = (
        dict(RULES) if sklearn else RULES | {"scikit-learn in an image without": lambda entry: _named(SKLEARN, entry)}
    )
    findings, names, size = [], set(), 0
    for entry in archive:
        names.add(entry.name)
        size += entry.size
        findings += [Finding(rule, entry.name) for rule, broken in rules.items() if broken(entry)]
        if entry.isfile() and entry.size <= LARGEST_TEXT and _holds_key(archive, entry):
            findings.append(Finding("a private key", entry.name))
    findings += [Finding("source that is not compiled", name) for name in find_uncompiled(names)]
    return findings, size


def find_uncompiled(names: Iterable[str]) -> Iterator[str]:
    """Name the modules that every start would compile again, as nothing can be written."""
    known = set(names)
    for name in sorted(known):
        module = SOURCE.fullmatch(name)
        if module and not any(f"{module['folder']}/__pycache__/{module['name']}.{tag}.pyc" in known for tag in TAGS):
            yield name


TAGS = tuple(f"cpython-3{minor}" for minor in range(11, 15))


def _holds_key(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> bool:
    file = archive.extractfile(entry)
    return file is not None and SECRET_TEXT.search(file.read()) is not None


def _named(pattern: re.Pattern[str], entry: tarfile.TarInfo) -> bool:
    return pattern.search(entry.name) is not None


def _is_writable(entry: tarfile.TarInfo) -> bool:
    if entry.issym() or PurePosixPath(entry.name).parts[:1] in {(name,) for name in OPEN}:
        return False
    by_group = entry.gid == UID and entry.mode & stat.S_IWGRP
    return entry.uid == UID or bool(by_group) or bool(entry.mode & stat.S_IWOTH)


def _is_program(entry: tarfile.TarInfo) -> bool:
    path = PurePosixPath(entry.name)
    if entry.isdir() or path.parent.name not in {"bin", "sbin"}:
        return False
    return path.name not in PROGRAMS and not PYTHON.fullmatch(path.name)


RULES: dict[str, Callable[[tarfile.TarInfo], bool]] = {
    "a file that runs as its owner": lambda entry: bool(entry.mode & (stat.S_ISUID | stat.S_ISGID)),
    "a file that the service could write to": _is_writable,
    "a program that no pod needs": _is_program,
    "the name of a secret": lambda entry: _named(SECRET_NAME, entry),
    "left over from the build": lambda entry: _named(LEFT_BEHIND, entry),
}
