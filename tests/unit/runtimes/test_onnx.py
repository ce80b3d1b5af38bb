"""ONNX Runtime behind the signature."""

from hashlib import sha256

import numpy as np
import onnx
import pytest
from manifests import change_manifest, manifest_in
from onnx import TensorProto, helper
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OneHotEncoder

from service import pack
from service.bundle.verify import Trust, open_bundle
from service.errors import BundleError, InvalidInputError
from service.runtimes.load import load_runtime

ROWS = np.array([[0.0, 1.0], [1.0, 0.5], [2.0, 0.0], [3.0, 1.5]])


def opened_with(folder, **changes):
    change_manifest(folder, **changes)
    return open_bundle(folder, Trust())


@pytest.fixture(name="bundle")
def _bundle(tmp_path):
    return pack(LogisticRegression().fit(ROWS, [0, 0, 1, 1]), ROWS, tmp_path / "bundle", name="model", format="onnx")


def test_outputs_come_by_name_and_only_the_ones_that_are_asked_for(bundle):
    answers = load_runtime(bundle, threads=1).run({"input": ROWS}, ["decision_function", "predict"])
    assert {name: array.shape for name, array in answers.items()} == {"decision_function": (4,), "predict": (4,)}
    assert answers["predict"].tolist() == [0, 0, 1, 1]


def test_other_numbers_are_cast_to_what_the_graph_takes(bundle):
    runtime = load_runtime(bundle, threads=1)
    assert runtime.run({"input": ROWS.astype(np.float32)}, ["predict"])["predict"].tolist() == [0, 0, 1, 1]


def test_a_value_that_the_graph_refuses_is_the_clients_fault_and_is_not_quoted(tmp_path, capfd, caplog):
    cities = np.array([["Bern"], ["Rome"]], dtype=object)
    bundle = pack(OneHotEncoder().fit(cities), cities, tmp_path / "bundle", name="model", format="onnx")
    runtime = load_runtime(bundle, threads=1)
    for _ in range(2):
        with pytest.raises(InvalidInputError, match=r"^the model refused these values$"):
            runtime.run({"x0": np.array([["Atlantis"]], dtype=object)}, ["transform"])
    assert capfd.readouterr().err == ""
    (record,) = caplog.records
    assert record.message.startswith("The model refused values with Fail in ")
    assert "Atlantis" not in caplog.text


@pytest.mark.parametrize("side", ["inputs", "outputs"])
def test_a_manifest_that_names_what_the_graph_lacks_is_refused(bundle, side):
    tensors = manifest_in(bundle.folder)[side]
    tensors[0]["name"] = "nothing"
    changed = opened_with(bundle.folder, **{side: tensors})
    with pytest.raises(BundleError, match=f"has no {side[:-1]} 'nothing', which its manifest names"):
        load_runtime(changed, threads=1)


def test_a_graph_reads_no_file_but_its_own(bundle, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for place in (tmp_path, bundle.folder):
        (place / "secret.txt").write_bytes(b"A secret")
    graph = onnx.load_from_string(bundle.read_model())
    constant = TensorProto(name="leak", data_type=TensorProto.UINT8, dims=[8], data_location=TensorProto.EXTERNAL)
    constant.external_data.add(key="location", value="secret.txt")
    graph.graph.initializer.append(constant)
    graph.graph.node.append(helper.make_node("Identity", ["leak"], ["leaked"]))
    graph.graph.output.append(helper.make_tensor_value_info("leaked", TensorProto.UINT8, [8]))
    content = graph.SerializeToString()
    (bundle.folder / "model.onnx").write_bytes(content)
    changed = opened_with(bundle.folder, sha256=sha256(content).hexdigest())
    with pytest.raises(BundleError, match=r"^ONNX Runtime cannot load model\.onnx"):
        load_runtime(changed, threads=1)


def test_a_file_that_is_no_graph_is_one_sentence(bundle):
    (bundle.folder / "model.onnx").write_bytes(b"no graph")
    changed = opened_with(bundle.folder, sha256=sha256(b"no graph").hexdigest())
    with pytest.raises(BundleError, match=r"^ONNX Runtime cannot load model\.onnx in .*[^. ]\.$"):
        load_runtime(changed, threads=1)


def test_memory_that_a_graph_cannot_get_is_no_fault_of_the_client(tmp_path):
    nodes = [
        helper.make_node("Shape", ["input"], ["rows"]),
        helper.make_node("Mul", ["rows", "many"], ["size"]),
        helper.make_node("ConstantOfShape", ["size"], ["large"]),
        helper.make_node("ReduceSum", ["large"], ["predict"], keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "large",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [None])],
        [helper.make_tensor_value_info("predict", TensorProto.FLOAT, [])],
        [helper.make_tensor("many", TensorProto.INT64, [1], [1])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=10)
    bundle = pack(model, np.ones(1, dtype=np.float32), tmp_path / "small", name="model")
    assert load_runtime(bundle, threads=1).run({"input": np.ones(5)}, ["predict"])["predict"] == 0.0

    model.graph.initializer[0].CopyFrom(helper.make_tensor("many", TensorProto.INT64, [1], [2**50]))
    content = model.SerializeToString()
    (bundle.folder / "model.onnx").write_bytes(content)
    changed = opened_with(bundle.folder, sha256=sha256(content).hexdigest())
    with pytest.raises(MemoryError):
        load_runtime(changed, threads=1).run({"input": np.ones(5)}, ["predict"])
