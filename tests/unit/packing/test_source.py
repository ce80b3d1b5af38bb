"""Model files of every format."""

import pickle
import sys
import zipfile

import joblib
import pytest
import skops.io
from sklearn.linear_model import Ridge
from sklearn.preprocessing import FunctionTransformer

from service.errors import BundleError
from service.packing.source import format_of, read_source

MODEL = Ridge().fit([[1.0], [2.0]], [0, 1])
OTHER_VERSION = "0.24.2"


@pytest.mark.parametrize(
    ("name", "model_format"),
    [("m.joblib", "joblib"), ("m.pkl", "pickle"), ("m.PICKLE", "pickle"), ("m.skops", "skops"), ("m.onnx", "onnx")],
)
def test_the_name_of_a_file_tells_its_format(tmp_path, name, model_format):
    assert format_of(tmp_path / name) == model_format


def test_another_name_is_refused_with_the_ones_that_are_known(tmp_path):
    with pytest.raises(BundleError, match=r"must end in one of \.joblib, \.pkl, \.pickle, \.skops, \.onnx"):
        read_source(tmp_path / "model.h5")


@pytest.mark.parametrize(
    ("name", "dump", "model_format"),
    [
        ("m.joblib", joblib.dump, "joblib"),
        ("m.pkl", lambda model, path: path.write_bytes(pickle.dumps(model)), "pickle"),
        ("m.pkl", joblib.dump, "joblib"),
        ("m.skops", skops.io.dump, "skops"),
    ],
)
def test_a_file_is_loaded_and_its_bytes_are_kept(tmp_path, name, dump, model_format):
    dump(MODEL, tmp_path / name)
    source = read_source(tmp_path / name)
    assert source.format == model_format
    assert source.estimator.predict([[1.0]]).shape == (1,)
    assert source.content() == (tmp_path / name).read_bytes()


@pytest.mark.parametrize("name", ["m.joblib", "m.pkl"])
def test_a_function_of_a_notebook_is_told_with_the_way_out(tmp_path, monkeypatch, name):
    with monkeypatch.context() as notebook:
        notebook.setattr(clean, "__module__", "__main__")
        notebook.setattr(sys.modules["__main__"], "clean", clean, raising=False)
        content = pickle.dumps(FunctionTransformer(clean))
        joblib.dump(FunctionTransformer(clean), tmp_path / "m.joblib")
    (tmp_path / "m.pkl").write_bytes(content)
    with pytest.raises(BundleError) as error:
        read_source(tmp_path / name)
    assert str(error.value) == (
        f"{tmp_path / name} uses clean, which was defined in a notebook or a script: "
        "move it to a module that is installed where the model is served, and train the model again with that."
    )


def clean(rows):
    return rows


def saved_with_another_version():
    state = MODEL.__getstate__() | {"_sklearn_version": OTHER_VERSION}
    model = Ridge()
    model.__dict__.update(state)
    return Versioned(model)


class Versioned(Ridge):
    """Claims that another version of scikit-learn saved it."""

    def __init__(self, model=None):
        super().__init__()
        self.model = model

    def __reduce__(self):
        return Ridge, (), MODEL.__getstate__() | {"_sklearn_version": OTHER_VERSION}


@pytest.mark.parametrize(("name", "dump"), [("m.joblib", joblib.dump), ("m.pkl", pickle.dump)])
def test_a_file_of_another_scikit_learn_is_refused_with_the_command_that_fits(tmp_path, name, dump):
    with (tmp_path / name).open("wb") as file:
        dump(saved_with_another_version(), file)
    with pytest.raises(
        BundleError, match=r"was saved with scikit-learn 0\.24\.2, .*pip install scikit-learn==0\.24\.2"
    ):
        read_source(tmp_path / name)


@pytest.mark.parametrize("name", ["m.joblib", "m.pkl", "m.skops"])
def test_a_broken_file_is_one_sentence(tmp_path, name):
    (tmp_path / name).write_bytes(b"\x80nothing")
    with pytest.raises(BundleError, match=rf"{name} cannot be loaded as "):
        read_source(tmp_path / name)


def test_a_zip_file_that_skops_does_not_know_is_one_sentence(tmp_path):
    with zipfile.ZipFile(tmp_path / "m.skops", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(BundleError, match="cannot be loaded as skops: KeyError"):
        read_source(tmp_path / "m.skops")


@pytest.mark.parametrize("thing", [{"weights": [1, 2]}, [MODEL], "text"])
def test_a_file_that_holds_no_estimator_is_refused(tmp_path, thing):
    joblib.dump(thing, tmp_path / "m.joblib")
    with pytest.raises(BundleError, match=f"of the type {type(thing).__name__}, which is no fitted estimator"):
        read_source(tmp_path / "m.joblib")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BundleError, match=r"Cannot read .*none\.joblib: No such file or directory"):
        read_source(tmp_path / "none.joblib")
