"""A command on a terminal of its own."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Iterator

from running import PROGRAM


def on_a_terminal(*arguments: object, **variables: str) -> tuple[int, str]:
    """Run a command whose standard output and error are a terminal of 120 columns.

    Returns:
        Its exit code, and all that it wrote, colours included.
    """
    hidden = {"NO_COLOR", "FORCE_COLOR", "COLORTERM", "TTY_COMPATIBLE", "TTY_INTERACTIVE"}
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    terminal, screen = pty.openpty()
    with subprocess.Popen(
        [PROGRAM, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=screen,
        stderr=screen,
        env={**environment, "TERM": "xterm", "COLUMNS": "120", **variables},
    ) as process:
        os.close(screen)
        shown = b"".join(_read(terminal))
    os.close(terminal)
    return process.returncode, shown.decode()


def _read(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            yield os.read(terminal, 4096)
        except OSError:  # Linux's way to tell that nobody has the other end any more
            return
