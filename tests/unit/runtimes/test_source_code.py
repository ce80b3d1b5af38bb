"""A class of one's own: packed, looked into, trusted and served."""

import asyncio
import io
import json
import zipfile
from hashlib import sha256

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from manifests import change_manifest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from service import pack
from service.app import create_app
from service.bundle.verify import Trust, open_bundle
from service.cli import cli
from service.errors import BundleError, InvalidInputError, UntrustedBundleError
from service.inspection.inspect import inspect
from service.runtimes.load import load_runtime
from service.runtimes.source_code import (
    SourceCodeError,
    defines_model,
    imports_of,
    load_model,
    read_code,
    write_archive,
)
from service.settings import load_settings

CODE = """
import json
from dataclasses import dataclass

import numpy as np

@dataclass
class Price:
    base: float

class Model:
    def __init__(self, files):
        self.price = Price(**json.loads(files["price.json"]))

    def predict(self, rows):
        if (rows["size"] > 1000).any():
            rows["size"] + "an error"
        if (rows["size"] < 0).any():
            raise ValueError("negative")
        return rows["size"].to_numpy() * self.price.base
"""
ROWS = pd.DataFrame({"size": [1.5, 2.0], "city": ["Bern", "Oslo"]})


@pytest.fixture(name="folder")
def _folder(tmp_path):
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "model.py").write_text(CODE)
    (folder / "price.json").write_text(json.dumps({"base": 10}))
    return folder


@pytest.fixture(name="bundle")
def _bundle(folder, tmp_path):
    return pack(folder, ROWS, tmp_path / "bundle", name="prices")


def tensors(*sizes):
    column = np.array(sizes, dtype=float).reshape(-1, 1)
    return {"size": column, "city": np.full(column.shape, "Bern", dtype=object)}


def test_a_class_is_served_with_the_data_beside_it(bundle):
    assert bundle.manifest.format == "python"
    runtime = load_runtime(open_bundle(bundle.folder, Trust(bundle.sha256)), threads=1)
    assert runtime.run(tensors(1, 3), ["predict"])["predict"].tolist() == [10.0, 30.0]


def test_an_error_of_value_is_the_clients_and_not_quoted(bundle):
    runtime = load_runtime(open_bundle(bundle.folder, Trust(owner=True)), threads=1)
    with pytest.raises(InvalidInputError, match=r"^the model refused these values$"):
        runtime.run(tensors(-1), ["predict"])


@pytest.mark.parametrize("place", ["__init__", "predict"])
def test_code_that_ends_the_program_is_an_error_in_every_command(folder, bundle, tmp_path, place):
    """Exit code 0 would tell that all went well."""
    code = (
        "import sys\n"
        "class Model:\n"
        "    def __init__(self, files): ...\n"
        "    def predict(self, rows): ...\n"
        f"    def {place}(self, _): sys.exit(0)\n"
    )
    (folder / "model.py").write_text(code)
    message = "SystemExit: 0"
    with pytest.raises(BundleError, match=message):
        pack(folder, ROWS, tmp_path / "new", name="prices")

    content = write_archive({path.name: path.read_bytes() for path in folder.iterdir()})
    (bundle.folder / "model.zip").write_bytes(content)
    change_manifest(bundle.folder, sha256=sha256(content).hexdigest())
    result = CliRunner().invoke(cli, ["check", str(bundle.folder), "--trust", "--json"])
    assert result.exit_code == 1
    assert message in json.loads(result.stdout)["error"]

    app = create_app(load_settings(model_dir=bundle.folder, trust_model=True))
    asyncio.run(app.state.loader.load())
    assert message in app.state.slot.failure


def test_what_makes_the_model_refuse_values_is_told_once_and_without_them(bundle, caplog):
    runtime = load_runtime(open_bundle(bundle.folder, Trust(owner=True)), threads=1)
    for size in (-1234567, -7654321, 5555555):
        with pytest.raises(InvalidInputError):
            runtime.run(tensors(size), ["predict"])
    negative, error = [record.message for record in caplog.records]
    line = CODE.splitlines().index('            raise ValueError("negative")') + 1
    assert negative.startswith(f"The model refused values with ValueError in model.py, line {line}. This is told once")
    assert error.startswith("The model refused values with ")
    assert "negative" not in caplog.text
    assert not any(value in caplog.text for value in ("1234567", "7654321", "5555555"))


def test_packing_asks_what_is_refused_and_tells_nobody(tmp_path, caplog):
    rows = pd.DataFrame({"city": ["Bern", "Oslo", "Rome", "Bern"]})
    model = make_pipeline(OneHotEncoder(), LogisticRegression()).fit(rows, [0, 1, 0, 1])
    pack(model, rows, tmp_path / "bundle", name="model")
    assert caplog.records == []


def test_code_of_ones_own_needs_trust_as_well(bundle):
    with pytest.raises(UntrustedBundleError, match="of the format python, which executes code"):
        open_bundle(bundle.folder, Trust())


@pytest.mark.parametrize("name", ["model.py", "price.json"])
def test_the_digest_pins_code_and_data(folder, tmp_path, bundle, name):
    again = pack(folder, ROWS, tmp_path / "again", name="prices")
    assert again.sha256 == bundle.sha256
    (folder / name).write_text((folder / name).read_text().replace("10", "10.5").replace("negative", "below 0"))
    changed = pack(folder, ROWS, tmp_path / "changed", name="prices")
    assert changed.manifest.sha256 != bundle.manifest.sha256
    with pytest.raises(BundleError, match="is pinned"):
        open_bundle(changed.folder, Trust(bundle.sha256))


