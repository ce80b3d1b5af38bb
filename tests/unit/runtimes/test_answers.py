"""What estimators answer, as tensors."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.cluster import DBSCAN, KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from service.runtimes.answers import method_of, methods_of, to_tensor


@pytest.mark.parametrize(
    ("estimator", "methods"),
    [
        (LogisticRegression(), ("predict", "predict_proba", "decision_function")),
        (LinearSVC(), ("predict", "decision_function")),
        (KMeans(), ("predict", "transform")),
        (DBSCAN(), ()),
        ({"a": "dict"}, ()),
    ],
)
def test_methods_come_in_the_order_of_the_outputs(estimator, methods):
    assert methods_of(estimator) == methods


@pytest.mark.parametrize(
    ("output", "method"),
    [("predict", "predict"), ("predict_proba", "predict_proba"), ("predict_proba_12", "predict_proba")],
)
def test_a_numbered_output_comes_from_the_method_without_the_number(output, method):
    assert method_of(output) == method


@pytest.mark.parametrize(
    ("result", "dtype", "values"),
    [
        (np.array([1, 2], dtype=np.int32), "int64", [1, 2]),
        (np.array([1, 2], dtype=np.uint8), "int64", [1, 2]),
        (np.array([True, False]), "bool", [True, False]),
        (np.array([1.5], dtype=np.float32), "float32", [1.5]),
        (np.array([1.5], dtype=np.longdouble), "float64", [1.5]),
        (np.array(["a", "bc"]), "object", ["a", "bc"]),
        (np.array(["a", "bc"], dtype=object), "object", ["a", "bc"]),
        (np.array([np.str_("a")], dtype=object), "object", ["a"]),
        (np.array([True, np.False_], dtype=object), "bool", [True, False]),
        (np.array([1, 2], dtype=object), "int64", [1, 2]),
        (np.array([1, 2.5], dtype=object), "float64", [1.0, 2.5]),
        (csr_array([[0.0, 2.0]]), "float64", [[0.0, 2.0]]),
        (pd.DataFrame({"a": [1.0]}), "float64", [[1.0]]),
        (pd.Series(["x"]), "object", ["x"]),
    ],
)
def test_any_answer_becomes_an_array_of_a_datatype_of_the_protocol(result, dtype, values):
    tensor = to_tensor(result)
    assert tensor.dtype == dtype
    assert tensor.tolist() == values
    assert all(type(value) is str for value in tensor.flat if dtype == "object")


def test_objects_of_several_kinds_are_refused():
    with pytest.raises(ValueError, match="its answer mixes objects of the types int, str"):
        to_tensor(np.array([1, "a"], dtype=object))
