"""An estimator that learned nothing yet is told so, before its rows are blamed."""

import joblib
import numpy as np
import pytest
from lightgbm import LGBMClassifier
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, StandardScaler
from xgboost import XGBRegressor

from service import pack
from service.errors import BundleError
from service.packing.fitted import refuse_unfitted
from service.packing.source import read_source

ROWS = np.array([[0.0, 1.0], [1.0, 0.5], [2.0, 0.0], [3.0, 1.5]])
TARGET = [0, 0, 1, 1]


class Centred(TransformerMixin, BaseEstimator):
    """Keeps what it learned under a name without an underscore, and had the name before."""

    def __init__(self, factor=1.0):
        self.factor = factor
        self.mean = None

    def fit(self, rows, target=None):
        del target
        self.mean = rows.mean(axis=0)
        return self

    def transform(self, rows):
        return (rows - self.mean) * self.factor


class Untaught(BaseEstimator):
    """Has its parameters and nothing else."""

    def __init__(self, factor=1.0):
        self.factor = factor

    def fit(self, rows, target):
        self.fitted = len(rows) + len(target)
        return self

    def predict(self, rows):
        return rows[:, 0] * self.fitted


@pytest.mark.parametrize(
    "estimator",
    [
        LinearRegression(),
        RandomForestClassifier(),
        TfidfVectorizer(),
        GridSearchCV(LinearRegression(), {"fit_intercept": [True]}),
        make_pipeline(StandardScaler(), LinearRegression()),
        LGBMClassifier(),
        XGBRegressor(),
        Untaught(),
        make_pipeline(StandardScaler(), Untaught()),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_an_estimator_that_is_not_fitted_is_told_so(estimator, tmp_path):
    with pytest.raises(BundleError, match=rf"^{type(estimator).__name__} is not fitted: call fit"):
        pack(estimator, ROWS, tmp_path / "bundle", name="model")


def test_the_file_of_one_is_named(tmp_path):
    joblib.dump(LinearRegression(), tmp_path / "line.joblib")
    with pytest.raises(BundleError, match=r"^LinearRegression in .*line\.joblib is not fitted"):
        read_source(tmp_path / "line.joblib")


def test_the_step_of_a_pipeline_that_was_forgotten_is_named():
    forgotten = Pipeline([("scale", StandardScaler()), ("model", LinearRegression().fit(ROWS, TARGET))])
    with pytest.raises(BundleError, match=r"^StandardScaler is not fitted"):
        refuse_unfitted(forgotten)


@pytest.mark.parametrize(
    "estimator",
    [
        FunctionTransformer(),
        Normalizer(),
        HashingVectorizer(),
        make_pipeline(Normalizer(), "passthrough"),
        Centred().fit(ROWS),
        make_pipeline(Centred(), LinearRegression()).fit(ROWS, TARGET),
        make_pipeline(StandardScaler(), Centred()).fit(ROWS),
        Untaught().fit(ROWS, TARGET),
        make_pipeline(StandardScaler(), Untaught()).fit(ROWS, TARGET),
        GridSearchCV(LinearRegression(), {"fit_intercept": [True]}, cv=2).fit(ROWS, TARGET),
        "no estimator",
    ],
    ids=range(11),
)
def test_what_learned_or_needs_not_learn_passes(estimator):
    refuse_unfitted(estimator)