def test_the_libraries_that_the_code_imports_are_recorded(bundle):
    assert set(bundle.manifest.libraries) == {"python", "numpy"}


def test_the_code_is_looked_into_and_not_executed(tmp_path):
    code = f"import os, numpy.linalg\nfrom json import loads\nopen({str(tmp_path / 'ran')!r}, 'w')\n"
    content = write_archive({"model.py": code.encode()})
    assert inspect(content, "python").modules == ("json", "numpy.linalg", "os")
    assert not (tmp_path / "ran").exists()


def test_the_command_checks_packs_and_checks_again(folder, tmp_path):
    def run(*arguments):
        return CliRunner().invoke(cli, [*map(str, arguments)])

    looked = run("check", folder)
    assert "imports: dataclasses, json, numpy; it is source code, which may do anything: read it" in looked.output
    assert isinstance(looked.exception, UntrustedBundleError)
    ROWS.to_csv(tmp_path / "rows.csv", index=False)
    packed = run("pack", folder, "--name", "prices", "--data", tmp_path / "rows.csv", "--out", tmp_path / "b")
    assert packed.exit_code == 0, packed.output
    assert "Packed prices 1 as python" in packed.output
    assert run("check", tmp_path / "b").exit_code == 1
    assert run("check", tmp_path / "b", "--trust").exit_code == 0


def test_a_single_file_without_data_is_enough(tmp_path):
    (tmp_path / "double.py").write_text("class Model:\n    def predict(self, rows):\n        return rows[:, 0] * 2\n")
    bundle = pack(tmp_path / "double.py", np.array([[1.0], [2.0]]), tmp_path / "bundle", name="double")
    assert bundle.manifest.example.outputs == {"predict": [2.0, 4.0]}


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("x = 1", "model.py defines no class Model at its top level"),
        ("def Model(): ...", "model.py defines no class Model at its top level"),
        ("class Model: ...\ndel Model", "model.py defines no class Model"),
        ("x = 1\nclass", r"model.py cannot be packed, .* no Python that can be read \(SyntaxError, line 2\)"),
        ("import no_such_module\nclass Model: ...", "No module named 'no_such_module'"),
        ("class Model: ...", "is no fitted estimator"),
        (
            "class Model:\n    def __init__(self, files): ...",
            r"made with Model\(\), since no file lies beside model.py, .* give the folder that holds model.py",
        ),
    ],
)
def test_code_that_makes_no_model_is_refused(tmp_path, code, problem):
    (tmp_path / "model.py").write_text(code)
    with pytest.raises(BundleError, match=problem):
        pack(tmp_path / "model.py", ROWS, tmp_path / "bundle", name="model")
    assert not (tmp_path / "bundle").exists()


def test_a_class_that_takes_no_files_is_told_which_lies_beside_it(folder, tmp_path):
    (folder / "model.py").write_text("class Model:\n    def predict(self, rows): ...\n")
    with pytest.raises(
        BundleError, match=r"Model\(files\), since 'price.json' lies beside model.py, .* a dict of bytes"
    ):
        pack(folder, ROWS, tmp_path / "bundle", name="model")


@pytest.mark.parametrize(
    "code", ["", "class Model(", "from somewhere import Model", "Model = 1", "def f():\n    class Model: ..."]
)
@pytest.mark.parametrize("is_folder", [False, True], ids=["file", "folder"])
def test_a_source_without_the_class_is_not_executed(tmp_path, code, is_folder):
    given = tmp_path if is_folder else tmp_path / "etl.py"
    source = tmp_path / ("model.py" if is_folder else "etl.py")
    source.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n{code}\n")
    with pytest.raises(BundleError, match=rf"{source.name} .*nothing in it was executed"):
        pack(given, ROWS, tmp_path / "bundle", name="model")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "code",
    [
        "try:\n    import numpy\n    class Model: ...\nexcept ImportError:\n    pass",
        "if True:\n    pass\nelse:\n    class Model: ...",
    ],
    ids=["try", "else"],
)
def test_a_class_in_a_block_of_the_top_level_is_found(code):
    assert defines_model(code.encode())


@pytest.mark.parametrize("content", [b"no zip", write_archive({"other.py": b""}), write_archive({"model.py": b"\xff"})])
def test_an_archive_without_code_is_refused(content):
    assert inspect(content, "python").problem
    with pytest.raises((SourceCodeError, SyntaxError)):
        load_model(content)


def test_a_damaged_archive_is_told_wherever_it_is_damaged():
    content = write_archive({"model.py": CODE.encode()})
    for position in range(len(content)):
        damaged = bytearray(content)
        damaged[position] ^= 0xFF
        assert inspect(bytes(damaged), "python").modules in {(), ("dataclasses", "json", "numpy")}


def test_code_that_is_too_deep_for_the_parser_is_told():
    assert "MemoryError" in inspect(write_archive({"model.py": b"-" * 200_000 + b"1"}), "python").problem


def test_an_archive_that_unfolds_to_too_much_is_not_read_to_its_end():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.py", b" " * 10_000_000)
    with pytest.raises(SourceCodeError, match="larger than"):
        read_code(buffer.getvalue())


def test_imports_are_found_wherever_they_stand():
    assert imports_of(b"def f():\n    import a.b\n    from c import d\nfrom . import e\n") == (".", "a.b", "c")
