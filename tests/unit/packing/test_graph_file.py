"""ONNX files that somebody else made."""

import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.linear_model import LogisticRegression

from service import pack
from service.bundle.signature import InputSpec
from service.errors import BundleError
from service.runtimes.load import load_runtime

ROWS = np.array([[0.0, 1.0], [1.0, 0.5], [2.0, 0.0], [3.0, 1.5]], dtype=np.float32)


def graph(nodes, inputs, outputs):
    return helper.make_model(
        helper.make_graph(
            nodes,
            "graph",
            [helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in inputs],
            [helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in outputs],
        ),
        opset_imports=[helper.make_opsetid("", 13)],
        ir_version=10,
    )


def single(operator, kind=TensorProto.FLOAT, shape=(None, 2), out=(None, 2), **attributes):
    node = helper.make_node(operator, ["X"], ["Y"], **attributes)
    return graph([node], [("X", kind, shape)], [("Y", attributes.get("to", kind), out)])


def classifier(**options):
    return to_onnx(LogisticRegression().fit(ROWS, [0, 0, 1, 1]), ROWS[:1], **options)


def test_the_signature_is_the_graphs_own(tmp_path):
    manifest = pack(classifier(options={"zipmap": False}), ROWS, tmp_path / "bundle", name="model").manifest
    assert manifest.inputs == (InputSpec("X", "FP32", (-1, 2), ("x0", "x1")),)
    assert [(spec.name, spec.datatype, spec.shape) for spec in manifest.outputs] == [
        ("label", "INT64", (-1,)),
        ("probabilities", "FP32", (-1, 2)),
    ]
    assert manifest.conversion is None
    assert manifest.example.outputs["label"] == [0, 0]


def test_a_file_keeps_its_bytes(tmp_path):
    content = single("Neg").SerializeToString()
    (tmp_path / "model.onnx").write_bytes(content)
    bundle = pack(tmp_path / "model.onnx", ROWS, tmp_path / "bundle", name="model")
    assert bundle.read_model() == content


def test_a_graph_that_keeps_its_numbers_in_another_file_is_refused_with_the_way_out(tmp_path):
    model = graph(
        [helper.make_node("MatMul", ["X", "W"], ["Y"])],
        [("X", TensorProto.FLOAT, (None, 2))],
        [("Y", TensorProto.FLOAT, (None, 1))],
    )
    model.graph.initializer.append(numpy_helper.from_array(np.ones((2, 1), np.float32), "W"))
    file = tmp_path / "torch.onnx"
    onnx.save(model, file, save_as_external_data=True, location="torch.onnx.data", size_threshold=0)
    with pytest.raises(BundleError, match=r"in other files \(torch\.onnx\.data\).* write it whole, with onnx\.save"):
        pack(file, ROWS, tmp_path / "bundle", name="model")
    assert pack(onnx.load(file), ROWS, tmp_path / "bundle", name="model").manifest.format == "onnx"


def test_columns_give_the_features_their_names(tmp_path):
    frame = pd.DataFrame(ROWS, columns=["height", "width"])
    assert pack(single("Neg"), frame, tmp_path / "bundle", name="model").manifest.inputs[0].features == (
        "height",
        "width",
    )


@pytest.mark.parametrize(("rank", "shape"), [(2, (None, 1)), (1, (None,))])
def test_an_input_for_each_column_is_fed_by_name(tmp_path, rank, shape):
    model = graph(
        [helper.make_node("Identity", ["name"], ["who"]), helper.make_node("Neg", ["size"], ["less"])],
        [("size", TensorProto.DOUBLE, shape), ("name", TensorProto.STRING, shape)],
        [("who", TensorProto.STRING, shape), ("less", TensorProto.DOUBLE, shape)],
    )
    rows = pd.DataFrame({"extra": [1, 2], "name": ["a", "b"], "size": [0.5, np.nan]})
    bundle = pack(model, rows, tmp_path / "bundle", name="model")
    assert [
        (spec.name, spec.datatype, len(spec.shape), spec.features, spec.nullable) for spec in bundle.manifest.inputs
    ] == [
        ("size", "FP64", rank, (), ("size",)),
        ("name", "BYTES", rank, (), ()),
    ]


