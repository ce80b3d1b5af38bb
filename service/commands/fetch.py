"""``ml-api fetch``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from service.commands.document import json_option, tell
from service.commands.entry import access_of, entry_options
from service.commands.progress import byte_progress
from service.commands.report import bundle_facts
from service.sources.fetch import fetch as fetch_bundle


@click.command("fetch", short_help="Fetch a bundle from where it is kept.")
@click.argument("uri")
@click.option("--sha256", default="", metavar="DIGEST", help="sha256 that the bundle's model.json must have.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the bundle.")
@json_option
@entry_options
def fetch(uri: str, sha256: str, out: Path, as_json: bool, **options: Any) -> None:  # noqa: ANN401  # see entry_options
    """Fetch the bundle at URI: a folder with a model.json, or a .tar.gz of one.

    URI begins with file://, https://, http://, s3://, gs://, az:// or, for a registry, oci://. Nothing is kept unless
    it is whole and has the digest that was asked for, and nothing of it is run. Tokens and certificates also come from
    ML_API_FETCH_* variables.
    """
    with byte_progress() as listener:
        bundle = fetch_bundle(uri, out, sha256, access_of(options, listener))
    if as_json:
        tell(**bundle_facts(bundle))
        return
    manifest = bundle.manifest
    click.echo(f"Fetched {manifest.name} {manifest.version} ({manifest.format}) into {out}: digest {bundle.sha256}")
