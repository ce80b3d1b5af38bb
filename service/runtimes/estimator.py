"""A fitted estimator, made ready to answer requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np


def prepare_for_requests(estimator: Any, *, keep_names: bool) -> None:  # noqa: ANN401  # any estimator
    """Change a loaded estimator in place.

    - One thread for each call: a pool costs more than a row, and replicas are how the service scales.
    - Feature names are dropped from an estimator that is given arrays, or scikit-learn would warn on each request.

    Args:
        estimator: A fitted estimator that nobody else uses.
        keep_names: Whether it is given DataFrames.
    """
    for part in nested_estimators(estimator):
        if "n_jobs" in vars(part):
            part.n_jobs = 1
        if not keep_names:
            vars(part).pop("feature_names_in_", None)
            if "_fitted_with_feature_names" in vars(part):
                # LightGBM makes the names up from this.
                vars(part)["_fitted_with_feature_names"] = False


def nested_estimators(estimator: Any) -> Iterator[Any]:  # noqa: ANN401  # any estimator
    """Walk over an estimator and all that it holds, fitted copies too, which ``get_params`` does not reach."""
    seen: set[int] = set()
    waiting = [estimator]
    while waiting:
        item = waiting.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if callable(getattr(item, "get_params", None)) and hasattr(item, "__dict__"):
            yield item
            waiting.extend(vars(item).values())
        elif isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, (list, tuple)):
            waiting.extend(item)
        elif isinstance(item, np.ndarray) and item.dtype.kind == "O":
            waiting.extend(item.flat)
