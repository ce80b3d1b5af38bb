"""What the commands tell about a bundle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from service.bundle.manifest import Conversion, Manifest
from service.bundle.verify import Bundle
from service.commands.findings import Finding
from service.commands.terminal import Mood, print_table, shows_tables

if TYPE_CHECKING:
    from service.inspection.inspect import Inspection

_MOST_NAMES = 6


def bundle_facts(bundle: Bundle) -> dict[str, object]:
    """Give for JSON what the manifest of a bundle tells, without the example, and its digest."""
    manifest = bundle.manifest
    told = {name: getattr(manifest, name) for name in ("name", "version", "format", "inputs", "outputs", "conversion")}
    return {**told, "folder": str(bundle.folder), "sha256": bundle.sha256}


def inspection_facts(inspection: Inspection) -> dict[str, object]:
    """Give for JSON what a model file would import, by what is known of it."""
    from service.inspection.kinds import Kind  # noqa: PLC0415  # packing needs none of it

    imports = {kind.name.lower(): inspection.of_kind(kind) for kind in Kind}
    return {"imports": imports, "modules": inspection.modules, "problem": inspection.problem}


def print_bundle(bundle: Bundle) -> None:
    """Print inputs, outputs, proof and digest of a bundle: a table on a terminal, plain lines elsewhere."""
    manifest = bundle.manifest
    if shows_tables():
        print_table(("", "name", "datatype", "shape", "columns"), [(Mood.PLAIN, row) for row in _tensors(manifest)])
    else:
        for row in _tensors(manifest):
            click.echo(" ".join(part for part in row if part))
    if rows := manifest.signature.fixed_rows:
        click.echo(
            f"Rows in a request: {rows} and no other number, as the file says; "
            "export it with a first dimension of any size to send more together"
        )
    click.echo(describe_missing(manifest))
    for line in describe_conversion(manifest.conversion):
        click.echo(line)
    click.echo(f"Packed {manifest.name} {manifest.version} as {manifest.format} into {bundle.folder}")
    click.echo(f"sha256 {bundle.sha256}")


def describe_missing(manifest: Manifest) -> str:
    """Tell which columns take null: those in which a row that was given to pack had none."""
    nullable = [name for spec in manifest.inputs for name in spec.nullable]
    if not nullable:
        return "Missing values: refused, as no row had one"
    if len(nullable) == len(manifest.signature.features):
        return "Missing values: taken in every column"
    return f"Missing values: taken in {_shorten(nullable)}; refused elsewhere, as no row had one there"


def describe_conversion(conversion: Conversion | None) -> Iterator[str]:
    """Tell how the conversion to ONNX went."""
    if conversion is None:
        return
    if not conversion.converted:
        yield f"Not converted to ONNX: {conversion.reason}"
        return
    difference = conversion.largest_difference
    largest = "" if difference is None else f", the largest difference of a number is {difference:.1e}"
    yield f"Converted to ONNX: the answers agree on {conversion.rows} rows (the given ones and rows near them){largest}"
    if conversion.left_out:
        yield f"The converted model has no {', '.join(conversion.left_out)}; --format sklearn keeps it."


def describe_imports(model_format: str, inspection: Inspection) -> Iterator[Finding]:
    """Tell what a model file would import, the harmless part in short; for skops the types that it does not trust."""
    from service.inspection.kinds import Kind  # noqa: PLC0415  # packing needs none of it

    if model_format == "onnx":
        yield Finding("imports", "none, onnx executes no code")
        return
    if model_format == "python" and not inspection.problem:
        modules = ", ".join(inspection.modules) or "nothing"
        yield Finding("imports", f"{modules}; it is source code, which may do anything: read it", Mood.DOUBTFUL)
        return
    moods = {Kind.HARMLESS: Mood.GOOD, Kind.UNKNOWN: Mood.DOUBTFUL, Kind.DANGEROUS: Mood.BAD}
    what, listed = "imports", [Kind.UNKNOWN, Kind.DANGEROUS]
    if model_format == "skops":
        what, listed = "types that skops does not trust", list(Kind)
    elif harmless := inspection.of_kind(Kind.HARMLESS):
        roots = sorted({name.partition(".")[0] for name in harmless})
        yield Finding(f"{what}, {Kind.HARMLESS}", f"{len(harmless)} of {', '.join(roots)}")
    for kind in listed:
        yield from (Finding(f"{what}, {kind}", name, moods[kind]) for name in inspection.of_kind(kind))
    if inspection.problem:
        yield Finding(what, f"there may be more, {inspection.problem}", Mood.BAD)
    elif not inspection.imports:
        yield Finding(what, "none")


def _tensors(manifest: Manifest) -> Iterator[tuple[str, str, str, str, str]]:
    for kind, specs in (("input", manifest.inputs), ("output", manifest.outputs)):
        for spec in specs:
            names = spec.features if hasattr(spec, "features") else spec.labels
            yield kind, spec.name, spec.datatype, str(list(spec.shape)), _shorten([str(name) for name in names])


def _shorten(names: list[str]) -> str:
    return ", ".join([*names[:_MOST_NAMES], "…"] if len(names) > _MOST_NAMES else names)
