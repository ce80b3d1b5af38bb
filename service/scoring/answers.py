"""The answers as lines of a CSV file: a line for each row, in the order of the rows."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from io import StringIO
from typing import Any

from service.bundle.manifest import Manifest
from service.bundle.signature import OutputSpec
from service.errors import ScoringError

_MATRIX = 2


class Answers:
    """The columns of the answers: one for each output, or one for each of its columns.

    Args:
        manifest: Of the model.
        names: The outputs that are wanted besides the first one.

    Raises:
        ScoringError: If the model has no such output.
    """

    def __init__(self, manifest: Manifest, names: Sequence[str]) -> None:
        known = {spec.name: spec for spec in manifest.outputs}
        unknown = [name for name in names if name not in known]
        if unknown:
            message = f"{manifest.name} has no output {', '.join(unknown)}: it has {', '.join(known)}."
            raise ScoringError(message)
        first = manifest.outputs[0]
        self._specs = [first, *(known[name] for name in dict.fromkeys(names) if name != first.name)]

    @property
    def asked(self) -> list[str]:
        """The outputs to ask for by name."""
        return [spec.name for spec in self._specs[1:]]

    @property
    def header(self) -> str:
        """The first line."""
        return _write([[column for spec in self._specs for column in _columns(spec)]])

    def lines(self, answer: Any, rows: int) -> str:  # noqa: ANN401  # the JSON of /predict
        """Write the answer to some rows.

        Raises:
            ScoringError: If it is not one for each of them.
        """
        try:
            given = [answer["predictions"], *(answer["outputs"][name] for name in self.asked)]
            lines = [
                [cell for spec, value in zip(self._specs, row, strict=True) for cell in _cells(spec, value)]
                for _, *row in zip(range(rows), *given, strict=True)
            ]
        except (KeyError, TypeError, ValueError):
            message = f"The service did not answer {rows} rows with {rows} predictions: is something in between?"
            raise ScoringError(message) from None
        return _write(lines)


def _columns(spec: OutputSpec) -> list[str]:
    if not _is_spread(spec):
        return [spec.name]
    return [f"{spec.name}.{label}" for label in spec.labels or range(spec.shape[1])]


def _cells(spec: OutputSpec, value: Any) -> list[str]:  # noqa: ANN401  # any JSON
    if _is_spread(spec):
        return [_cell(item) for _, item in zip(range(spec.shape[1]), value, strict=True)]
    return [_cell(value[0] if spec.shape[1:] == (1,) else value)]


def _is_spread(spec: OutputSpec) -> bool:
    return len(spec.shape) == _MATRIX and spec.shape[1] > 1


def _cell(value: Any) -> str:  # noqa: ANN401  # any JSON
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _write(lines: list[list[str]]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()
