"""The options with which a command asks a running service."""

from __future__ import annotations

from pathlib import Path

import click

from service.commands.terminal import printable

api_key_option = click.option(
    "--api-key-file",
    type=click.Path(path_type=Path),
    envvar="ML_API_API_KEY_FILE",
    help="File of API keys, one a line; the first one is sent (ML_API_API_KEY_FILE).",
)
ca_option = click.option(
    "--ca-file", type=click.Path(path_type=Path), help="Certificates (PEM) to trust beside those of the system."
)
header_option = click.option(
    "--header/--no-header",
    "has_header",
    default=None,
    help="Whether the first line of the CSV file holds names or a row; without this it is looked at.",
)
overwrite_option = click.option(
    "--overwrite", is_flag=True, help="Replace the bundle in the folder of --out if there is one."
)


def notify(sentence: str) -> None:
    """Tell people something beside the result."""
    click.echo(printable(sentence), err=True)


def headers_of(api_key_file: Path | None) -> dict[str, str]:
    """Give the headers that show the first key of a file.

    Raises:
        KeyFileError: If it has none.
    """
    from service.operations.api_keys import read_keys  # noqa: PLC0415  # slow, and --help needs none of it

    return {"authorization": f"Bearer {read_keys(api_key_file)[0].decode()}"} if api_key_file else {}
