"""What becomes of each kind of estimator: what is converted agrees with it, and what cannot agree keeps its format."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    VotingClassifier,
)
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVC, LinearSVC

from service import pack
from service.errors import BundleError
from service.runtimes.load import load_runtime

ROWS, CODES = load_iris(return_X_y=True)
ROWS = ROWS[::3]
CODES = CODES[::3]
NAMES = np.array(["setosa", "versicolor", "virginica"])[CODES]
IS_FIRST = CODES == 0
RANDOM = np.random.default_rng(0)
PEOPLE = pd.DataFrame(
    {
        "age": RANDOM.integers(18, 80, 60),
        "net income": RANDOM.normal(30_000.0, 9_000.0, 60),
        "city": RANDOM.choice(["Bern", "Oslo", "Rome"], 60),
        "member": RANDOM.random(60) < 0.5,
    }
)
RICH = np.where(PEOPLE["net income"] > 30_000 - 100 * PEOPLE["age"], "rich", "poor")


def pipeline(*steps):
    return make_pipeline(StandardScaler(), *steps)


def check_against(estimator, bundle, tensors, rows):
    """Compare what is served with what the estimator itself answers."""
    runtime = load_runtime(bundle, threads=1)
    for spec in bundle.manifest.outputs:
        if spec.name.rpartition("_")[2].isdigit():
            continue
        answer = runtime.run(tensors, [spec.name])[spec.name]
        expected = getattr(estimator, spec.name)(rows)
        assert list(spec.shape[1:]) == list(expected.shape[1:])
        if expected.dtype.kind == "f":
            np.testing.assert_allclose(answer, expected, rtol=1e-4, atol=1e-4)
        else:
            assert answer.tolist() == expected.tolist()


CONVERTED = [
    pytest.param(pipeline(LogisticRegression()), NAMES, ["BYTES", "FP64", "FP64"], id="string labels"),
    pytest.param(pipeline(LogisticRegression()), IS_FIRST, ["BOOL", "FP64", "FP64"], id="boolean labels, two classes"),
    pytest.param(LogisticRegression(max_iter=500), CODES * 1.0, ["FP64", "FP64", "FP64"], id="float labels"),
    pytest.param(RandomForestClassifier(5, random_state=0), CODES, ["INT64", "FP32"], id="forest"),
    pytest.param(pipeline(RandomForestClassifier(5, random_state=0)), CODES, ["INT64", "FP32"], id="scaled forest"),
    pytest.param(RandomForestRegressor(5, random_state=0), ROWS[:, 0], ["FP32"], id="regression forest"),
    pytest.param(
        GradientBoostingClassifier(n_estimators=3), IS_FIRST.astype(int), ["INT64", "FP32", "FP32"], id="boosted trees"
    ),
    pytest.param(HistGradientBoostingClassifier(max_iter=9), CODES, ["INT64", "FP32", "FP32"], id="histograms"),
    pytest.param(HistGradientBoostingRegressor(max_iter=9), ROWS[:, 0], ["FP32"], id="histograms of a quantity"),
    pytest.param(SVC(), IS_FIRST.astype(int), ["INT64", "FP64"], id="kernel machine"),
    pytest.param(LinearSVC(), CODES, ["INT64", "FP64"], id="linear machine"),
    pytest.param(
        GridSearchCV(pipeline(LogisticRegression()), {"logisticregression__C": [0.1, 1.0]}, cv=2),
        CODES,
        ["INT64", "FP64", "FP64"],
        id="search",
    ),
    pytest.param(
        pipeline(VotingClassifier([("a", LogisticRegression()), ("b", LogisticRegression(C=0.1))], voting="soft")),
        CODES,
        ["INT64", "FP64"],
        id="voting",
    ),
    pytest.param(Ridge(), ROWS[:, 0], ["FP64"], id="regressor"),
    pytest.param(Ridge(), ROWS[:, :2], ["FP64"], id="two targets"),
    pytest.param(KMeans(3, n_init=1, random_state=0), None, ["INT64", "FP64"], id="clusterer"),
    pytest.param(GaussianMixture(2, random_state=0), None, ["INT64", "FP32"], id="mixture"),
    pytest.param(IsolationForest(n_estimators=5, random_state=0), None, ["INT64", "FP32"], id="outlier detector"),
    pytest.param(pipeline(PCA(2)), None, ["FP64"], id="transformer"),
]


@pytest.mark.parametrize(("estimator", "target", "datatypes"), CONVERTED)
def test_a_converted_model_answers_as_the_estimator(tmp_path, estimator, target, datatypes):
    estimator.fit(ROWS, target)
    bundle = pack(estimator, ROWS, tmp_path / "bundle", name="model", format="onnx")
    assert [spec.datatype for spec in bundle.manifest.outputs] == datatypes
    assert bundle.manifest.conversion.converted
    assert bundle.manifest.conversion.rows >= len(ROWS)
    check_against(estimator, bundle, {"input": ROWS}, ROWS)


def test_several_classifiers_in_one_give_numbered_probabilities(tmp_path):
    estimator = MultiOutputClassifier(LogisticRegression(max_iter=500)).fit(ROWS, np.column_stack([CODES, CODES == 1]))
    bundle = pack(estimator, ROWS, tmp_path / "bundle", name="model", format="onnx")
    assert [(spec.name, spec.shape, spec.labels) for spec in bundle.manifest.outputs] == [
        ("predict", (-1, 2), ()),
        ("predict_proba_0", (-1, 3), (0, 1, 2)),
        ("predict_proba_1", (-1, 2), (0, 1)),
    ]
    answers = load_runtime(bundle, threads=1).run({"input": ROWS}, ["predict_proba_1"])
    np.testing.assert_allclose(answers["predict_proba_1"], estimator.predict_proba(ROWS)[1], atol=1e-6)


def test_a_forest_of_several_targets_gives_numbered_probabilities(tmp_path):
    estimator = RandomForestClassifier(1, max_depth=2, random_state=0).fit(ROWS, np.column_stack([CODES, CODES]))
    bundle = pack(estimator, ROWS, tmp_path / "bundle", name="model")
    assert bundle.manifest.signature.output_names == ("predict", "predict_proba_0", "predict_proba_1")


@pytest.mark.parametrize(
    ("estimator", "left_out"),
    [
        (GaussianMixture(2, random_state=0), ("score_samples",)),
        (VotingClassifier([("a", LogisticRegression(max_iter=500))], voting="soft"), ("transform",)),
    ],
)
def test_a_side_output_that_a_graph_lacks_is_told(tmp_path, estimator, left_out):
    bundle = pack(estimator.fit(ROWS, CODES), ROWS, tmp_path / "bundle", name="model")
    assert bundle.manifest.conversion.left_out == left_out


def mixed_columns(encoder):
    columns = make_column_transformer(
        (StandardScaler(), ["age", "net income"]), (encoder, ["city"]), ("passthrough", ["member"])
    )
    return make_pipeline(columns, RandomForestClassifier(5, random_state=0)).fit(PEOPLE, RICH)


def test_mixed_columns_are_converted_with_their_names(tmp_path):
    estimator = mixed_columns(OneHotEncoder(handle_unknown="ignore"))
    bundle = pack(estimator, PEOPLE, tmp_path / "bundle", name="model", format="onnx")
    assert [(spec.name, spec.datatype) for spec in bundle.manifest.inputs] == [
        ("age", "INT64"),
        ("net income", "FP64"),
        ("city", "BYTES"),
        ("member", "BOOL"),
    ]
    tensors = {name: PEOPLE[[name]].to_numpy(dtype=object if name == "city" else None) for name in PEOPLE.columns}
    check_against(estimator, bundle, tensors, PEOPLE)


def test_an_estimator_that_picks_columns_by_name_takes_a_matrix_all_the_same(tmp_path):
    numbers = PEOPLE[["age", "net income"]]
    columns = ColumnTransformer([("scaled", StandardScaler(), ["net income"])], remainder="passthrough")
    estimator = make_pipeline(columns, Ridge()).fit(numbers, numbers["age"])
    bundle = pack(estimator, numbers, tmp_path / "bundle", name="model", format="onnx")
    assert bundle.manifest.inputs[0].features == ("age", "net income")
    check_against(estimator, bundle, {"input": numbers.to_numpy()}, numbers)


KEPT = [
    pytest.param(DummyClassifier(), ROWS, CODES, "skl2onnx has no converter for it", id="no converter"),
    pytest.param(QuadraticDiscriminantAnalysis(), ROWS, CODES, "gives no raw scores", id="no scores"),
    pytest.param(
        MLPClassifier(2, max_iter=500, tol=0.1, random_state=0),
        ROWS,
        np.column_stack([CODES == 0, CODES == 1]).astype(int),
        "the converted model has no predict_proba",
        id="an output of another shape",
    ),
    pytest.param(
        make_pipeline(TfidfVectorizer(), LogisticRegression()),
        ["good film", "bad film", "very good", "so bad"],
        [1, 0, 1, 0],
        "with words joined by a letter beyond ASCII, predict differs",
        id="words",
    ),
]


@pytest.mark.parametrize(("estimator", "rows", "target", "reason"), KEPT)
def test_auto_keeps_the_original_and_says_why(tmp_path, estimator, rows, target, reason):
    bundle = pack(estimator.fit(rows, target), rows, tmp_path / "bundle", name="model")
    assert bundle.manifest.format == "joblib"
    assert not bundle.manifest.conversion.converted
    assert reason in bundle.manifest.conversion.reason


@pytest.mark.parametrize(("estimator", "rows", "target", "reason"), KEPT)
def test_onnx_or_nothing_is_refused_and_leaves_nothing(tmp_path, estimator, rows, target, reason):
    with pytest.raises(BundleError, match=f"cannot be packed as ONNX: .*{reason}"):
        pack(estimator.fit(rows, target), rows, tmp_path / "bundle", name="model", format="onnx")
    assert list(tmp_path.iterdir()) == []


def test_a_graph_that_answers_what_the_estimator_refuses_is_not_taken(tmp_path):
    bundle = pack(mixed_columns(OrdinalEncoder()), PEOPLE, tmp_path / "bundle", name="model")
    assert bundle.manifest.format == "joblib"
    assert bundle.manifest.conversion.reason == ("with texts in capital letters, it answers what the estimator refuses")


def test_letters_instead_of_words_can_be_converted(tmp_path):
    texts = ["good film", "bad film", "very good", "so bad"]
    estimator = make_pipeline(CountVectorizer(analyzer="char"), LogisticRegression()).fit(texts, [1, 0, 1, 0])
    bundle = pack(estimator, texts, tmp_path / "bundle", name="model", format="onnx")
    check_against(estimator, bundle, {"text": np.array(texts, dtype=object)}, texts)


def test_the_same_model_gets_the_same_digest(tmp_path):
    digests = set()
    for attempt in ("a", "b"):
        estimator = pipeline(LogisticRegression()).fit(ROWS, NAMES)
        digests.add(pack(estimator, ROWS, tmp_path / attempt, name="model").sha256)
    assert len(digests) == 1


def test_nothing_is_printed_and_no_warning_leaks(tmp_path, capfd):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        pack(DummyClassifier().fit(ROWS, CODES), ROWS, tmp_path / "a", name="model")
        pack(pipeline(LogisticRegression()).fit(ROWS, CODES), ROWS, tmp_path / "b", name="model")
    assert caught == []
    assert capfd.readouterr() == ("", "")


def test_the_model_file_in_a_bundle_is_the_converted_one(tmp_path):
    bundle = pack(Ridge().fit(ROWS, CODES), ROWS, tmp_path / "bundle", name="model")
    assert sorted(path.name for path in bundle.folder.iterdir()) == ["model.json", "model.onnx"]
    assert json.loads((bundle.folder / "model.json").read_text())["libraries"]["skl2onnx"]


def test_an_output_that_is_called_as_an_input_cannot_be_converted(tmp_path):
    rows = pd.DataFrame({"predict": ["a", "b"], "size": [1, 2]})
    estimator = make_pipeline(make_column_transformer((OneHotEncoder(), ["predict"])), Ridge()).fit(rows, [1, 2])
    bundle = pack(estimator, rows, tmp_path / "bundle", name="model")
    assert bundle.manifest.format == "joblib"
    assert "Duplicate definition of name (predict)" in bundle.manifest.conversion.reason
