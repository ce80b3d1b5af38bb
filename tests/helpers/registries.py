"""A real registry, distribution's, in a process of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from running import Log

PROGRAM = Path(__file__).parents[2] / "bin" / "registry"

# As `htpasswd -nbB e2e let-me-in` prints it.
USER, PASSWORD = "e2e", "let-me-in"
HTPASSWD = "e2e:$2b$05$xYUrzl4MhwEpunso8zxOFOlAoV4zGvSRxf4ANL2HSYslu2PtJGL7i\n"


@contextmanager
def running_registry(folder: Path, *, password: bool = False) -> Iterator[str]:
    """Run a registry that keeps what it gets in memory.

    Args:
        folder: For its configuration.
        password: Whether it lets in :data:`USER` only.

    Yields:
        Its host and port.
    """
    config = {"version": "0.1", "storage": {"inmemory": {}}, "http": {"addr": "127.0.0.1:0"}}
    if password:
        (folder / "htpasswd").write_text(HTPASSWD)
        config["auth"] = {"htpasswd": {"realm": "models", "path": str(folder / "htpasswd")}}
    path = folder / "registry.yaml"
    path.write_text(json.dumps(config))
    assert PROGRAM.exists(), "make bin/registry builds it"
    process = subprocess.Popen(
        [PROGRAM, "serve", path],
        env={"OTEL_TRACES_EXPORTER": "none"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    log = Log(process.stderr)
    try:
        yield log.wait_for(r"listening on (127\.0\.0\.1:\d+)")[1]
    finally:
        process.terminate()
        process.wait(10)
        log.wait_for_end()
