"""``python3 -m tools.imagecheck``: builds both images and looks into them, as ``make image-check`` does."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from typing import Any

from tools.base.problem import Problem
from tools.base.programs import capture, find
from tools.cluster import image
from tools.cluster.settings import Settings
from tools.imagecheck.contents import UID, Finding, check
from tools.imagecheck.running import check_service, find_writable

# Millions of bytes, unpacked; a tenth above what was measured.
LIMITS = {"full": 485, "onnx": 270}
LABELS = {
    f"org.opencontainers.image.{name}"
    for name in (
        *("title", "description", "authors", "vendor", "licenses", "version", "revision", "created", "base.name"),
    )
}
SHOWN = 20


def main() -> None:
    """Check both images; each finding is a line, and any is exit code 1."""
    settings = Settings.from_environment()
    try:
        wrong = [line for target in LIMITS for line in examine(image.build(settings, target), target)]
    except Problem as problem:
        sys.exit(f"make image-check: {problem}")
    if wrong:
        more = [f"and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
        sys.exit("\n".join(["make image-check found:", *wrong[:SHOWN], *more]))


def examine(name: str, target: str) -> list[str]:
    """Look at one image.

    Returns:
        What is wrong with it, a line each.
    """
    config = json.loads(capture("docker", "image", "inspect", name).output)[0]["Config"]
    findings, size = _check_files(name, target)
    wrong = [f"/{finding.path}: {finding.rule}" for finding in findings]
    wrong += [*check_config(config), *find_writable(name), *check_service(name)]
    if size > LIMITS[target] * 1e6:
        wrong.append(f"it has {size / 1e6:.0f} MB, more than {LIMITS[target]}")
    print(f"{name}: {size / 1e6:.0f} MB of at most {LIMITS[target]}, {len(wrong) or 'nothing'} found")
    return [f"{name}: {line}" for line in wrong]


def check_config(config: dict[str, Any]) -> list[str]:
    """Look at what the image says about itself."""
    missing = sorted(LABELS - {label for label, value in (config["Labels"] or {}).items() if value})
    wrong = [f"the label {label} is missing" for label in missing]
    if config["User"] != f"{UID}:{UID}":
        wrong.append(f"it runs as {config['User'] or 'root'}")
    if config["Entrypoint"] != ["ml-api"] or config["Cmd"] != ["serve"]:
        wrong.append(f"it starts {config['Entrypoint']} {config['Cmd']}")
    return wrong


def _check_files(name: str, target: str) -> tuple[list[Finding], int]:
    container = capture("docker", "create", name).output.strip()
    try:
        command = [find("docker"), "export", container]
        with (
            subprocess.Popen(command, stdout=subprocess.PIPE) as export,
            tarfile.open(fileobj=export.stdout, mode="r|") as archive,
        ):
            return check(archive, sklearn=target == "full")
    finally:
        capture("docker", "rm", container)


if __name__ == "__main__":
    main()
