"""Versions at packing against the installed ones."""

import logging
import platform
from importlib.metadata import version

import pytest

from service.bundle.manifest import Example, Manifest
from service.errors import BundleError
from service.runtimes.versions import check_versions, installed_version


def manifest(**libraries):
    libraries = {name.replace("_", "-"): packed for name, packed in libraries.items()}
    return Manifest(1, "iris", "1", "joblib", "model.joblib", "0" * 64, (), (), Example({}, {}), libraries)


def changed(installed: str, part: int) -> str:
    parts = installed.split(".")
    parts[part] = "99"
    return ".".join(parts)


def test_the_same_versions_are_silent(caplog):
    check_versions(manifest(python=platform.python_version(), scikit_learn=version("scikit-learn")))
    assert caplog.messages == []


@pytest.mark.parametrize(("library", "part"), [("scikit-learn", 0), ("scikit-learn", 1), ("numpy", 0), ("skops", 0)])
def test_an_incompatible_version_is_refused_with_the_command_that_fits(library, part):
    packed = changed(version(library), part)
    with pytest.raises(BundleError, match=rf"pip install {library}=={packed}, or pack it again\.$"):
        check_versions(manifest(**{library: packed}))


def test_another_python_is_named():
    with pytest.raises(BundleError, match=r"was packed with python 2\.7\.18, .*: use Python 2\.7\.18"):
        check_versions(manifest(python="2.7.18"))


@pytest.mark.parametrize(("library", "part"), [("scikit-learn", 2), ("numpy", 1), ("python", 1)])
def test_a_small_difference_is_a_warning(caplog, library, part):
    packed = changed(installed_version(library), part)
    with caplog.at_level(logging.WARNING):
        check_versions(manifest(**{library: packed}))
    installed = installed_version(library)
    assert caplog.messages == [
        f"The model iris was packed with {library} {packed}, and {installed} is installed: its example decides."
    ]


def test_a_missing_library_is_named():
    with pytest.raises(BundleError, match=r"needs no-such-library, .*: pip install no-such-library==1\.2"):
        check_versions(manifest(no_such_library="1.2"))


def test_what_only_made_the_file_does_not_matter():
    check_versions(manifest(onnx="0.1", skl2onnx="0.1", onnxruntime="0.1"))


def test_all_that_is_wrong_is_told_at_once_with_one_command():
    with pytest.raises(BundleError) as refused:
        check_versions(manifest(python="2.7.18", scikit_learn="0.24.2", numpy="1.19.5", no_such_library="1.2"))
    assert str(refused.value) == (
        "The model iris needs no-such-library, which is not installed and was packed with python 2.7.18, "
        f"scikit-learn 0.24.2, numpy 1.19.5, and {platform.python_version()}, {version('scikit-learn')}, "
        f"{version('numpy')} is installed: use Python 2.7.18 and pip install scikit-learn==0.24.2 numpy==1.19.5 "
        "no-such-library==1.2, or pack it again."
    )


def test_xgboost_is_one_library_under_two_names(caplog):
    check_versions(manifest(xgboost=version("xgboost-cpu")))
    assert caplog.messages == []
