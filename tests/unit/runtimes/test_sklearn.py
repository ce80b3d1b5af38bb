"""Estimators in their own formats, packed and loaded as they are served."""

import logging
import warnings
from hashlib import sha256

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from manifests import change_manifest
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from service import pack
from service.bundle.verify import Trust, open_bundle
from service.errors import BundleError, InvalidInputError
from service.runtimes.load import load_runtime
from service.runtimes.refusals import Refusals
from service.runtimes.sklearn import SklearnRuntime, load_estimator

ROWS = pd.DataFrame({"age": [20, 30, 40, 50], "city": ["Bern", "Rome", "Bern", "Oslo"]})
TARGET = ["no", "yes", "no", "yes"]


def columns_model(**options):
    columns = make_column_transformer((StandardScaler(), ["age"]), (OneHotEncoder(**options), ["city"]))
    return make_pipeline(columns, LogisticRegression()).fit(ROWS, TARGET)


@pytest.fixture(name="load")
def _load(tmp_path):
    def load(estimator, rows):
        bundle = pack(estimator, rows, tmp_path / "bundle", name="model", format="sklearn")
        return load_runtime(bundle, threads=1)

    return load


def tensors(*rows):
    return {"age": np.array([[age] for age, _ in rows]), "city": np.array([[city] for _, city in rows], dtype=object)}


def test_the_answers_are_the_estimators_own(load):
    estimator = columns_model()
    answers = load(estimator, ROWS).run(tensors((30, "Rome")), ["predict", "predict_proba"])
    assert answers["predict"].tolist() == ["yes"]
    assert answers["predict"].dtype == object
    np.testing.assert_array_equal(answers["predict_proba"], estimator.predict_proba(ROWS[1:2]))


def test_only_the_outputs_that_are_asked_for_are_computed(load):
    assert list(load(columns_model(), ROWS).run(tensors((30, "Rome")), ["predict_proba"])) == ["predict_proba"]


def test_a_value_that_the_model_refuses_is_the_clients_fault_and_is_not_quoted(load):
    runtime = load(columns_model(), ROWS)
    with pytest.raises(InvalidInputError) as raised:
        runtime.run(tensors((30, "Atlantis")), ["predict"])
    assert str(raised.value) == "the model refused these values"
    assert raised.value.__suppress_context__


def test_any_other_failure_is_the_models_own(load, monkeypatch):
    runtime = load(columns_model(), ROWS)

    def forget(self, rows):
        del self, rows
        raise KeyError

    monkeypatch.setattr(LogisticRegression, "predict", forget)
    with pytest.raises(KeyError):
        runtime.run(tensors((30, "Rome")), ["predict"])


def test_a_missing_string_is_missing_for_the_model(load):
    rows = ROWS.assign(city=["Bern", np.nan, "Bern", "Oslo"])
    columns = make_column_transformer((StandardScaler(), ["age"]), (OneHotEncoder(), ["city"]))
    estimator = make_pipeline(columns, LogisticRegression()).fit(rows, TARGET)
    answers = load(estimator, rows).run(tensors((30, None)), ["predict_proba"])
    np.testing.assert_allclose(answers["predict_proba"], estimator.predict_proba(rows[1:2]))


def test_categories_are_restored(load):
    rows = ROWS.astype({"city": "category"})
    estimator = HistGradientBoostingClassifier(max_iter=2, categorical_features="from_dtype", min_samples_leaf=1)
    estimator.fit(rows, TARGET)
    answers = load(estimator, rows).run(tensors((50, "Oslo")), ["predict_proba"])
    np.testing.assert_array_equal(answers["predict_proba"], estimator.predict_proba(rows[3:4]))


def test_several_outputs_of_one_method_are_numbered(load):
    rows = np.arange(12.0).reshape(6, 2)
    targets = np.array([["a", "x"], ["b", "y"]] * 3)
    estimator = RandomForestClassifier(3, random_state=0).fit(rows, targets)
    answers = load(estimator, rows).run({"input": rows}, ["predict", "predict_proba_1"])
    assert answers["predict"].tolist() == estimator.predict(rows).tolist()
    np.testing.assert_array_equal(answers["predict_proba_1"], estimator.predict_proba(rows)[1])


