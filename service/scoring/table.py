"""The rows of a CSV file as the service takes them, read as they are needed."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import chain
from typing import Any, BinaryIO

import orjson

from service.bundle.header_line import TEXT_COLUMN, find_header, is_number, repeated, separator_hint
from service.errors import ScoringError
from service.scoring.bodies import MOST_BYTES
from service.scoring.cells import Feature

FIELD_CHARACTERS = 16 * 1024 * 1024
GZIP = b"\x1f\x8b"
"""What each file begins with that gzip wrote."""


@dataclass(frozen=True)
class Batch:
    """Rows that are sent together.

    Args:
        first: Number of the first row in the table, from 1.
        rows: As ``/predict`` takes them, each as a fragment of JSON.
        offset: Bytes of the file up to its end.
        digest: sha256 of these bytes.
    """

    first: int
    rows: list[Any]
    offset: int
    digest: str

    @property
    def last(self) -> int:
        """Number of the last row."""
        return self.first + len(self.rows) - 1

    def cut(self, start: int, stop: int) -> Batch:
        """Give some of the rows, by their places in it."""
        return replace(self, first=self.first + start, rows=self.rows[start:stop])


@dataclass(frozen=True)
class Shape:
    """What a row of a table is.

    Args:
        features: What the model takes.
        is_bare: Whether a row is its one value, e.g. a text.
        has_header: Whether the table has a header line; None to look.
    """

    features: Sequence[Feature]
    is_bare: bool
    has_header: bool | None = None


class Table:
    """A CSV file with a header line that names the features; without one all columns are taken in order.

    Args:
        file: Its bytes, UTF-8.
        name: For messages.
        shape: What a row is, and whether the file has a header line.

    Attributes:
        columns: Their names; those of the features where there is no header line.
        left_out: Those that the model does not take.
        assumption: What was taken for granted about the header line, as a sentence; empty where that is sure.
    """

    def __init__(self, file: BinaryIO, name: str, shape: Shape) -> None:
        csv.field_size_limit(FIELD_CHARACTERS)
        features = shape.features
        self._file, self._name, self._features, self._is_bare = file, name, features, shape.is_bare
        self._digest, self._offset = sha256(), 0
        self._reader = csv.reader(self._lines(), strict=True)
        first = next(self._rows(), None)
        if first is None:
            message = f"{name} has no rows: give at least one."
            raise ScoringError(message)
        names = [feature.name for feature in features]
        header = find_header(first, name, names, given=shape.has_header)
        has_header, self.assumption = header.is_there, header.assumption
        self._unread = self._rows() if has_header else chain([first], self._rows())
        self._count = 0
        self.columns = first if has_header else names
        self._places = self._find(first) if has_header else list(range(len(first)))
        if len(self._places) != len(features):
            message = (
                f"{name} has {len(first)} columns and no header line, but the model takes {len(features)} values"
                f"{separator_hint(first)}."
            )
            raise ScoringError(message)
        self.left_out = [column for place, column in enumerate(self.columns) if place not in self._places]

    def skip(self, rows: int) -> str:
        """Pass over rows, and give the digest of the file up to the last of them.

        Raises:
            ScoringError: If there are not that many.
        """
        for _ in range(rows):
            if next(self._unread, None) is None:
                message = f"{self._name} has {self._count} rows, but more than that are answered already."
                raise ScoringError(message)
            self._count += 1
        return self._digest.hexdigest()

    def batches(self, most_rows: int) -> Iterator[Batch]:
        """Give the rows that are left."""
        rows, size = [], 0
        for cells in self._unread:
            self._count += 1
            row = orjson.dumps(self._read(cells))
            rows.append(orjson.Fragment(row))
            size += len(row)
            if len(rows) == most_rows or size >= MOST_BYTES:
                yield self._batch(rows)
                rows, size = [], 0
        if rows:
            yield self._batch(rows)
        if not self._count:
            message = f"{self._name} has no rows: give at least one{separator_hint(self.columns)}."
            raise ScoringError(message)

    def _batch(self, rows: list[Any]) -> Batch:
        return Batch(self._count - len(rows) + 1, rows, self._offset, self._digest.hexdigest())

    def _lines(self) -> Iterator[str]:
        for line in self._bytes():
            if not self._offset:
                line = line.removeprefix(b"\xef\xbb\xbf")  # noqa: PLW2901  # the mark that Excel writes
            self._digest.update(line)
            self._offset += len(line)
            try:
                yield line.decode()
            except UnicodeDecodeError:
                way_out = ", as it is compressed: decompress it first" if line.startswith(GZIP) else ""
                message = f"{self._name} is not UTF-8 in line {self._reader.line_num + 1}{way_out}."
                raise ScoringError(message) from None

    def _bytes(self) -> Iterator[bytes]:
        try:
            yield from self._file
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            message = f"{self._name} cannot be decompressed after line {self._reader.line_num}: {error}."
            raise ScoringError(message) from None

    def _rows(self) -> Iterator[list[str]]:
        try:
            yield from (cells for cells in self._reader if cells)
        except csv.Error as error:
            message = f"{self._name} is no table of comma-separated values in line {self._reader.line_num}: {error}."
            raise ScoringError(message) from None

    def _find(self, header: list[str]) -> list[int]:
        names = [feature.name for feature in self._features]
        if self._is_bare and names[0] not in header:
            names = [header[0] if len(header) == 1 else TEXT_COLUMN]
        missing = [name for name in names if name not in header]
        if missing:
            row = "; say --no-header if its first line is a row" if any(map(is_number, header)) else ""
            advice = separator_hint(header) or row
            message = f"{self._name} lacks the columns {', '.join(missing[:10])}, which the model takes{advice}."
            raise ScoringError(message)
        if message := repeated(header, names, self._name):
            raise ScoringError(message)
        return [header.index(name) for name in names]

    def _read(self, cells: list[str]) -> Any:  # noqa: ANN401  # a row as /predict takes it
        line = self._reader.line_num
        if len(cells) != len(self.columns):
            message = f"{self._name}, line {line}: {len(cells)} cells where {len(self.columns)} belong."
            raise ScoringError(message)
        row = []
        for feature, place in zip(self._features, self._places, strict=True):
            try:
                row.append(feature.read(cells[place]))
            except ValueError as error:
                message = f"{self._name}, line {line}, column {self.columns[place]}: {cells[place][:40]!r} {error}."
                raise ScoringError(message) from None
        return row[0] if self._is_bare else row
