"""The user's rows, from a CSV file."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from service.bundle.header_line import TEXT_COLUMN, find_header, is_number, repeated, separator_hint
from service.errors import BundleError
from service.packing.columns import is_plain_number


@dataclass(frozen=True)
class Rows:
    """Rows as an estimator takes them.

    Args:
        data: A DataFrame, an array, or a list of texts.
        dropped: Columns of the file that the model does not take, e.g. the target.
        assumption: What was taken for granted about them, as a sentence; empty where all is sure.
    """

    data: Any
    dropped: tuple[str, ...] = ()
    assumption: str = ""


def read_table(
    path: Path, *, has_header: bool | None = None, notify: Callable[[str], None] = lambda _: None
) -> pd.DataFrame:
    """Read a CSV file; one without a header line gets numbers for names.

    Args:
        path: Of the file.
        has_header: Whether it has a header line; None to look.
        notify: Is told what was assumed.

    Raises:
        BundleError: If it cannot be read or has no rows.
    """
    try:
        header = find_header(_first_line(path), str(path), (), given=has_header)
        table = pd.read_csv(path, encoding="utf-8-sig", header=0 if header.is_there else None)
    except OSError as error:
        message = f"Cannot read {path}: {error.strerror or error}."
        raise BundleError(message) from None
    except (ValueError, EOFError, zlib.error, pd.errors.EmptyDataError) as error:
        message = f"{path} is no table of comma-separated values: {str(error).strip().splitlines()[0]}."
        raise BundleError(message) from None
    if table.empty:
        message = f"{path} has no rows: give at least one{separator_hint(list(table.columns))}."
        raise BundleError(message)
    is_sure = header.is_there and any(is_plain_number(table[name]) for name in table.columns if not is_number(name))
    if header.assumption and not is_sure:
        notify(header.assumption)
    return table


def rows_for_estimator(table: pd.DataFrame, estimator: Any, path: Path) -> Rows:  # noqa: ANN401  # any estimator
    """Pick the columns that an estimator was fitted on, in its order.

    Raises:
        BundleError: If columns are missing, or it cannot be told which ones belong to the model.
    """
    names = getattr(estimator, "feature_names_in_", None)
    if names is not None:
        return _picked(table, [str(name) for name in names], path)
    count = getattr(estimator, "n_features_in_", None)
    if count is None and not hasattr(estimator, "get_params"):
        # A class of one's own, which does not tell its columns.
        return rows_for_graph(table)
    if count is None:
        return _texts(table, path)
    if len(table.columns) != count:
        there = f"{len(table.columns)} column{'' if len(table.columns) == 1 else 's'}"
        message = (
            f"{path} has {there}, but {type(estimator).__name__} takes {count} without names: "
            f"leave only the features in the file, in the order of the training{separator_hint(list(table.columns))}."
        )
        raise BundleError(message)
    rows = rows_for_graph(_as_floats(table))
    return replace(rows, assumption=names_of_file(table, type(estimator).__name__, path))


def has_columns(table: pd.DataFrame, names: Iterable[object]) -> bool:
    """Tell whether a table has all the columns of a model, so that its header line is surely one."""
    wanted = {str(name) for name in names}
    return bool(wanted) and wanted <= set(table.columns)


def refuse_repeated(path: Path, names: Iterable[str]) -> None:
    """Refuse a file with a header line that has a column of a model twice; a table has it under another name.

    Raises:
        BundleError: If it has.
    """
    if message := repeated(_first_line(path), names, str(path)):
        raise BundleError(message)


def rows_for_graph(table: pd.DataFrame) -> Rows:
    """Take all columns, by name if they have one."""
    return Rows(table if _has_names(table) else table.to_numpy())


def names_of_file(table: pd.DataFrame, model: str, path: Path) -> str:
    """Say that a model without names of its own takes those of the file; nothing if that has none."""
    if not _has_names(table):
        return ""
    return (
        f"{model} does not know the names of its columns: they are taken from {path}, "
        "whose columns must be in the order of the training."
    )


def _first_line(path: Path) -> list[str]:
    first = pd.read_csv(path, encoding="utf-8-sig", header=None, nrows=1, dtype=str, keep_default_na=False)
    cells: list[str] = first.iloc[0].tolist()
    return cells


def _picked(table: pd.DataFrame, names: list[str], path: Path) -> Rows:
    if not _has_names(table):
        message = f"{path} has no header line, but the model knows its columns by name: add the line {','.join(names)}"
        raise BundleError(message)
    missing = [name for name in names if name not in table.columns]
    if missing:
        hint = separator_hint(list(table.columns))
        message = f"{path} lacks the columns {', '.join(missing)}, which the model takes{hint}."
        raise BundleError(message)
    refuse_repeated(path, names)
    return Rows(_as_floats(table[names]), tuple(name for name in table.columns if name not in names))


def _texts(table: pd.DataFrame, path: Path) -> Rows:
    if len(table.columns) == 1:
        column = table.columns[0]
    elif TEXT_COLUMN in table.columns:
        column = TEXT_COLUMN
        refuse_repeated(path, (column,))
    else:
        message = f"{path} has {len(table.columns)} columns: name the one with the texts {TEXT_COLUMN!r}."
        raise BundleError(message)
    texts = table[column].astype(object).where(table[column].notna(), "").astype(str).tolist()
    hint = separator_hint(list(table.columns))
    assumption = f"Each line of {path} is taken for one text{hint}." if hint else ""
    return Rows(texts, tuple(str(name) for name in table.columns if name != column), assumption)


def _as_floats(table: pd.DataFrame) -> pd.DataFrame:
    """Read whole numbers as floats where all is numeric: a file cannot tell whether its next row has a fraction."""
    return table.astype("float64") if all(is_plain_number(table[name]) for name in table.columns) else table


def _has_names(table: pd.DataFrame) -> bool:
    return all(isinstance(name, str) for name in table.columns)
