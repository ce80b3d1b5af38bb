"""From a bundle to its runtime."""

import sys

import pytest
from sklearn.linear_model import LinearRegression

from service import pack
from service.errors import BundleError
from service.runtimes.load import load_runtime
from service.runtimes.onnx import OnnxRuntime
from service.runtimes.sklearn import SklearnRuntime


@pytest.fixture(name="bundle")
def _bundle(request, tmp_path):
    model = LinearRegression().fit([[0.5], [1.5]], [1.0, 2.0])
    return pack(model, [[0.5], [1.5]], tmp_path / "bundle", name="line", format=request.param)


@pytest.mark.parametrize(("bundle", "kind"), [("onnx", OnnxRuntime), ("sklearn", SklearnRuntime)], indirect=["bundle"])
def test_each_format_has_its_runtime(bundle, kind):
    assert type(load_runtime(bundle, threads=1)) is kind


@pytest.mark.parametrize("bundle", ["sklearn"], indirect=True)
def test_an_installation_without_the_library_says_which_extra_has_it(bundle, monkeypatch):
    monkeypatch.delitem(sys.modules, "service.runtimes.sklearn")
    # What Python remembers of a module that is not installed.
    monkeypatch.setitem(sys.modules, "joblib", None)
    with pytest.raises(BundleError, match=r"is of the format joblib, which needs joblib: install 'ml-api\[sklearn\]'"):
        load_runtime(bundle, threads=1)