def test_a_sparse_answer_is_dense(load):
    texts = ["one two", "two three"]
    estimator = TfidfVectorizer().fit(texts)
    answers = load(estimator, texts).run({"text": np.array(texts, dtype=object)}, ["transform"])
    np.testing.assert_array_equal(answers["transform"], estimator.transform(texts).toarray())


def test_feature_names_cost_no_warning_and_no_table(load):
    iris = load_iris(as_frame=True)
    runtime = load(make_pipeline(StandardScaler(), LogisticRegression()).fit(iris.data, iris.target), iris.data)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        runtime.run({"input": iris.data.to_numpy()[:1]}, ["predict"])
    assert caught == []


def test_an_incompatible_scikit_learn_is_refused_before_anything_is_unpickled(tmp_path):
    marker = tmp_path / "unpickled"
    bundle = pack(columns_model(), ROWS, tmp_path / "bundle", name="model", format="sklearn")
    joblib.dump(Touch(marker), bundle.folder / "model.joblib")
    digest = sha256((bundle.folder / "model.joblib").read_bytes()).hexdigest()
    change_manifest(bundle.folder, sha256=digest, libraries={"scikit-learn": "0.24.2"})
    with pytest.raises(BundleError, match=r"pip install scikit-learn==0\.24\.2"):
        load_runtime(open_bundle(bundle.folder, Trust(owner=True)), threads=1)
    assert not marker.exists()

    change_manifest(bundle.folder, libraries={})
    load_runtime(open_bundle(bundle.folder, Trust(owner=True)), threads=1)
    assert marker.exists(), "the file would have shown that it was unpickled"


def test_a_patch_difference_only_warns(tmp_path, caplog):
    bundle = pack(columns_model(), ROWS, tmp_path / "bundle", name="model", format="sklearn")
    major, minor, _ = bundle.manifest.libraries["scikit-learn"].split(".")
    change_manifest(bundle.folder, libraries={"scikit-learn": f"{major}.{minor}.99"})
    with caplog.at_level(logging.WARNING):
        load_runtime(open_bundle(bundle.folder, Trust(owner=True)), threads=1)
    assert "its example decides" in caplog.text


def test_a_file_that_was_replaced_is_never_unpickled(tmp_path):
    marker = tmp_path / "unpickled"
    bundle = pack(columns_model(), ROWS, tmp_path / "bundle", name="model", format="sklearn")
    joblib.dump(Touch(marker), bundle.folder / "model.joblib")
    with pytest.raises(BundleError, match="damaged or was replaced"):
        load_runtime(bundle, threads=1)
    assert not marker.exists()


def test_a_file_that_cannot_be_loaded_is_one_sentence(tmp_path):
    bundle = pack(columns_model(), ROWS, tmp_path / "bundle", name="model", format="sklearn")
    (bundle.folder / "model.joblib").write_bytes(b"no pickle")
    change_manifest(bundle.folder, sha256=sha256(b"no pickle").hexdigest())
    with pytest.raises(BundleError, match=r"^model\.joblib of the model model cannot be loaded: "):
        load_runtime(open_bundle(bundle.folder, Trust(owner=True)), threads=1)


def test_memory_that_runs_out_is_not_blamed_on_the_file(tmp_path, monkeypatch):
    bundle = pack(columns_model(), ROWS, tmp_path / "bundle", name="model", format="sklearn")

    def run_out(file):
        del file
        raise MemoryError

    monkeypatch.setattr(joblib, "load", run_out)
    with pytest.raises(MemoryError):
        SklearnRuntime(bundle, Refusals(are_told=True))


def test_skops_loads_only_the_types_that_were_listed(tmp_path):
    skops.io.dump(columns_model(), tmp_path / "model.skops")
    content = (tmp_path / "model.skops").read_bytes()
    assert load_estimator(content, "skops").predict(ROWS).tolist() == TARGET

    skops.io.dump(Touch(tmp_path / "never"), tmp_path / "other.skops")
    with pytest.raises(skops.io.exceptions.UntrustedTypesFoundException):
        load_estimator((tmp_path / "other.skops").read_bytes(), "skops")


def test_an_estimator_that_is_not_fitted_says_so():
    with pytest.raises(NotFittedError):
        LogisticRegression().predict([[1.0]])


class Touch:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __setstate__(self, state):
        state["path"].touch()
        self.__dict__.update(state)
