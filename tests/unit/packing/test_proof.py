"""A proof finds what differs, wherever it differs."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeRegressor

from service import pack
from service.packing.answers import choose_layout
from service.packing.proof import prove
from service.runtimes.load import load_runtime

ROWS = np.array([[0.25], [1.5], [2.75], [3.25]])
CITIES = np.array([["Bern"], ["Rome"]], dtype=object)


@pytest.fixture(name="compare")
def _compare(tmp_path):
    def compare(served, estimator, rows):
        bundle = pack(served, rows, tmp_path / "bundle", name="model")
        layout, expected = choose_layout(estimator, rows)
        return prove(load_runtime(bundle, threads=1), estimator, layout, expected)

    return compare


def test_the_same_model_is_proven_on_the_given_rows_and_rows_between_them(compare):
    model = LinearRegression().fit(ROWS, [1, 2, 3, 4])
    proof = compare(model, model, ROWS)
    assert proof.problem == ""
    assert proof.rows == 8
    assert proof.largest_difference < 1e-12


def test_a_difference_on_the_given_rows_is_told_with_its_size(compare):
    proof = compare(LinearRegression().fit(ROWS, [1, 2, 3, 4]), LinearRegression().fit(ROWS, [2, 3, 4, 5]), ROWS)
    assert proof.problem == "predict differs on 4 of 4 rows (rows 0, 1, 2, …, counted from 0) by up to 1"


def test_labels_must_be_equal(compare):
    proof = compare(
        LogisticRegression(C=1e3).fit(ROWS, [0, 0, 1, 1]), LogisticRegression(C=1e3).fit(ROWS, [0, 1, 1, 1]), ROWS
    )
    assert proof.problem.startswith("predict differs on 1 of 4 rows (rows 1, counted from 0)")


def test_a_difference_between_the_given_rows_is_found(compare):
    tree = DecisionTreeRegressor().fit(ROWS, [1, 2, 3, 4])
    shifted = DecisionTreeRegressor().fit(ROWS, [1, 2, 3, 4])
    np.asarray(shifted.tree_.threshold)[:] -= 0.125
    proof = compare(tree, shifted, ROWS)
    assert proof.problem.startswith("between the given rows, predict differs on 3 of 4 rows")


def test_a_runtime_that_answers_what_the_estimator_refuses_is_found(compare):
    proof = compare(OneHotEncoder(handle_unknown="ignore").fit(CITIES), OneHotEncoder().fit(CITIES), CITIES)
    assert proof.problem == "with texts in capital letters, it answers what the estimator refuses"


def test_a_runtime_that_refuses_what_the_estimator_answers_is_found(compare):
    proof = compare(OneHotEncoder().fit(CITIES), OneHotEncoder(handle_unknown="ignore").fit(CITIES), CITIES)
    assert proof.problem == "the model refused these values"
    assert proof.largest_difference is None
