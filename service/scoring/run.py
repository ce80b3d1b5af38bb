"""A run: the rows of a table to a service, and its answers to where they are wanted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from gzip import GzipFile
from pathlib import Path
from typing import BinaryIO

from service.errors import ScoringError
from service.scoring.answers import Answers
from service.scoring.bodies import ask_in_parts
from service.scoring.cells import features_of
from service.scoring.client import Client
from service.scoring.score import score
from service.scoring.sinks import Sink
from service.scoring.table import Batch, Shape, Table
from service.sources.access import Listener


@dataclass(frozen=True)
class Way:
    """How the rows are sent."""

    outputs: tuple[str, ...]
    batch_rows: int
    concurrency: int
    has_header: bool | None = None


@dataclass(frozen=True)
class Source:
    """Where the rows come from, who is told how far they are read, and who is told what was found in them."""

    file: BinaryIO
    name: str
    listener: Listener
    notify: Callable[[str], None]

    def tell(self, batch: Batch) -> None:
        """Tell that a batch is answered."""
        is_size_known = Path(self.name).is_file() and not isinstance(self.file, GzipFile)
        total = Path(self.name).stat().st_size if is_size_known else None
        self.listener.received(self.name, batch.offset, total)


class Run:
    """The rows of a source, scored by the model that a service has now.

    Args:
        client: The service.
        source: The rows.
        way: How they are sent.

    Attributes:
        manifest: Of the model.
        digest: Of its bundle.
        left_out: Columns that the model does not take.
        header: First line of the answers.

    Raises:
        ServiceError: If the service cannot be asked, or does not fit the rows.
    """

    def __init__(self, client: Client, source: Source, way: Way) -> None:
        self._client, self._source, self._way = client, source, way
        self.manifest, self.digest = client.describe()
        self._answers = Answers(self.manifest, way.outputs)
        self.header = self._answers.header
        inputs = self.manifest.inputs
        is_bare = len(inputs) == 1 and not inputs[0].features
        self._table = Table(source.file, source.name, Shape(features_of(self.manifest), is_bare, way.has_header))
        if self._table.assumption:
            source.notify(self._table.assumption)
        self.left_out = self._table.left_out
        if self.left_out:
            names = ", ".join(name or "(unnamed)" for name in self.left_out)
            source.notify(f"Leaving out the columns {names}, which the model does not take.")

    @property
    def identity(self) -> dict[str, str]:
        """What a run must have in common with the one that it continues."""
        return {"model": self.digest, "outputs": ",".join(self._answers.asked)}

    def write_to(self, sink: Sink) -> None:
        """Answer the rows that a sink does not have yet.

        Raises:
            ServiceError: If one cannot be answered; those before it are in the sink.
        """
        if sink.state.rows:
            self._skip(sink)

        def write(lines: str, batch: Batch) -> None:
            sink.append(lines, len(batch.rows), batch.digest)
            self._source.tell(batch)

        most_rows = self.manifest.signature.fixed_rows or self._way.batch_rows
        score(self._table.batches(most_rows), self._ask, write, self._way.concurrency)
        if self._client.describe()[1] != self.digest:
            message = f"Another model is served at {self._client.url} since this began: score the rows again."
            raise ScoringError(message)
        sink.finish()

    def _ask(self, batch: Batch) -> str:
        asked = self._answers.asked

        def ask(start: int, stop: int) -> str:
            part = batch.cut(start, stop)
            return self._answers.lines(self._client.predict(part, asked, self.digest), len(part.rows))

        return "".join(ask_in_parts(ask, 0, len(batch.rows)))

    def _skip(self, sink: Sink) -> None:
        rows = sink.state.rows
        if self._table.skip(rows) != sink.state.digest:
            message = f"{self._source.name} is not what it was when {sink.place} was begun: remove that to begin anew."
            raise ScoringError(message)
        self._source.notify(f"Continuing after the {rows} rows that are answered in {sink.place}.")
