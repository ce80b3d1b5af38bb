"""Packing an estimator in its own format, and what cannot be packed."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.base import BaseEstimator
from sklearn.cluster import DBSCAN
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import NMF
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import LocalOutlierFactor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, PolynomialFeatures, StandardScaler

import __main__
from service import pack
from service.bundle.manifest import read_manifest
from service.errors import BundleError
from service.runtimes.example import verify_example
from service.runtimes.load import load_runtime

ROWS = np.array([[0.0, 1.0], [1.0, 0.5], [2.0, 0.0], [3.0, 1.5]])
TARGET = [0, 0, 1, 1]
FRAME = pd.DataFrame(ROWS, columns=["a", "b"])


@pytest.fixture(name="out")
def _out(tmp_path):
    return tmp_path / "bundle"


def test_the_bundle_that_comes_back_is_the_one_on_the_disk(out):
    bundle = pack(Ridge().fit(ROWS, TARGET), ROWS, str(out), name="line", version="2026-11.1")
    assert read_manifest(out) == (bundle.manifest, bundle.sha256)
    assert (bundle.manifest.name, bundle.manifest.version) == ("line", "2026-11.1")


def test_the_original_format_is_joblib_and_needs_its_libraries(out):
    manifest = pack(Ridge().fit(ROWS, TARGET), ROWS, out, name="line", format="sklearn").manifest
    assert (manifest.format, manifest.file, manifest.conversion) == ("joblib", "model.joblib", None)
    assert {"python", "numpy", "scikit-learn", "joblib"} <= manifest.libraries.keys()


def test_labels_and_names_of_columns_are_kept(out):
    estimator = make_pipeline(StandardScaler(), LogisticRegression()).fit(FRAME, ["no", "no", "yes", "maybe"])
    outputs = {spec.name: spec.labels for spec in pack(estimator, FRAME, out, name="model").manifest.outputs}
    assert outputs == {
        "predict": (),
        "predict_proba": ("maybe", "no", "yes"),
        "decision_function": ("maybe", "no", "yes"),
    }


def test_the_names_of_what_a_transformer_makes_are_kept(out):
    manifest = pack(StandardScaler().fit(FRAME), FRAME, out, name="model").manifest
    assert manifest.outputs[0].labels == ("a", "b")


def test_a_transformer_that_cannot_name_its_columns_has_no_labels(out):
    estimator = FunctionTransformer(np.negative).fit(ROWS)
    assert pack(estimator, ROWS, out, name="model").manifest.outputs[0].labels == ()


def test_thousands_of_columns_are_not_named(out):
    wide = np.arange(2200.0).reshape(2, 1100)
    manifest = pack(StandardScaler().fit(wide), wide, out, name="model").manifest
    assert manifest.outputs[0].labels == ()


def test_missing_values_in_the_rows_make_a_feature_nullable(out):
    rows = FRAME.assign(b=[1.0, np.nan, 0.0, 1.5])
    manifest = pack(HistGradientBoostingRegressor(max_iter=1).fit(rows, TARGET), rows, out, name="model").manifest
    assert manifest.inputs[0].nullable == ("b",)
    assert manifest.example.inputs["input"][1] == [1.0, None]


def test_a_row_with_an_infinity_in_it_is_no_example(out):
    rows = np.array([[np.inf, 1.0], [1.0, np.nan], [-np.inf, 0.0], [3.0, 1.5]])
    model = HistGradientBoostingRegressor(max_iter=1, min_samples_leaf=1).fit(rows, TARGET)
    bundle = pack(model, rows, out, name="model")
    assert bundle.manifest.example.inputs["input"] == [[1.0, None], [3.0, 1.5]]
    verify_example(load_runtime(bundle, threads=1), bundle.manifest)


def test_without_a_finite_row_there_is_no_example(tmp_path, out):
    model = HistGradientBoostingRegressor(max_iter=1).fit(ROWS, TARGET)
    with pytest.raises(BundleError, match="give at least one row of finite numbers"):
        pack(model, [[np.inf, 1.0], [1.0, -np.inf]], out, name="model")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("column", "value", "label", "place"),
    [
        ("b\ud800", "x", "no", r"The column 'b\\ud800'"),
        ("b", "x\ud800", "no", r"A value of the column 'b'"),
        ("b", "x", "no\ud800", r"The label 'no\\ud800'"),
    ],
)
def test_half_a_character_is_told_with_its_place(tmp_path, out, column, value, label, place):
    rows = pd.DataFrame({"a": [0.0, 1.0], column: [value, "y"]})
    model = make_pipeline(ColumnTransformer([("kinds", OneHotEncoder(), [column])]), LogisticRegression())
    with pytest.raises(BundleError, match=f"^{place} holds half of a surrogate pair"):
        pack(model.fit(rows, [label, "yes"]), rows, out, name="model")
    assert list(tmp_path.iterdir()) == []


def test_one_row_is_enough(out):
    manifest = pack(Ridge().fit(ROWS, TARGET), ROWS[:1], out, name="model").manifest
    assert len(manifest.example.inputs["input"]) == 1


def test_a_table_goes_to_the_estimator_only_when_it_needs_one(out):
    by_name = make_pipeline(ColumnTransformer([("scaled", StandardScaler(), ["b"])]), Ridge()).fit(FRAME, TARGET)
    plain = make_pipeline(StandardScaler(), Ridge()).fit(FRAME, TARGET)
    assert pack(by_name, FRAME, out, name="model", format="sklearn").manifest.dataframe
    assert not pack(plain, FRAME, out, name="model", format="sklearn").manifest.dataframe


def test_a_pipeline_of_tables_inside_is_not_given_arrays_that_warn(out):
    steps = make_pipeline(StandardScaler(), PolynomialFeatures(), Ridge()).set_output(transform="pandas")
    manifest = pack(steps.fit(FRAME, TARGET), FRAME, out, name="model", format="sklearn").manifest
    assert manifest.dataframe


def test_an_answer_that_depends_on_the_batch_is_compared_row_by_row(out):
    estimator = NMF(2, max_iter=300, random_state=0).fit(ROWS)
    assert pack(estimator, ROWS, out, name="model").manifest.format == "joblib"


def test_rows_of_our_own_that_an_estimator_fails_on_prove_nothing(out):
    assert pack(Moody().fit(ROWS), ROWS, out, name="model", format="sklearn").manifest.format == "joblib"


def test_an_answer_that_has_no_entry_a_row_is_left_out(out):
    assert pack(Peculiar().fit(ROWS), ROWS, out, name="model").manifest.signature.output_names == ("predict",)


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (DBSCAN().fit(ROWS), "DBSCAN has no predict, transform or the like"),
        (LocalOutlierFactor(2).fit(ROWS), "LocalOutlierFactor has no predict"),
        ({"coefficients": [1, 2]}, "dict has no predict"),
        (Ridge(), "Ridge is not fitted"),
        (
            Ridge().fit(ROWS[:, :1], TARGET),
            r"Ridge\.predict fails on the rows that were given: ValueError: X has 2 features",
        ),
        (
            make_pipeline(FunctionTransformer(lambda rows: rows), Ridge()).fit(ROWS, TARGET),
            "Pipeline cannot be written to a file: .* define functions and classes in a module",
        ),
    ],
)
def test_what_cannot_be_packed_is_one_sentence_and_leaves_nothing(tmp_path, out, estimator, message):
    with pytest.raises(BundleError, match=message):
        pack(estimator, ROWS, out, name="model")
    assert list(tmp_path.iterdir()) == []


def test_what_was_defined_in_a_notebook_is_refused(out, monkeypatch):
    monkeypatch.setattr(__main__, "halve", halve, raising=False)
    monkeypatch.setattr(halve, "__module__", "__main__")
    estimator = make_pipeline(FunctionTransformer(halve), Ridge()).fit(ROWS, TARGET)
    with pytest.raises(BundleError, match="Pipeline uses halve, which was defined in a notebook or a script: move it"):
        pack(estimator, ROWS, out, name="model")


def test_an_estimator_that_answers_tensors_differently_is_refused(out):
    with pytest.raises(BundleError, match="answers tensors differently from the rows that were given: predict differs"):
        pack(CountsCalls().fit(ROWS), ROWS, out, name="model")


def test_an_estimator_that_forgets_when_it_is_saved_is_refused(out):
    with pytest.raises(BundleError, match="Forgetful cannot be served in its own format: predict differs"):
        pack(Forgetful().fit(ROWS), ROWS, out, name="model", format="sklearn")


def test_an_estimator_that_cannot_answer_one_row_is_refused(out):
    with pytest.raises(BundleError, match="cannot answer one row alone: ValueError: needs two rows"):
        pack(Sociable().fit(ROWS), ROWS, out, name="model", format="sklearn")


@pytest.mark.parametrize("field", ["name", "version"])
@pytest.mark.parametrize("value", ["", "a/b", "-a", "a" * 64, "a b"])
def test_a_name_that_cannot_stand_in_a_url_is_refused(out, field, value):
    with pytest.raises(BundleError, match=f"^The {field} '{value}' of the model must be"):
        pack(Ridge().fit(ROWS, TARGET), ROWS, out, **({"name": "model"} | {field: value}))


def test_an_unknown_format_is_refused(out):
    with pytest.raises(BundleError, match="There is no format 'pmml': choose auto, onnx or sklearn"):
        pack(Ridge().fit(ROWS, TARGET), ROWS, out, name="model", format="pmml")


def test_a_skops_file_keeps_its_bytes_and_its_list_of_types(tmp_path, out):
    skops.io.dump(RandomForestClassifier(1).fit(ROWS, TARGET), tmp_path / "model.skops")
    bundle = pack(tmp_path / "model.skops", ROWS, out, name="model", format="sklearn")
    assert bundle.read_model() == (tmp_path / "model.skops").read_bytes()
    assert bundle.manifest.format == "skops"
    assert bundle.manifest.trusted_types == tuple(sorted(skops.io.get_untrusted_types(file=tmp_path / "model.skops")))


def test_importing_the_package_stays_cheap():
    heavy = {"sklearn", "pandas", "numpy", "onnx", "skl2onnx"}
    code = f"import sys, service; print({heavy} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"


def halve(rows):
    return rows / 2


class Peculiar(BaseEstimator):
    """Answers one number for all rows in its second output."""

    def fit(self, rows):
        self.sum_ = float(rows.sum())
        return self

    def predict(self, rows):
        return np.full(len(rows), self.sum_)

    def transform(self, rows):
        return np.array([len(rows)] * 2)


class CountsCalls(BaseEstimator):
    """Answers each call differently."""

    def fit(self, rows):
        self.calls_ = len(rows)
        return self

    def predict(self, rows):
        self.calls_ += 1
        return np.full(len(rows), self.calls_)


class Forgetful(Peculiar):
    """Loses what it learnt on the way to a file."""

    def __getstate__(self):
        return {"sum_": 0.0}

    def __deepcopy__(self, memo):
        return self


class Moody(Peculiar):
    """Fails in its own way on rows that it was never given."""

    def predict(self, rows):
        if rows[0, 1] not in ROWS:
            raise KeyError
        return super().predict(rows)


class Sociable(Peculiar):
    """Cannot answer a single row."""

    def predict(self, rows):
        if len(rows) == 1:
            message = "needs two rows"
            raise ValueError(message)
        return super().predict(rows)
