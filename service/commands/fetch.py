"""``ml-api fetch``."""

from __future__ import annotations

from pathlib import Path

import click

from service.bundle.fetch import fetch as fetch_bundle
from service.commands.progress import byte_progress


@click.command("fetch")
@click.argument("uri")
@click.option("--sha256", required=True, metavar="DIGEST", help="sha256 that the bundle's model.json must have.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the bundle.")
def fetch(uri: str, sha256: str, out: Path) -> None:
    """Fetch the bundle at URI: file://, http:// or https://, a folder with a model.json.

    Nothing is kept unless its digest is the one that was asked for.
    """
    with byte_progress() as report:
        manifest = fetch_bundle(uri, out, sha256, report)
    click.echo(f"Fetched {manifest.name} {manifest.version} ({manifest.format}) into {out}: digest {sha256}")
