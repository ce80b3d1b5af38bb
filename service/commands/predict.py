"""``ml-api predict``: score a CSV file with a running service."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic
from typing import Any, BinaryIO, cast

import click

from service.commands.document import json_option, tell
from service.commands.options import api_key_option, ca_option, header_option, headers_of, notify
from service.commands.progress import byte_progress
from service.errors import ScoringError, StoppedError
from service.scoring.client import Client
from service.scoring.run import Run, Source, Way
from service.scoring.sinks import STANDARD, open_sink, refuse_unfit
from service.scoring.table import GZIP
from service.sources.access import Access, Patience

LONGEST_WAIT_SECONDS = 15.0


@click.command("predict", short_help="Score a CSV file with a running service.")
@click.argument("url")
@click.option("--data", required=True, help="CSV file with rows as the model takes them; - for standard input.")
@click.option("--out", default=STANDARD, help="CSV file for the answers; standard output without it.")
@click.option("--outputs", default="", metavar="NAMES", help="Outputs to write besides the first, e.g. predict_proba.")
@header_option
@api_key_option
@ca_option
@click.option(
    "--batch-rows", type=click.IntRange(1, 100_000), default=500, show_default=True, help="Most rows in a request."
)
@click.option(
    "--concurrency", type=click.IntRange(1, 64), default=4, show_default=True, help="Most requests at a time."
)
@click.option(
    "--attempts",
    type=click.IntRange(1, 1000),
    default=10,
    show_default=True,
    help="Tries of a request while the service is busy or away.",
)
@click.option("--overwrite", is_flag=True, help="Replace the file of --out if it is there.")
@json_option
def predict(url: str, data: str, out: str, as_json: bool, **options: Any) -> None:  # noqa: ANN401  # see Way
    """Score the rows of a CSV file with the service at URL, and write a line of answers for each row.

    The columns are found by the names of the features; others are left out. While the service is busy or away, it is
    asked again. An interrupted run leaves OUT.part, and the same command continues it. With --json a summary goes to
    standard output, so the answers need a file.
    """
    if as_json and out == STANDARD:
        message = "--json prints a summary where the answers would go: name a file for them with --out."
        raise click.UsageError(message)
    refuse_unfit(out, may_replace=options["overwrite"])
    names = tuple(name.strip() for name in options["outputs"].split(",") if name.strip())
    way = Way(names, options["batch_rows"], options["concurrency"], options["has_header"])
    headers = headers_of(options["api_key_file"])
    with ExitStack() as stack:
        file = stack.enter_context(_opened(data))
        listener = stack.enter_context(byte_progress())
        patience = Patience(options["attempts"], longest_seconds=LONGEST_WAIT_SECONDS)
        access = Access(ca_file=options["ca_file"], patience=patience, listener=listener)
        client = stack.enter_context(Client(url, headers, way.concurrency, access))
        source = Source(file, "standard input" if data == STANDARD else data, listener, notify)
        rows = _run(Run(client, source, way), url, out)
    notify(f"{rows} rows are answered{'' if out == STANDARD else f' in {out}'}.")


def _run(run: Run, url: str, out: str) -> int:
    model = {name: getattr(run.manifest, name) for name in ("name", "version", "format")}
    tell(url=url, model={**model, "sha256": run.digest}, left_out=run.left_out)
    with open_sink(out, run.header, run.identity) as sink:
        before, start = sink.state.rows, monotonic()
        try:
            run.write_to(sink)
            tell(out=out)
        except KeyboardInterrupt:
            tell(part=sink.place)
            rows = sink.state.rows
            more = "" if out == STANDARD else f" in {sink.place}, and the same command goes on after them"
            message = f"Stopped: {rows} rows are answered{more}."
            raise StoppedError(message) from None
        except BaseException:
            tell(part=sink.place)
            raise
        finally:
            tell(rows=sink.state.rows, rows_before=before, seconds=round(monotonic() - start, 3))
        return sink.state.rows


@contextmanager
def _opened(data: str) -> Iterator[BinaryIO]:
    if data == STANDARD:
        yield sys.stdin.buffer
        return
    try:
        file = Path(data).open("rb")  # noqa: SIM115  # closed below; only opening it may fail here
    except OSError as error:
        message = f"Cannot read {data}: {error.strerror}."
        raise ScoringError(message) from None
    with file:
        is_compressed = file.peek(len(GZIP)).startswith(GZIP)
        yield cast("BinaryIO", gzip.GzipFile(fileobj=file)) if is_compressed else file
