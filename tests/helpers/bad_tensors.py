"""What can be wrong with the tensors of a V2 request, and what is said of it."""

from __future__ import annotations

from refusals import MARKER

ROW = [5.1, 3.5, 1.4, 0.2]


def tensor(**changes: object) -> dict[str, object]:
    return {"name": "input", "datatype": "FP64", "shape": [1, 4], "data": ROW} | changes


V2_CASES = {
    "inputs-missing": ({}, "'inputs' is missing"),
    "inputs-empty": ({"inputs": []}, "'inputs' is missing, empty or no list"),
    "inputs-object": ({"inputs": tensor()}, "'inputs' is missing, empty or no list"),
    "input-string": ({"inputs": [MARKER]}, "inputs[0] is a string where an object belongs"),
    "name-missing": ({"inputs": [{"datatype": "FP64"}]}, "inputs[0] lacks the member 'name'"),
    "name-number": ({"inputs": [tensor(name=7)]}, "inputs[0]: the member 'name' is not a non-empty string"),
    "datatype-missing": ({"inputs": [{"name": "input"}]}, "inputs[0] lacks the member 'datatype', one of BOOL"),
    "datatype-unknown": ({"inputs": [tensor(datatype=MARKER)]}, "inputs[0]: the member 'datatype' is not one of BOOL"),
    "datatype-list": ({"inputs": [tensor(datatype=[MARKER])]}, "inputs[0]: the member 'datatype' is not one of BOOL"),
    "datatype-wrong": ({"inputs": [tensor(datatype="BYTES")]}, "the datatype BYTES was sent where FP64 belongs"),
    "datatype-bool": ({"inputs": [tensor(datatype="BOOL")]}, "the datatype BOOL was sent where FP64 belongs"),
    "shape-missing": ({"inputs": [{"name": "input", "datatype": "FP64"}]}, "inputs[0] lacks the member 'shape'"),
    "shape-string": ({"inputs": [tensor(shape=MARKER)]}, "inputs[0]: the member 'shape' is not a list of sizes"),
    "shape-zero": ({"inputs": [tensor(shape=[0, 4], data=[])]}, "a list of sizes of at least 1"),
    "shape-negative": ({"inputs": [tensor(shape=[-1, 4])]}, "a list of sizes of at least 1"),
    "shape-float": ({"inputs": [tensor(shape=[1.0, 4])]}, "a list of sizes of at least 1"),
    "shape-bool": ({"inputs": [tensor(shape=[True, 4])]}, "a list of sizes of at least 1"),
    "shape-huge": ({"inputs": [tensor(shape=[2**63, 4])]}, "a list of sizes of at least 1"),
    "shape-large": ({"inputs": [tensor(shape=[2**62, 4])]}, "has 4 values where its shape needs"),
    "shape-deep": ({"inputs": [tensor(shape=[1] * 40)]}, "a list of sizes of at least 1"),
    "shape-columns": ({"inputs": [tensor(shape=[4, 1])]}, "input 'input': its shape does not fit [-1, 4]"),
    "shape-rank": ({"inputs": [tensor(shape=[4])]}, "input 'input': its shape does not fit [-1, 4]"),
    "shape-rows": ({"inputs": [tensor(shape=[2, 4])]}, "has 4 values where its shape needs 8"),
    "data-missing": ({"inputs": [{k: v for k, v in tensor().items() if k != "data"}]}, "neither 'data' nor"),
    "data-null": ({"inputs": [tensor(data=None)]}, "is null where a list belongs"),
    "data-short": ({"inputs": [tensor(data=[1, 2])]}, "has 2 values where its shape needs 4"),
    "parameters-list": ({"inputs": [tensor(parameters=[MARKER])]}, "'parameters' is a list where an object belongs"),
    "request-parameters": ({"inputs": [tensor()], "parameters": MARKER}, "'parameters' is a string"),
    "flag-number": (
        {"inputs": [tensor()], "parameters": {"binary_data_output": 1}},
        "the parameter 'binary_data_output' is a number where a boolean belongs",
    ),
    "timeout-string": ({"inputs": [tensor()], "parameters": {"timeout": MARKER}}, "the parameter 'timeout' is not"),
    "timeout-negative": ({"inputs": [tensor()], "parameters": {"timeout": -1}}, "the parameter 'timeout' is not"),
    "id-number": ({"inputs": [tensor()], "id": 7}, "'id' is a number where a string belongs"),
    "outputs-empty": ({"inputs": [tensor()], "outputs": []}, "'outputs' is missing, empty or no list"),
    "outputs-string": ({"inputs": [tensor()], "outputs": [MARKER]}, "outputs[0] names no output of the model"),
    "outputs-unknown": (
        {"inputs": [tensor()], "outputs": [{"name": "predict"}, {"name": MARKER}]},
        "outputs[1] names no output of the model; it has predict, predict_proba, decision_function",
    ),
    "outputs-list": ({"inputs": [tensor()], "outputs": [{"name": [MARKER]}]}, "outputs[0] names no output"),
    "outputs-twice": ({"inputs": [tensor()], "outputs": [{"name": "predict"}] * 2}, "outputs[1] names an output for"),
    "outputs-flag": (
        {"inputs": [tensor()], "outputs": [{"name": "predict", "parameters": {"binary_data": MARKER}}]},
        "the parameter 'binary_data' is a string where a boolean belongs",
    ),
    "inputs-twice": ({"inputs": [tensor(), tensor()]}, "two inputs have the same name"),
    "input-unknown": (
        {"inputs": [tensor(name="sepal length (cm)"), tensor(name=MARKER)]},
        "inputs[1] has a name that the model does not know; it knows 'sepal length (cm)'",
    ),
    "input-missing": (
        {"inputs": [tensor(name="sepal length (cm)", shape=[1, 1], data=[5.1])]},
        "the input 'sepal width (cm)' is missing",
    ),
    "binary-size-alone": (
        {"inputs": [{"name": "x", "datatype": "FP64", "shape": [1, 4], "parameters": {"binary_data_size": 32}}]},
        "inputs[0]: 'binary_data_size' is larger than the 0 bytes that are left",
    ),
    "binary-and-data": ({"inputs": [tensor(parameters={"binary_data_size": 32})]}, "or there is 'data' besides"),
}
