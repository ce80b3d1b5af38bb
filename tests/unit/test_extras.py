"""A library that is not installed is named with the extra that brings it, and not as a traceback."""

import json
import subprocess
import sys

import pytest

from service.extras import extra_of, naming_extras

SENTENCE = "This needs {}, which is not installed: pip install 'ml-api[{}]'."


def without(library, code, *arguments):
    """Run code in a process in which a library cannot be imported."""
    blocked = f"import sys; sys.modules[{library!r}] = None; {code}"
    return subprocess.run([sys.executable, "-c", blocked, *arguments], check=False, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("distribution", "extra"),
    [
        ("pandas", "pack"),
        ("scikit-learn", "pack"),
        ("onnx", "pack"),
        ("pyyaml", "pack"),
        ("lightgbm", "lightgbm"),
        ("xgboost", "xgboost"),
        ("s3fs", "s3"),
        ("adlfs", "az"),
        ("numpy", ""),
        ("no-such-library", ""),
    ],
)
def test_the_extra_comes_from_the_metadata_of_the_package(distribution, extra):
    assert extra_of(distribution) == extra


@pytest.mark.parametrize("library", ["onnx", "pandas", "sklearn"])
def test_a_notebook_without_the_extra_is_told_to_install_it(library):
    done = without(library, "import service; service.pack(None, None, 'out', name='model')")
    assert done.stderr.splitlines()[-1].endswith(f"MissingLibraryError: {SENTENCE.format(library, 'pack')}")


@pytest.mark.parametrize(
    ("library", "arguments"),
    [
        ("pandas", ("pack", "model.joblib", "--name", "m", "--data", "rows.csv", "--out", "out")),
        ("sklearn", ("train-demo",)),
        ("pandas", ("compare", "a", "b", "--data", "rows.csv")),
    ],
    ids=["pack", "train-demo", "compare"],
)
def test_a_command_without_the_extra_says_what_to_install(library, arguments):
    run = "from service.cli import main; main()"
    done = without(library, run, *arguments)
    sentence = SENTENCE.format(library, "pack")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"Error: {sentence}\n")
    as_json = without(library, run, *arguments, "--json")
    assert (as_json.returncode, json.loads(as_json.stdout)) == (1, {"error": sentence})


def test_a_module_that_no_extra_brings_is_an_error_as_ever():
    with pytest.raises(ModuleNotFoundError, match="no_such_module"), naming_extras():
        import no_such_module  # noqa: F401, PLC0415  # it is not there
