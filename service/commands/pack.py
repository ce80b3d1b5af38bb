"""``ml-api pack``: from a model file to a bundle."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import click

from service.commands.document import json_option, tell
from service.commands.options import header_option, notify, overwrite_option
from service.commands.report import bundle_facts, print_bundle

if TYPE_CHECKING:
    from service.bundle.verify import Bundle
    from service.packing.candidate import Identity

Choice = Literal["auto", "onnx", "sklearn"]


@click.command("pack", short_help="Make a bundle of a model file.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="What clients call the model.")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="CSV file with rows as the model takes them; an MLflow folder's own input example does as well.",
)
@header_option
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder of the bundle.")
@click.option(
    "--format",
    "choice",
    type=click.Choice(get_args(Choice)),
    default="auto",
    show_default=True,
    help="auto: ONNX when it gives the same answers; onnx: that or nothing; sklearn: the file as it is.",
)
@click.option("--version", default="1", show_default=True, help="What clients call this state of the model.")
@overwrite_option
@json_option
def pack(  # noqa: PLR0913, PLR0917  # one for each option
    file: Path,
    name: str,
    data: Path | None,
    has_header: bool | None,
    out: Path,
    choice: Choice,
    version: str,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Make a bundle of FILE: a scikit-learn model (.joblib, .pkl, .pickle, .skops) or an ONNX model (.onnx).

    FILE may also be a folder that MLflow wrote (MLmodel) with one of these, or the folder of a model.py that defines
    a class Model with predict. The signature, the example and the proof of the conversion come from the rows in the
    CSV file.
    """
    from service.bundle.reading import reading  # noqa: PLC0415  # slow, and 'ml-api pack --help' needs none of it
    from service.bundle.write import refuse_bundle  # noqa: PLC0415
    from service.packing.candidate import Identity  # noqa: PLC0415
    from service.packing.mlflow_folder import is_mlflow, read_mlflow  # noqa: PLC0415
    from service.packing.source import format_of  # noqa: PLC0415

    identity = Identity(name, version)
    identity.check()
    if not overwrite:
        refuse_bundle(out)
    with reading(file):
        file.stat()
    example = None
    if is_mlflow(file):
        model = read_mlflow(file)
        file, example = model.file, model.rows
    model_format = format_of(file)
    if data is None and example is None:
        message = "Missing option '--data': name a CSV file with rows as the model takes them."
        raise click.UsageError(message)
    rows = _Given(data, example, has_header)
    if model_format == "onnx":
        bundle = _pack_graph(file, rows, out, identity, choice)
    else:
        bundle = _pack_estimator(file, rows, out, identity, choice)
    if as_json:
        tell(**bundle_facts(bundle))
    else:
        print_bundle(bundle)


@dataclass(frozen=True)
class _Given:
    """Rows: a CSV file, or else the example that came with the model."""

    file: Path | None
    example: Any
    has_header: bool | None


def _pack_graph(file: Path, given: _Given, out: Path, identity: Identity, choice: Choice) -> Bundle:
    from service.packing.graph_file import pack_graph  # noqa: PLC0415
    from service.packing.rows import names_of_file, read_table, rows_for_graph  # noqa: PLC0415
    from service.packing.source import read_file  # noqa: PLC0415

    content = read_file(file)
    if given.file is None:
        return pack_graph(content, given.example, out, identity, str(file), choice)
    table = read_table(given.file, has_header=given.has_header, notify=notify)
    bundle = pack_graph(content, rows_for_graph(table).data, out, identity, str(file), choice)  # not a DataFrame
    if bundle.manifest.inputs[0].features and (assumption := names_of_file(table, str(file), given.file)):
        notify(assumption)
    return bundle


def _pack_estimator(file: Path, given: _Given, out: Path, identity: Identity, choice: Choice) -> Bundle:
    from service.packing.pack import pack_source  # noqa: PLC0415
    from service.packing.rows import has_columns, read_table, rows_for_estimator  # noqa: PLC0415
    from service.packing.source import read_source  # noqa: PLC0415

    notes: list[str] = []
    table = read_table(given.file, has_header=given.has_header, notify=notes.append) if given.file else None
    click.echo(f"Trusting {file}: loading it executes the code in it.", err=True)
    source = read_source(file)
    if source.trusted_types:
        click.echo(f"Trusting the types {', '.join(source.trusted_types)} in it, which skops does not know.", err=True)
    if given.file is None or table is None:
        return pack_source(source, given.example, out, identity, choice)
    if notes and not has_columns(table, getattr(source.estimator, "feature_names_in_", ())):
        notify(notes[0])
    rows = rows_for_estimator(table, source.estimator, given.file)
    if rows.dropped:
        left_out = f"Leaving out the columns {', '.join(rows.dropped)} of {given.file}, which the model does not take."
        click.echo(left_out, err=True)
    if rows.assumption:
        notify(rows.assumption)
    return pack_source(source, rows.data, out, identity, choice)  # not a DataFrame
