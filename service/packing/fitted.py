"""Whether an estimator was fitted: asked first, or what it lacks is blamed on the rows."""

from __future__ import annotations

from typing import Any

from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from service.errors import BundleError
from service.runtimes.estimator import nested_estimators

_KEEP_THE_CONVENTION = {"sklearn", "lightgbm", "xgboost"}
"""Libraries whose estimators tell scikit-learn whether they are fitted."""


def refuse_unfitted(estimator: Any, place: str = "") -> None:  # noqa: ANN401  # any estimator
    """Refuse an estimator that learned nothing yet; one that needs not learn passes.

    Args:
        estimator: Any object.
        place: Of its file, for the sentence.

    Raises:
        BundleError: If it is not fitted, or a step of a pipeline is not.
    """
    # scikit-learn asks the last step of a pipeline alone.
    steps = [step for _, step in estimator.steps] if isinstance(estimator, Pipeline) else []
    for part in (estimator, *steps):
        if _is_unfitted(part):
            where = f" in {place}" if place else ""
            message = f"{type(part).__name__}{where} is not fitted: call fit with the training rows, then pack it."
            raise BundleError(message)


def _is_unfitted(estimator: Any) -> bool:  # noqa: ANN401  # any estimator
    try:
        check_is_fitted(estimator)
    except NotFittedError:
        return not any(_may_have_learned(part) for part in nested_estimators(estimator))
    except Exception:  # noqa: BLE001  # no estimator of scikit-learn's kind, which cannot be asked
        return False
    return False


def _may_have_learned(part: Any) -> bool:  # noqa: ANN401  # any estimator
    """Tell whether an estimator of somebody's own holds more than its parameters.

    scikit-learn goes by names that end in "_", which such a one need not use.
    """
    is_known = type(part).__module__.partition(".")[0] in _KEEP_THE_CONVENTION
    return not is_known and bool(vars(part).keys() - part.get_params(deep=False).keys())
