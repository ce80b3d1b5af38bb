"""A model that takes the same time for each row, at its example and at the warm-up, too."""

from __future__ import annotations

import time

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin


class Slow(RegressorMixin, BaseEstimator):
    """Answers with the first column, after keeping a processor and the interpreter busy for each row."""

    def __init__(self, seconds: float = 0.5) -> None:
        self.seconds = seconds

    def fit(self, X, y=None):  # noqa: N803  # as scikit-learn calls it
        del y
        self.n_features_in_ = X.shape[1]
        return self

    def predict(self, X):  # noqa: N803
        end = time.monotonic() + self.seconds * len(X)
        while time.monotonic() < end:
            pass
        return np.asarray(X, dtype=float)[:, 0].copy()