def test_missing_values_make_a_feature_nullable(tmp_path):
    rows = ROWS.copy()
    rows[1, 1] = np.nan
    assert pack(single("Neg"), rows, tmp_path / "bundle", name="model").manifest.inputs[0].nullable == ("x1",)


def test_arrays_may_be_given_by_the_names_of_the_inputs(tmp_path):
    images = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    model = single("Neg", shape=(None, 3, 4), out=(None, 3, 4))
    bundle = pack(model, {"X": images}, tmp_path / "bundle", name="model")
    assert bundle.manifest.inputs[0].shape == (-1, 3, 4)
    answers = load_runtime(bundle, threads=1).run({"X": images}, ["Y"])
    np.testing.assert_array_equal(answers["Y"], -images)


def test_a_table_fills_an_input_of_more_dimensions_row_by_row(tmp_path):
    flat = pd.DataFrame(np.arange(24, dtype=np.float32).reshape(2, 12))
    bundle = pack(single("Neg", shape=(None, 3, 4), out=(None, 3, 4)), flat, tmp_path / "bundle", name="model")
    assert bundle.manifest.example.inputs["X"][0][2] == [8.0, 9.0, 10.0, 11.0]


def test_a_graph_that_takes_no_batches_keeps_its_number_of_rows(tmp_path):
    bundle = pack(single("Neg", shape=(3, 2), out=(3, 2)), ROWS, tmp_path / "bundle", name="model")
    assert bundle.manifest.inputs[0].shape == (3, 2)
    assert len(bundle.manifest.example.inputs["X"]) == 3


@pytest.mark.parametrize(
    ("model", "rows", "message"),
    [
        (classifier(), ROWS, "output_probability of the model is no tensor but a sequence: convert .* zipmap=False"),
        (single("Cast", to=TensorProto.BFLOAT16), ROWS, "Y of the model has a type of numbers that no client can send"),
        (single("Neg"), ROWS[:, :1], r"do not fit the input X of the model: it takes FP32 of the shape \[-1, 2\]"),
        (single("Neg"), [["a", "b"]], "do not fit the input X"),
        (single("Neg"), {"Z": ROWS}, "There are no rows for X: the model takes X"),
        (
            single("ReduceMean", out=(None, 2), axes=[0]),
            ROWS,
            "a row is answered differently alone than among others: Y differs",
        ),
        (single("Reshape"), ROWS, "is no ONNX model: "),
        (
            single("Neg", shape=(2, 2), out=(2, 2)),
            [[np.inf, 1.0], [1.0, 1.0]],
            "give at least one row of finite numbers",
        ),
    ],
)
def test_what_cannot_be_packed_is_one_sentence_and_leaves_nothing(tmp_path, model, rows, message):
    with pytest.raises(BundleError, match=message):
        pack(model, rows, tmp_path / "bundle", name="model")
    assert list(tmp_path.iterdir()) == []


def test_every_input_needs_rows(tmp_path):
    model = graph(
        [helper.make_node("Add", ["a", "b"], ["c"])],
        [(name, TensorProto.FLOAT, (None, 1)) for name in "ab"],
        [("c", TensorProto.FLOAT, (None, 1))],
    )
    for rows in (pd.DataFrame({"a": [1.0]}), np.ones((1, 1))):
        with pytest.raises(BundleError, match="There are no rows for b: the model takes a, b"):
            pack(model, rows, tmp_path / "bundle", name="model")


def test_a_graph_is_no_estimator(tmp_path):
    with pytest.raises(BundleError, match="is an ONNX model: it cannot be packed as scikit-learn"):
        pack(single("Neg"), ROWS, tmp_path / "bundle", name="model", format="sklearn")


def test_a_file_that_is_no_graph_is_refused(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"nothing")
    with pytest.raises(BundleError, match=r"model\.onnx is no ONNX model: "):
        pack(tmp_path / "model.onnx", ROWS, tmp_path / "bundle", name="model")
