"""The OpenAPI document and its page: this model's own, complete, and offline."""

from __future__ import annotations

import re
from urllib.parse import urljoin

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from refusals import assert_refused

SERVERS = ["iris", "passengers", "texts", "diabetes", "identity"]


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest):
    return request.getfixturevalue(request.param)


@pytest.fixture
def document(server) -> dict:
    return server.client.get("/openapi.json").json()


def posts(document: dict) -> dict[str, dict]:
    return {path: item["post"] for path, item in document["paths"].items() if "requestBody" in item.get("post", {})}


def test_the_document_is_valid_openapi(document):
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_every_example_fits_its_schema_and_is_answered_as_the_document_says(server, document):
    operations = posts(document)
    assert len(operations) == 4
    for path, operation in operations.items():
        asked = operation["requestBody"]["content"]["application/json"]
        answered = operation["responses"]["200"]["content"]["application/json"]
        jsonschema.Draft202012Validator(asked["schema"]).validate(asked["example"])
        response = server.client.post(path, json=asked["example"])
        assert response.status_code == 200, response.text
        jsonschema.Draft202012Validator(answered["schema"]).validate(response.json())
        jsonschema.Draft202012Validator(answered["schema"]).validate(answered["example"])
        assert shape(response.json()) == shape(answered["example"])


def shape(value):
    """Replace leaves by their types, since the last digits of numbers differ; a V2 tensor may be nested or flat."""
    if isinstance(value, dict):
        return {key: type(item).__name__ if key == "data" else shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value).__name__


def test_the_document_tells_the_features_and_classes_of_this_model(iris, passengers):
    row = posts(iris.client.get("/openapi.json").json())["/predict"]["requestBody"]["content"]["application/json"]
    columns, record = row["schema"]["properties"]["instances"]["items"]["anyOf"]
    assert [column["title"] for column in columns["prefixItems"]] == list(record["properties"])
    assert next(iter(record["properties"])) == "sepal length (cm)"
    record = posts(passengers.client.get("/openapi.json").json())["/predict"]["requestBody"]["content"]
    properties = record["application/json"]["schema"]["properties"]["instances"]["items"]["properties"]
    assert {name: schema["type"] for name, schema in properties.items()} == {
        "age": ["number", "null"],
        "fare": "number",
        "class": "integer",
        "port": "string",
        "cabin": ["string", "null"],
    }


def test_the_page_and_all_that_it_loads_come_from_this_server(iris):
    page = iris.client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "<title>iris: API</title>" in page.text
    links = re.findall(r"""(?:src|href)=["']([^"']+)""", page.text)
    links += re.findall(r"""url: ["']([^"']+)""", page.text)
    assert len(links) == 4
    for link in links:
        assert not link.startswith(("http:", "https:", "//"))
        asset = iris.client.get(urljoin("/docs", link))
        assert asset.status_code == 200
        assert asset.content
    assert "http://" not in page.text
    assert "https://" not in page.text


def test_the_style_of_the_page_loads_nothing_from_elsewhere(iris):
    style = iris.client.get("/docs/swagger-ui.css").text
    assert not [link for link in re.findall(r"url\(([^)]*)\)", style) if not link.strip("'\"").startswith("data:")]


def test_page_and_document_can_be_switched_off(serve, iris_bundle):
    server = serve(iris_bundle, docs=False).ready()
    for path in ("/docs", "/openapi.json", "/docs/swagger-ui.css"):
        assert_refused(server.client.get(path), 404)
    assert server.client.post("/predict", json={"instances": [[5.1, 3.5, 1.4, 0.2]]}).status_code == 200
