"""The models of the benchmark, their bundles, the rows that are asked and what scikit-learn answers to them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from sklearn.datasets import load_iris
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import service
from service.bundle.datatypes import Array
from service.errors import BundleError

SPREAD = 0.05
MOST_ROWS = 10_000
SUBJECTS = ("the parcel", "my order", "the invoice", "my refund", "the app", "the screen", "the courier", "my account")
STATES = ("is late", "is wrong", "never came", "stays black", "crashes", "is too high", "was lost", "is blocked")


@dataclass(frozen=True)
class Trained:
    """A fitted model on disk.

    Args:
        file: For the peers, as joblib.
        bundles: Of ours by runtime; ``onnx`` is missing where the model has no faithful conversion.
        rows: As many as the largest request has.
        expected: What scikit-learn answers to them.
    """

    file: Path
    bundles: dict[str, Path]
    rows: Array
    expected: list[Any]


def train(name: str, folder: Path) -> Trained:
    """Fit a model, write its files and ask scikit-learn itself."""
    estimator, rows, labels = _fitted(name)
    estimator.fit(rows, labels)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "model.joblib"
    joblib.dump(estimator, file)
    bundles = {}
    for runtime in ("onnx", "sklearn"):
        try:
            bundles[runtime] = service.pack(estimator, rows[:100], folder / runtime, name=name, format=runtime).folder
        except BundleError:
            if runtime == "sklearn":
                raise
    asked = _asked(rows)
    return Trained(file, bundles, asked, estimator.predict(asked).tolist())


def _fitted(name: str) -> tuple[Any, Any, Any]:
    if name == "text":
        pairs = list(itertools.product(SUBJECTS, STATES))
        texts = np.array([f"Hello, {subject} {state}." for subject, state in pairs], dtype=object)
        labels = [SUBJECTS.index(subject) % 3 for subject, _ in pairs]
        return make_pipeline(TfidfVectorizer(), LogisticRegression()), texts, labels
    iris = load_iris()
    estimators = {
        "iris": make_pipeline(StandardScaler(), LogisticRegression()),
        "forest": RandomForestClassifier(100, random_state=0),
        "boosting": GradientBoostingClassifier(random_state=0),
        "unconvertible": make_pipeline(FunctionTransformer(np.log1p), StandardScaler(), LogisticRegression()),
    }
    return estimators[name], iris.data, iris.target


def _asked(rows: Any) -> Array:  # noqa: ANN401  # numbers or texts
    """Repeat the rows; numbers a little moved, so that they have all their digits, as real ones do."""
    if rows.dtype.kind == "O":
        return np.resize(rows, 100)
    random = np.random.default_rng(0)
    many = np.resize(rows, (MOST_ROWS, rows.shape[1]))
    return np.asarray(many + random.uniform(0, SPREAD, many.shape), dtype=np.float64)
