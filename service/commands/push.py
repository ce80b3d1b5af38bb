"""``ml-api push``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from service.commands.document import json_option, tell
from service.commands.entry import access_of, entry_options
from service.commands.progress import byte_progress
from service.sources.push import push as push_bundle


@click.command("push", short_help="Bring a bundle into a registry.")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("uri")
@json_option
@entry_options
def push(folder: Path, uri: str, as_json: bool, **options: Any) -> None:  # noqa: ANN401  # see entry_options
    """Bring the bundle in FOLDER into a registry: URI is oci://HOST/REPOSITORY:TAG.

    Passwords come from REGISTRY_USERNAME and REGISTRY_PASSWORD, from --credentials, REGISTRY_AUTH_FILE or docker's own
    config.json.
    """
    with byte_progress() as listener:
        pushed = push_bundle(folder, uri, access_of(options, listener))
    manifest = pushed.manifest
    if as_json:
        told = {name: getattr(manifest, name) for name in ("name", "version", "format")}
        tell(**told, sha256=pushed.sha256, uri=uri, reference=str(pushed.reference))
        return
    click.echo(f"Pushed {manifest.name} {manifest.version} ({manifest.format}) to {uri}: digest {pushed.sha256}")
    click.echo(f"By its own digest: {pushed.reference}")
