"""``/predict`` and V1: rows in, predictions out."""

from __future__ import annotations

import pytest

PATHS = ["/predict", "/v1/models/iris:predict"]
SETOSA = [5.1, 3.5, 1.4, 0.2]
VIRGINICA = [6.7, 3.0, 5.2, 2.3]
FEATURES = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]

ADULT = {"age": 30.0, "fare": 60.0, "class": 1, "port": "C", "cabin": "C"}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("member", ["instances", "inputs"])
def test_rows_as_lists_are_answered_in_their_order(iris, path, member):
    response = iris.client.post(path, json={member: [SETOSA, VIRGINICA]})
    assert response.json() == {"predictions": ["setosa", "virginica"]}


@pytest.mark.parametrize("path", PATHS)
def test_records_may_have_their_features_in_any_order(iris, path):
    record = dict(reversed(list(zip(FEATURES, VIRGINICA, strict=True))))
    assert iris.client.post(path, json={"instances": [record]}).json() == {"predictions": ["virginica"]}


def test_integers_are_numbers_too(iris):
    assert iris.client.post("/predict", json={"instances": [[7, 3, 5, 2]]}).json() == {"predictions": ["virginica"]}


def test_other_outputs_are_given_on_request_beside_the_predictions(iris):
    answer = iris.client.post("/predict?outputs=predict_proba,decision_function", json={"instances": [SETOSA]}).json()
    assert answer["predictions"] == ["setosa"]
    assert answer["outputs"].keys() == {"predict_proba", "decision_function"}
    assert sum(answer["outputs"]["predict_proba"][0]) == pytest.approx(1)


@pytest.mark.parametrize("query", ["outputs=predict", "outputs=predict,predict", "outputs=predict&outputs=predict"])
def test_the_first_output_may_be_asked_for_by_name(iris, query):
    answer = iris.client.post(f"/predict?{query}", json={"instances": [SETOSA]}).json()
    assert answer == {"predictions": ["setosa"], "outputs": {"predict": ["setosa"]}}


@pytest.mark.parametrize("query", ["outputs=", "outputs=,"])
def test_asking_for_no_output_is_asking_for_none(iris, query):
    assert iris.client.post(f"/predict?{query}", json={"instances": [SETOSA]}).json() == {"predictions": ["setosa"]}


def test_columns_of_several_kinds_come_as_records(passengers):
    response = passengers.client.post("/predict", json={"instances": [ADULT, {**ADULT, "class": 3, "port": "S"}]})
    assert response.json() == {"predictions": [1, 1]}


def test_columns_of_several_kinds_come_as_lists_in_the_order_of_the_features(passengers):
    record = passengers.client.post("/predict?outputs=predict_proba", json={"instances": [ADULT]}).json()
    rows = passengers.client.post("/predict?outputs=predict_proba", json={"instances": [list(ADULT.values())]}).json()
    assert rows == record


@pytest.mark.parametrize("feature", ["age", "cabin"])
def test_a_value_may_be_missing_where_one_was_missing_when_the_model_was_packed(passengers, feature):
    complete = passengers.client.post("/predict?outputs=predict_proba", json={"instances": [ADULT]}).json()
    missing = passengers.client.post(
        "/predict?outputs=predict_proba", json={"instances": [{**ADULT, feature: None}]}
    ).json()
    assert missing["outputs"]["predict_proba"] != complete["outputs"]["predict_proba"]


@pytest.mark.parametrize("feature", ["fare", "class", "port"])
def test_a_value_may_be_missing_nowhere_else(passengers, feature):
    response = passengers.client.post("/predict", json={"instances": [ADULT, {**ADULT, feature: None}]})
    assert response.status_code == 400
    assert response.json()["detail"].startswith(f"input '{feature}', row 1 is null")


@pytest.mark.parametrize(
    ("feature", "value", "problem"),
    [
        ("class", 1.5, "input 'class', row 1 is not an integer"),
        ("class", 2**63, "input 'class', row 1 is out of the range of INT64"),
        ("class", "1", "input 'class', row 1 is a string where a number belongs"),
        ("port", 7, "input 'port', row 1 is a number where a string belongs"),
        ("age", True, "input 'age', row 1 is a boolean where a number belongs"),
    ],
)
def test_a_wrong_value_in_a_column_is_located(passengers, feature, value, problem):
    response = passengers.client.post("/predict", json={"instances": [ADULT, {**ADULT, feature: value}]})
    assert response.status_code == 400
    assert response.json()["detail"] == problem


def test_a_row_that_is_too_short_is_told_the_features(passengers):
    response = passengers.client.post("/predict", json={"instances": [list(ADULT.values()), [1, 2]]})
    assert response.status_code == 400
    assert response.json()["detail"] == ("row 1 has 2 values where 5 belong: 'age', 'fare', 'class', 'port', 'cabin'")


@pytest.mark.parametrize(
    "instances",
    [["good day", "bad"], [["good day"], ["bad"]], [{"text": "good day"}, {"text": "bad"}]],
    ids=["bare", "lists", "records"],
)
def test_texts_come_bare_as_lists_or_as_records(texts, instances):
    assert texts.client.post("/predict", json={"instances": instances}).json() == {"predictions": [1, 0]}


@pytest.mark.parametrize(
    ("instances", "problem"),
    [
        (["good", 7], "input 'text', row 1 is a number where a string belongs"),
        (["good", None], "input 'text', row 1 is null where a string belongs"),
        ([["good", "bad"]], "input 'text', row 0 has 2 values where 1 belong"),
        (["good", ["bad"]], "input 'text', row 1 is a list where a string belongs"),
        ([{"text": "good"}, {"word": "bad"}], "row 1 lacks the feature 'text'"),
    ],
)
def test_a_wrong_text_is_located(texts, instances, problem):
    response = texts.client.post("/predict", json={"instances": instances})
    assert response.status_code == 400
    assert response.json()["detail"] == problem


def test_a_regressor_of_two_targets_gives_two_numbers_a_row(diabetes):
    example = diabetes.client.get("/model").json()["manifest"]["example"]
    answer = diabetes.client.post("/predict", json={"instances": example["inputs"]["input"]}).json()
    assert answer["predictions"] == [pytest.approx(row) for row in example["outputs"]["predict"]]
