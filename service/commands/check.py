"""``ml-api check``: verify a bundle as the server does before it gets ready."""

from __future__ import annotations

from pathlib import Path

import click

from service.bundle.verify import Trust, open_bundle
from service.commands.report import describe_conversion


@click.command("check")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--sha256", default="", help="Digest that the bundle must have.")
@click.option("--trust", is_flag=True, help="Load a format that executes code without a digest.")
def check(directory: Path, sha256: str, trust: bool) -> None:  # click calls it
    """Check the bundle in DIRECTORY: digests, trust, library versions, and that it answers its example as before."""
    from service.runtimes.example import verify_example  # noqa: PLC0415  # slow, and --help needs none of it
    from service.runtimes.load import load_runtime  # noqa: PLC0415

    bundle = open_bundle(directory, Trust(sha256, trust))
    manifest = bundle.manifest
    click.echo(f"sha256 {bundle.sha256}{' as pinned' if sha256 else ''}")
    if manifest.executes_code:
        click.echo(f"trust: {'pinned by its digest' if sha256 else 'vouched for by --trust'}")
    else:
        click.echo(f"trust: not needed, {manifest.format} executes no code")
    runtime = load_runtime(bundle, threads=1)
    click.echo(f"model file: {manifest.file} has the digest of the manifest and loads")
    click.echo(
        f"libraries at packing: {', '.join(f'{name} {version}' for name, version in manifest.libraries.items())}"
    )
    for line in describe_conversion(manifest.conversion):
        click.echo(f"conversion: {line}")
    verify_example(runtime, manifest)
    click.echo("example: answered as when it was packed")
    click.echo(f"{manifest.name} {manifest.version} in {directory} is good")
