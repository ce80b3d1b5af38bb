"""Estimators made ready for requests."""

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from service.runtimes.estimator import nested_estimators, prepare_for_requests

ROWS = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": [0.0, 1.0, 0.0, 1.0]})


def fitted():
    forest = RandomForestClassifier(2, n_jobs=2, random_state=0)
    voting = VotingClassifier([("forest", forest), ("line", LogisticRegression())])
    pipeline = make_pipeline(StandardScaler(), voting).fit(ROWS, [0, 1, 0, 1])
    # Afterwards, so that the test waits for no pool of processes.
    return pipeline.set_params(votingclassifier__n_jobs=2)


def test_fitted_copies_inside_other_estimators_are_found():
    kinds = [type(part).__name__ for part in nested_estimators(fitted())]
    assert kinds.count("RandomForestClassifier") == 2
    assert kinds.count("DecisionTreeClassifier") >= 2
    assert "StandardScaler" in kinds


def test_an_object_array_of_estimators_is_searched():
    holder = LogisticRegression()
    holder.parts_ = np.array([[StandardScaler()]], dtype=object)
    holder.table_ = {"key": (LogisticRegression(),)}
    assert sorted(type(part).__name__ for part in nested_estimators(holder)) == [
        "LogisticRegression",
        "LogisticRegression",
        "StandardScaler",
    ]


def test_no_estimator_starts_threads():
    estimator = fitted()
    prepare_for_requests(estimator, keep_names=False)
    jobs = [part.n_jobs for part in nested_estimators(estimator) if hasattr(part, "n_jobs")]
    assert set(jobs) == {1}
    assert len(jobs) >= 4


def test_arrays_are_taken_without_a_warning():
    estimator = fitted()
    prepare_for_requests(estimator, keep_names=False)
    assert estimator.predict(ROWS.to_numpy()).shape == (4,)


def test_names_are_kept_for_tables():
    estimator = fitted()
    prepare_for_requests(estimator, keep_names=True)
    assert estimator[0].feature_names_in_.tolist() == ["a", "b"]
