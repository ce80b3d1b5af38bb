"""A model that does what its rows say: waits at a gate, keeps a processor busy, fails, or answers.

It is pickled into a bundle by reference, so the server finds this module on its PYTHONPATH.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin

GATES = "CONTROLLED_GATES"
"""Environment variable with the folder of the gates."""

LOADING = "loading"
"""The gate at which a model waits while it is unpickled, if it is there."""

WRONG_VALUE, FAILURE, OUT_OF_MEMORY, EXIT = -1, -2, -3, -4
"""What to write into the column ``gate`` for an error."""


class Gate:
    """A place where a model waits until the test lets it go; a named pipe, so neither side has to poll."""

    def __init__(self, folder: Path, name: object) -> None:
        self._path = folder / str(name)
        os.mkfifo(self._path)

    def wait_until_reached(self) -> None:
        """Wait until the model stands at the gate."""
        self._file = self._path.open("wb")

    def open(self) -> None:
        """Let the model go."""
        self._file.close()


class Controlled(RegressorMixin, BaseEstimator):
    """Answers with the column ``value``."""

    def fit(self, X, y=None):  # noqa: N803  # as scikit-learn calls it
        del y
        self.n_features_in_ = X.shape[1]
        return self

    def predict(self, X):  # noqa: N803
        for gate, seconds, _ in np.asarray(X):
            if gate > 0:
                _wait(str(int(gate)))
            elif gate < 0:
                _fail(int(gate))
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                pass
        return np.asarray(X)[:, 2].copy()

    def decision_function(self, X):  # noqa: N803
        return -self.predict(X)

    def __setstate__(self, state):
        folder = os.environ.get(GATES)
        if folder and (Path(folder) / LOADING).exists():
            _wait(LOADING)
        super().__setstate__(state)


class FailsOnMany(Controlled):
    """Answers two rows and no more."""

    def predict(self, X):  # noqa: N803
        if len(X) > 2:
            raise RuntimeError
        return super().predict(X)


def _wait(gate: str) -> None:
    (Path(os.environ[GATES]) / gate).read_bytes()


def _fail(kind: int) -> None:
    if kind == WRONG_VALUE:
        message = "a value that nobody may see"
        raise ValueError(message)
    if kind == OUT_OF_MEMORY:
        raise MemoryError
    if kind == EXIT:
        raise SystemExit
    message = "a reason that nobody may see"
    raise RuntimeError(message)
