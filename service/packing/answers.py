"""What the estimator itself answers to the user's rows: the truth that everything else is compared with."""

from __future__ import annotations

import copy
import warnings
from typing import Any

from service.bundle.datatypes import Array
from service.errors import BundleError
from service.packing.layouts import Layout, possible_layouts
from service.runtimes.agreement import compare
from service.runtimes.answers import answer, methods_of
from service.runtimes.estimator import prepare_for_requests
from service.runtimes.frames import RowBuilder

Answers = dict[str, Array]


def ask(estimator: Any, rows: Any, row_count: int) -> Answers:  # noqa: ANN401  # any estimator, any rows
    """Call every method that becomes an output.

    Raises:
        BundleError: If there is none, or one fails on these rows.
    """
    name = type(estimator).__name__
    answers: Answers = {}
    for method in methods_of(estimator):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                parts = answer(estimator, method, rows)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  # an estimator may raise anything, also SystemExit
            message = f"{name}.{method} fails on the rows that were given: {first_line(error)}"
            raise BundleError(message) from None
        # E.g. a voting classifier whose transform has one entry for each of its members.
        answers |= {key: array for key, array in parts.items() if array.ndim and len(array) == row_count}
    if not answers:
        message = f"{name} has no predict, transform or the like that answers each row, so there is nothing to serve."
        raise BundleError(message)
    return answers


def choose_layout(estimator: Any, rows: Any) -> tuple[Layout, Answers]:  # noqa: ANN401  # any estimator, any rows
    """Find the first layout with which the estimator answers as it does to the rows as they were given.

    Raises:
        BundleError: If there is none.
    """
    feature_names = tuple(str(name) for name in getattr(estimator, "feature_names_in_", ()))
    expected: Answers = {}
    problem = ""
    for layout in possible_layouts(rows, feature_names):
        expected = expected or ask(estimator, rows, layout.rows)
        problem = _problem(estimator, layout, expected)
        if not problem:
            return layout, expected
    message = f"{type(estimator).__name__} answers tensors differently from the rows that were given: {problem}"
    raise BundleError(message)


def _problem(estimator: Any, layout: Layout, expected: Answers) -> str:  # noqa: ANN401  # any estimator
    probe = copy.deepcopy(estimator)
    prepare_for_requests(probe, keep_names=layout.dataframe)
    built = RowBuilder(layout.inputs, layout.column_types, layout.dataframe).build(layout.tensors)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # It would be written to the log on each request.
            warnings.filterwarnings("error", message="X (does not have valid|has) feature names")
            actual = {name: part for method in methods_of(probe) for name, part in answer(probe, method, built).items()}
    except Exception as error:  # noqa: BLE001  # an estimator may raise anything
        return first_line(error)
    return f"{problem}." if (problem := compare(expected, actual).problem) else ""


def first_line(error: BaseException) -> str:
    """Tell the kind of an error and the beginning of its text."""
    lines = str(error).strip().splitlines() or ["no message"]
    return f"{type(error).__name__}: {lines[0]}"
