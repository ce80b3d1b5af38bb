"""The example of a manifest, answered again."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KernelDensity

from service import pack
from service.bundle.manifest import Example
from service.errors import BundleError
from service.runtimes.example import verify_example
from service.runtimes.load import load_runtime

ROWS = np.array([[0.0, 1.0], [1.0, 0.5], [2.0, 0.0], [3.0, 1.5]])


@pytest.fixture(scope="module", name="bundle")
def _bundle(tmp_path_factory):
    estimator = LogisticRegression().fit(ROWS, ["no", "no", "yes", "yes"])
    return pack(estimator, ROWS, tmp_path_factory.mktemp("example") / "bundle", name="model")


def with_example(bundle, **changes):
    example = bundle.manifest.example
    return replace(
        bundle.manifest, example=Example(changes.get("inputs", example.inputs), changes.get("outputs", example.outputs))
    )


def test_the_same_answer_is_good(bundle):
    verify_example(load_runtime(bundle, threads=1), bundle.manifest)


def test_two_rows_are_kept_with_the_answers_of_the_runtime(bundle):
    assert bundle.manifest.example.inputs == {"input": ROWS[:2].tolist()}
    assert bundle.manifest.example.outputs["predict"] == ["no", "no"]


@pytest.mark.parametrize("output", ["predict", "predict_proba"])
def test_another_answer_is_refused(bundle, output):
    wrong = {"predict": ["no", "yes"], "predict_proba": [[0.5, 0.5], [0.5, 0.5]]}
    manifest = with_example(bundle, outputs=bundle.manifest.example.outputs | {output: wrong[output]})
    with pytest.raises(BundleError, match=f"answers the example .* differently here .*: {output} differs"):
        verify_example(load_runtime(bundle, threads=1), manifest)


@pytest.mark.parametrize(
    "changes", [{"outputs": {}}, {"inputs": {"input": [["a", "b"]]}}, {"inputs": {"input": [[1.0], [2.0, 3.0]]}}]
)
def test_an_example_that_does_not_fit_is_refused(bundle, changes):
    with pytest.raises(BundleError, match="does not fit its signature"):
        verify_example(load_runtime(bundle, threads=1), with_example(bundle, **changes))


def test_an_example_that_the_model_refuses_is_told(bundle):
    manifest = with_example(bundle, inputs={"input": [[1.0, 2.0, 3.0]]})
    with pytest.raises(BundleError, match="cannot answer the example of its manifest: the model refused these values"):
        verify_example(load_runtime(bundle, threads=1), manifest)


def test_infinite_answers_can_be_compared(tmp_path):
    estimator = KernelDensity(kernel="tophat").fit([[0.0]])
    bundle = pack(estimator, [[0.5], [9.0]], tmp_path / "bundle", name="model")
    assert bundle.manifest.example.outputs["score_samples"][1] is None
    verify_example(load_runtime(bundle, threads=1), bundle.manifest)


def test_a_number_that_no_tensor_holds_does_not_fit(bundle):
    inputs = tuple(replace(spec, datatype="INT64") for spec in bundle.manifest.inputs)
    manifest = replace(with_example(bundle, inputs={"input": [[10**30, 0]]}), inputs=inputs)
    with pytest.raises(BundleError, match="does not fit its signature"):
        verify_example(load_runtime(bundle, threads=1), manifest)
