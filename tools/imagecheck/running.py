"""Runs an image as a careful cluster does, and looks whether the service works."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from tools.base.problem import Problem
from tools.base.programs import capture

# As in the chart: nothing writable but /tmp, no capability, and not even a network.
CAREFUL = (
    *("--read-only", "--tmpfs=/tmp:mode=1777", "--cap-drop=ALL", "--security-opt=no-new-privileges"),
    *("--network=none", "--memory=512m"),
)
WRITABLE = """
import json, os
found = []
for folder, folders, files in os.walk("/"):
    if folder == "/":
        folders[:] = [name for name in folders if name not in ("tmp", "dev", "proc", "sys")]
    found += [path for name in files for path in [os.path.join(folder, name)] if os.access(path, os.W_OK)]
    found += [folder] if os.access(folder, os.W_OK) else []
print(json.dumps(found))
"""


@contextmanager
def running(image: str, *flags: str) -> Iterator[str]:
    """Run a container and remove it at the end.

    Raises:
        Problem: If it does not start.
    """
    started = capture("docker", "run", "--detach", *flags, image)
    if not started.ok:
        message = f"{image} does not start ({started.reason}): `docker run --rm {image}` tells more."
        raise Problem(message)
    try:
        yield started.output.strip()
    finally:
        capture("docker", "rm", "--force", started.output.strip())


def check_service(image: str) -> list[str]:
    """Start the service as a careful cluster does, ask it, and look for a shell.

    Returns:
        What is wrong.
    """
    with running(image, *CAREFUL) as container:
        asked = capture("docker", "exec", container, "ml-api", "smoke", "http://127.0.0.1:8080")
        shell = capture("docker", "exec", container, "/bin/sh", "-c", "true")
    wrong = [] if asked.ok else [f"the service does not work in it: {asked.reason}"]
    return [*wrong, "there is a shell in it"] if shell.ok else wrong


def find_writable(image: str) -> list[str]:
    """Ask the kernel what the service's own user may write to, outside of /tmp; the root is not read-only here."""
    asked = capture("docker", "run", "--rm", "--network=none", "--entrypoint=python", image, "-c", WRITABLE)
    if not asked.ok:
        return [f"python does not run in it: {asked.reason}"]
    return [f"{path} is writable" for path in json.loads(asked.output)]
