"""What a file would import, told without loading it: files of every kind that would run a program."""

import io
import os
import pickle
import warnings

import joblib
import numpy as np
import pytest
import skops.io
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import GradientBoostingRegressor, HistGradientBoostingClassifier, RandomForestClassifier

from service.inspection.inspect import inspect, inspect_file
from service.inspection.kinds import Kind

RANDOM = np.random.default_rng(0)
ROWS = RANDOM.normal(size=(60, 3))
FOREST = RandomForestClassifier(5, random_state=0).fit(ROWS, np.where(ROWS[:, 0] > 0, "high", "low"))
COMPRESSIONS = [0, 3, ("zlib", 1), ("gzip", 1), ("bz2", 1), ("lzma", 1), ("xz", 1), ("lz4", 1)]
RUNS = f"{os.system.__module__}.system"


class Runs:
    """Leaves a file behind when it is loaded."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


def dumped(value, compress=0):
    buffer = io.BytesIO()
    joblib.dump(value, buffer, compress=compress)
    return buffer.getvalue()


@pytest.fixture(name="runs")
def _runs(tmp_path):
    path = tmp_path / "ran"
    yield Runs(path)
    assert not path.exists(), "a line of the file was executed"


@pytest.mark.parametrize("compress", COMPRESSIONS, ids=str)
def test_a_forest_of_joblib_is_followed_to_its_end_however_it_is_compressed(compress):
    inspection = inspect(dumped(FOREST, compress), "joblib")
    assert not inspection.is_dangerous
    assert not inspection.of_kind(Kind.UNKNOWN)
    assert "sklearn.tree._tree.Tree" in inspection.of_kind(Kind.HARMLESS)


@pytest.mark.parametrize("compress", COMPRESSIONS, ids=str)
@pytest.mark.parametrize("place", ["alone", "behind a forest", "in an array of objects", "behind other layouts"])
def test_code_is_found_wherever_it_lies_and_is_not_executed(runs, compress, place):
    values = {
        "alone": runs,
        "behind a forest": [FOREST, runs],
        "in an array of objects": [np.array([1, runs], dtype=object)],
        "behind other layouts": [np.asfortranarray(ROWS), np.array(3.5), np.array(["a", "bc"]), np.zeros((0, 2)), runs],
    }
    inspection = inspect(dumped(values[place], compress), "joblib")
    assert inspection.of_kind(Kind.DANGEROUS) == (RUNS,)
    assert not inspection.problem


@pytest.mark.parametrize("protocol", range(6))
def test_every_protocol_of_pickle_is_followed(runs, protocol):
    inspection = inspect(pickle.dumps([FOREST, runs], protocol), "pickle")
    assert inspection.of_kind(Kind.DANGEROUS) == (RUNS,)
    assert not inspect(pickle.dumps(FOREST, protocol), "pickle").is_dangerous


@pytest.mark.parametrize(
    "model",
    [GradientBoostingRegressor(n_estimators=3), HistGradientBoostingClassifier(max_iter=3)],
    ids=["gradient boosting", "histogram gradient boosting"],
)
def test_other_ensembles_are_known_as_well(model):
    inspection = inspect(dumped(model.fit(ROWS, (ROWS[:, 0] > 0).astype(int))), "joblib")
    assert not inspection.is_dangerous
    assert not inspection.of_kind(Kind.UNKNOWN)


@pytest.mark.parametrize(
    ("content", "model_format"),
    [
        (dumped(FOREST)[:-10], "joblib"),
        (dumped(FOREST, 3)[:-10], "joblib"),
        (dumped(FOREST)[:5000], "joblib"),
        (b"no pickle", "pickle"),
        (b"", "pickle"),
        (b"x\x9c no zlib", "joblib"),
        (b"ZF0x7f", "joblib"),
        (b"no zip", "skops"),
        (b"\x80\x05\x96\xff\xff\xff\xff\xff\xff\xff\x7f.", "pickle"),  # a bytearray that claims 2^63 bytes
        (b"\x80\x04I1\n)R.", "pickle"),  # calls a number
        (b"\x80\x02Pid\n.", "pickle"),  # an object from elsewhere
    ],
    ids=range(11),
)
def test_a_file_that_cannot_be_followed_is_dangerous(content, model_format):
    inspection = inspect(content, model_format)
    assert inspection.problem
    assert inspection.is_dangerous


def test_an_array_that_claims_more_than_there_is_takes_no_memory():
    content = dumped(np.zeros(100_000, dtype=np.int8))
    claimed = content.replace(b"J" + (100_000).to_bytes(4, "little"), b"J" + (2**31 - 1).to_bytes(4, "little"))
    assert claimed != content
    assert inspect(claimed, "joblib").problem == "it is cut off"


def test_a_file_called_pickle_that_joblib_wrote_is_read_as_both(runs):
    assert inspect_file(dumped(FOREST), "pickle").problem == ""
    assert inspect_file(dumped([FOREST, runs], 3), "pickle").of_kind(Kind.DANGEROUS) == (RUNS,)
    assert inspect_file(b"neither", "pickle").is_dangerous


def test_names_of_python_2_are_read_as_python_3_does():
    assert inspect(b"c__builtin__\neval\n.", "pickle").of_kind(Kind.DANGEROUS) == ("builtins.eval",)
    assert inspect(b"ccommands\ngetoutput\n.", "pickle").of_kind(Kind.DANGEROUS) == ("subprocess.getoutput",)


def test_of_a_skops_file_the_types_that_it_does_not_trust_are_told():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        content = skops.io.dumps(HistGradientBoostingClassifier(max_iter=2).fit(ROWS, (ROWS[:, 0] > 0).astype(int)))
    found = inspect(content, "skops").imports
    assert sorted(f"{module}.{name}" for module, name in found) == sorted(skops.io.get_untrusted_types(data=content))
    assert found
    assert inspect(skops.io.dumps(FOREST), "skops").imports == (("sklearn.tree._tree", "Tree"),)


@given(st.integers(0, 3000), st.binary(min_size=1, max_size=4), st.sampled_from(["pickle", "joblib"]))
def test_a_damaged_file_is_told_and_never_a_crash(position, noise, model_format):
    content = dumped(FOREST)
    damaged = content[:position] + noise + content[position + len(noise) :]
    inspection = inspect(damaged, model_format)
    assert inspection.problem or inspection.imports
