"""Boosted trees of other libraries: converted and proven, or kept as they are."""

import warnings

import numpy as np
import pandas as pd
import pytest
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from xgboost import XGBClassifier, XGBRegressor

from service import pack
from service.bundle.verify import Trust, open_bundle
from service.runtimes.agreement import compare
from service.runtimes.load import load_runtime

RANDOM = np.random.default_rng(0)
ROWS = pd.DataFrame(RANDOM.normal(size=(120, 3)), columns=["height", "width", "depth of it"])
LABELS = np.digitize(ROWS["height"], [-0.5, 0.5])
NUMBERS = ROWS["height"] * 3 + ROWS["width"]
QUICK = {"n_estimators": 4, "n_jobs": 1}
MODELS = {
    "lightgbm-labels": (LGBMClassifier(verbose=-1, **QUICK), np.array(["a", "b", "c"])[LABELS]),
    "lightgbm-numbers": (LGBMRegressor(verbose=-1, **QUICK), NUMBERS),
    "xgboost-labels": (XGBClassifier(**QUICK), LABELS),
    "xgboost-numbers": (XGBRegressor(**QUICK), NUMBERS),
    "pipeline": (make_pipeline(StandardScaler(), XGBClassifier(**QUICK)), LABELS),
}


@pytest.fixture(name="case", params=MODELS)
def _case(request):
    model, target = MODELS[request.param]
    return request.param, model.fit(ROWS, target)


def expected(model):
    answers = {"predict": model.predict(ROWS)}
    return answers | ({"predict_proba": model.predict_proba(ROWS)} if hasattr(model, "predict_proba") else {})


def answers(bundle, names):
    runtime = load_runtime(open_bundle(bundle.folder, Trust(owner=True)), threads=1)
    # A warning on each request would fill the log.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return runtime.run({"input": ROWS.to_numpy()}, names)


@pytest.mark.parametrize("choice", ["onnx", "sklearn"])
def test_boosted_trees_answer_as_their_library_does(tmp_path, case, choice):
    name, model = case
    bundle = pack(model, ROWS, tmp_path / "bundle", name=name, format=choice)
    wanted = expected(model)
    assert bundle.manifest.format == {"onnx": "onnx", "sklearn": "joblib"}[choice]
    assert bundle.manifest.inputs[0].features == tuple(ROWS.columns)
    assert compare(wanted, answers(bundle, list(wanted))).problem == ""


def test_a_graph_of_lightgbm_goes_without_raw_scores(tmp_path):
    model, target = MODELS["lightgbm-labels"]
    bundle = pack(model.fit(ROWS, target), ROWS, tmp_path / "bundle", name="model")
    assert bundle.manifest.conversion.left_out == ("decision_function",)


def test_what_a_converter_gets_wrong_is_kept_in_its_own_format(tmp_path):
    rows = ROWS.assign(kind=pd.Categorical(["x", "y", "z"] * 40))
    model = LGBMRegressor(verbose=-1, min_child_samples=2, **QUICK).fit(rows, NUMBERS + rows["kind"].cat.codes * 9)
    bundle = pack(model, rows, tmp_path / "bundle", name="model")
    assert bundle.manifest.format == "joblib"
    assert "lightgbm" in bundle.manifest.libraries
    assert bundle.manifest.conversion.reason


def test_the_model_that_was_given_keeps_its_names(tmp_path):
    model = XGBRegressor(**QUICK).fit(ROWS, NUMBERS)
    pack(model, ROWS, tmp_path / "bundle", name="model")
    assert model.get_booster().feature_names == list(ROWS.columns)
