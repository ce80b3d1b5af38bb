"""``ml-api compare``: do two models answer alike?"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.bundle.verify import Trust
from service.commands.comparison_report import describe, facts_of
from service.commands.document import json_option, tell
from service.commands.options import api_key_option, ca_option, header_option, headers_of, notify
from service.commands.progress import row_progress
from service.runtimes.agreement import TOLERANCE

if TYPE_CHECKING:
    from service.comparison.sides import Side


@click.command("compare", short_help="Tell whether two models answer alike.")
@click.argument("a")
@click.argument("b")
@click.option(
    "--data", required=True, type=click.Path(path_type=Path), help="CSV file with rows as the models take them."
)
@header_option
@click.option(
    "--tolerance",
    default=TOLERANCE,
    show_default=True,
    type=click.FloatRange(min=0),
    help="How far numbers may be apart: this part of the number plus this part of the output's mean size.",
)
@click.option(
    "--agreement",
    default=100.0,
    show_default=True,
    type=click.FloatRange(0, 100),
    help="Percent of the rows that must agree: less than 100 for a model that learned something new.",
)
@click.option("--output", "outputs", multiple=True, help="Name of an output to compare; may be repeated; default: all.")
@click.option("--trust", is_flag=True, help="Load bundles of formats that execute code.")
@api_key_option
@click.option("--api-key-file-a", type=click.Path(path_type=Path), help="The same for the service A alone.")
@click.option("--api-key-file-b", type=click.Path(path_type=Path), help="The same for the service B alone.")
@ca_option
@json_option
def compare(  # noqa: PLR0913, PLR0917  # one for each option
    a: str,
    b: str,
    data: Path,
    has_header: bool | None,
    tolerance: float,
    agreement: float,
    outputs: tuple[str, ...],
    trust: bool,
    as_json: bool,
    **options: Path | None,
) -> None:
    """Compare two models, A and B: each is the folder of a bundle or the URL of a running service.

    A is the one that is known, B the one that is to replace it. Exit code: 0 when they agree; 1 when they differ
    beyond the tolerance, or cannot be compared.
    """
    from service.comparison.result import Wanted, compare_sides  # noqa: PLC0415  # slow, and --help needs none of it
    from service.comparison.sides import ComparisonError, open_side  # noqa: PLC0415
    from service.comparison.table import read_tensors  # noqa: PLC0415
    from service.packing.rows import has_columns, read_table, refuse_repeated  # noqa: PLC0415

    notes: list[str] = []
    table = read_table(data, has_header=has_header, notify=notes.append)
    keys = [headers_of(options[f"api_key_file_{side}"] or options["api_key_file"]) for side in "ab"]
    with ExitStack() as opened:
        one, other = (
            opened.enter_context(open_side(place, Trust(owner=trust), headers, options["ca_file"]))
            for place, headers in zip((a, b), keys, strict=True)
        )
        sides: tuple[Side, Side] = one, other
        if has_columns(table, one.manifest.signature.features):
            refuse_repeated(data, one.manifest.signature.features)
        elif notes:
            notify(notes[0])
        tensors = read_tensors(table, one.manifest.signature, str(data))
        with row_progress(2 * len(table)) as progress:
            comparison = compare_sides(sides, tensors, Wanted(tolerance, agreement / 100, outputs), progress)
    if as_json:
        tell(**facts_of(sides, comparison))
    else:
        describe(sides, comparison)
    if comparison.problem:
        message = f"A and B differ beyond the tolerance of {tolerance:g} on too many rows: {comparison.problem}."
        raise ComparisonError(message)
