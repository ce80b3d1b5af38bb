"""``ml-api predict``: score a CSV file with a running service."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import click

from service.bundle.manifest import Manifest
from service.commands.progress import byte_progress
from service.errors import ScoringError
from service.operations.api_keys import read_keys
from service.scoring.answers import Answers
from service.scoring.cells import features_of
from service.scoring.client import Client
from service.scoring.partial import PartialFile, State
from service.scoring.score import score
from service.scoring.table import Batch, Table
from service.sources.access import Access, Listener, Patience

STANDARD = "-"
LONGEST_WAIT_SECONDS = 15.0


@dataclass(frozen=True)
class Way:
    """How the rows are sent."""

    outputs: tuple[str, ...]
    batch_rows: int
    concurrency: int


@click.command("predict", short_help="Score a CSV file with a running service.")
@click.argument("url")
@click.option("--data", required=True, help="CSV file with rows as the model takes them; - for standard input.")
@click.option("--out", default=STANDARD, help="CSV file for the answers; standard output without it.")
@click.option("--outputs", default="", metavar="NAMES", help="Outputs to write besides the first, e.g. predict_proba.")
@click.option(
    "--api-key-file",
    type=click.Path(path_type=Path),
    envvar="ML_API_API_KEY_FILE",
    help="File of API keys, one a line; the first one is sent (ML_API_API_KEY_FILE).",
)
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
def predict(url: str, data: str, out: str, overwrite: bool, **options: Any) -> None:  # noqa: ANN401  # see Way and _headers
    """Score the rows of a CSV file with the service at URL, and write a line of answers for each row.

    The columns are found by the names of the features; others are left out. While the service is busy or away, it is
    asked again. An interrupted run leaves OUT.part, and the same command continues it.
    """
    names = tuple(name.strip() for name in options["outputs"].split(",") if name.strip())
    way = Way(names, options["batch_rows"], options["concurrency"])
    if out != STANDARD and Path(out).exists() and not overwrite:
        message = f"{out} is there already: choose another name, or --overwrite it."
        raise ScoringError(message)
    key_file = options["api_key_file"]
    headers = {"authorization": f"Bearer {read_keys(key_file)[0].decode()}"} if key_file else {}
    with ExitStack() as stack:
        file = stack.enter_context(_opened(data))
        listener = stack.enter_context(byte_progress())
        patience = Patience(options["attempts"], longest_seconds=LONGEST_WAIT_SECONDS)
        access = Access(patience=patience, listener=listener)
        client = stack.enter_context(Client(url, headers, way.concurrency, access))
        rows = _run(client, Source(file, "standard input" if data == STANDARD else data, listener), out, way)
    click.echo(f"{rows} rows are answered{'' if out == STANDARD else f' in {out}'}.", err=True)


@dataclass(frozen=True)
class Source:
    """Where the rows come from, and who is told how far they are read."""

    file: BinaryIO
    name: str
    listener: Listener

    def tell(self, batch: Batch) -> None:
        """Tell that a batch is answered."""
        total = Path(self.name).stat().st_size if Path(self.name).is_file() else None
        self.listener.received(self.name, batch.offset, total)


def _run(client: Client, source: Source, out: str, way: Way) -> int:
    manifest, digest = client.describe()
    answers = Answers(manifest, way.outputs)
    table = _table(source, manifest)
    with _sink(out, answers.header, {"model": digest, "outputs": ",".join(answers.asked)}) as sink:
        if sink.state.rows:
            _skip(table, sink.state, source.name, f"{out}.part")

        def write(answer: Any, batch: Batch) -> None:  # noqa: ANN401  # the JSON of /predict
            sink.append(answers.lines(answer, len(batch.rows)), len(batch.rows), batch.digest)
            source.tell(batch)

        score(table.batches(way.batch_rows), lambda batch: client.predict(batch, answers.asked), write, way.concurrency)
        if client.describe()[1] != digest:
            message = f"Another model is served at {client.url} since this began: score the rows again."
            raise ScoringError(message)
        sink.finish()
        return sink.state.rows


def _skip(table: Table, state: State, name: str, part: str) -> None:
    if table.skip(state.rows) != state.digest:
        message = f"{name} is not what it was when {part} was begun: remove that to begin anew."
        raise ScoringError(message)
    click.echo(f"Continuing after the {state.rows} rows that are answered in {part}.", err=True)


class Output:
    """Standard output, which cannot be continued."""

    def __init__(self, header: str) -> None:
        self.state = State()
        click.echo(header, nl=False)

    def append(self, lines: str, rows: int, digest: str) -> None:
        """Write lines."""
        self.state = State(rows=self.state.rows + rows, digest=digest)
        click.echo(lines, nl=False)

    def finish(self) -> None:
        """Leave it."""


@contextmanager
def _sink(out: str, header: str, identity: dict[str, str]) -> Iterator[PartialFile | Output]:
    if out == STANDARD:
        yield Output(header)
        return
    part = PartialFile(Path(out), header, identity)
    try:
        yield part
    finally:
        part.close()


def _table(source: Source, manifest: Manifest) -> Table:
    is_bare = len(manifest.inputs) == 1 and not manifest.inputs[0].features
    table = Table(source.file, source.name, features_of(manifest), is_bare=is_bare)
    if table.left_out:
        click.echo(f"Leaving out the columns {', '.join(table.left_out)}, which the model does not take.", err=True)
    return table


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
        yield file
