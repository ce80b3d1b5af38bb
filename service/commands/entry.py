"""The options with which a command enters a place: certificates, tokens, bounds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from service.sources.access import MAXIMUM_BYTES, Access, Listener

P = ParamSpec("P")
R = TypeVar("R")

_OPTIONS = (
    click.option(
        "--credentials",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        envvar="ML_API_FETCH_CREDENTIALS",
        help="Folder, such as a mounted Secret, with any of ca.crt, token and .dockerconfigjson.",
    ),
    click.option(
        "--ca-file",
        type=click.Path(path_type=Path),
        envvar="ML_API_FETCH_CA_FILE",
        help="Certificates (PEM) to trust beside those of the system.",
    ),
    click.option(
        "--token-file",
        type=click.Path(path_type=Path),
        envvar="ML_API_FETCH_TOKEN_FILE",
        help="File with a bearer token for https://.",
    ),
    click.option(
        "--plain-http", is_flag=True, envvar="ML_API_FETCH_PLAIN_HTTP", help="Ask a registry over http, not https."
    ),
    click.option(
        "--max-bytes",
        type=click.IntRange(min=1),
        default=MAXIMUM_BYTES,
        show_default=True,
        envvar="ML_API_FETCH_MAX_BYTES",
        help="Largest download, and most bytes that an archive may unpack to.",
    ),
)


def entry_options(command: Callable[P, R]) -> Callable[P, R]:
    """Add the options to a command, which hands them to :func:`access_of`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def access_of(options: dict[str, Any], listener: Listener) -> Access:
    """Make of the options what the sources take."""
    return Access(
        credentials=options["credentials"],
        ca_file=options["ca_file"],
        token_file=options["token_file"],
        plain_http=options["plain_http"],
        maximum_bytes=options["max_bytes"],
        listener=listener,
    )
