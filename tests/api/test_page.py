"""The model's own page: for browsers, of this model, and nothing that a name holds becomes markup."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from urllib.parse import urljoin

import pytest
from odd import ODD_CLASSES, ODD_LABELS, ODD_NAMES, pack_odd, pack_wide
from refusals import assert_refused

from service.page.routes import ASSETS, POLICY

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


class Page(HTMLParser):
    """The elements of a page, with their attributes and texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data) -> None:
        self.texts.append(data)

    def of(self, *tags) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag in tags]


def page_of(server) -> Page:
    response = server.client.get("/", headers=BROWSER)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return Page(response.text)


@pytest.mark.parametrize(
    ("accept", "is_page"),
    [
        (BROWSER["accept"], True),
        ("text/html", True),
        ("TEXT/HTML; q=0.5", True),
        ("application/json;q=0.8, text/html", True),
        ("*/*", False),
        ("", False),
        ("application/json, text/plain, */*", False),
        ("text/html;q=0", False),
        ("text/html;q=much", False),
        ("application/json, text/html;q=0.9", False),
    ],
)
def test_browsers_get_the_page_and_programs_get_alive(iris, accept, is_page):
    response = iris.client.get("/", headers={"accept": accept})
    assert response.status_code == 200
    assert response.headers["vary"] == "Accept"
    if is_page:
        assert response.headers["content-type"].startswith("text/html")
    else:
        assert response.json() == {"status": "alive"}


def test_the_page_tells_what_the_model_is(iris):
    page = page_of(iris)
    ready = iris.client.get("/readyz").json()["model"]
    told = "".join(page.texts)
    for fact in ("iris", "version 3", "onnx", ready["sha256"], "setosa", "versicolor", "virginica", "FP64"):
        assert fact in told


def test_every_field_is_labelled_filled_with_the_example_and_as_the_signature_says(passengers):
    page = page_of(passengers)
    controls = {control["id"]: control for control in page.of("input", "select", "textarea") if "data-kind" in control}
    labels = [label["for"] for label in page.of("label") if "for" in label]
    assert list(controls) == labels == [f"field-{position}" for position in range(5)]
    age, fare, class_, port, cabin = controls.values()
    assert (age["type"], age["value"]) == ("text", "22.0")
    # The number pads of some phones have no minus.
    assert "inputmode" not in age
    assert "data-nullable" in age
    assert "required" not in age
    assert "required" in fare
    assert "data-nullable" not in fare
    assert (class_["type"], class_["value"]) == ("text", "3")
    assert (port["type"], port["value"]) == ("text", "S")
    assert "data-nullable" in cabin
    assert "data-nullable" not in port


def test_integers_are_bounded_by_their_datatype(identity):
    page = page_of(identity)
    names = json.loads(page.of("body")[0]["data-model"])["features"]
    controls = [control for control in page.of("input", "select", "textarea") if "data-kind" in control]
    fields = dict(zip(names, controls, strict=True))
    bounds = {name: (field.get("data-minimum"), field.get("data-maximum")) for name, field in fields.items()}
    assert bounds["in_int8"] == ("-128", "127")
    assert bounds["in_uint64"] == ("0", "18446744073709551615")
    assert bounds["in_fp64"] == (None, None)
    assert fields["in_bool"]["data-kind"] == "boolean"


def test_a_number_of_32_bits_is_written_as_people_write_it(identity):
    long = "0.10000000149011612"
    assert "0.1" in {field.get("value") for field in page_of(identity).of("input")}
    assert long not in identity.client.get("/", headers=BROWSER).text
    paths = identity.client.get("/openapi.json").json()["paths"].values()
    asked = [path["post"]["requestBody"] for path in paths if "requestBody" in path.get("post", {})]
    assert "0.1" in str(asked)
    assert long not in str(asked)


def test_a_long_name_of_an_output_breaks_behind_its_underscores(iris):
    assert "<bdi>predict_<wbr>proba</bdi>" in iris.client.get("/", headers=BROWSER).text


def test_a_text_has_room(texts):
    (area,) = page_of(texts).of("textarea")
    assert (area["id"], area["data-kind"]) == ("field-0", "text")


def test_the_policy_allows_nothing_but_files_of_this_server_and_the_page_needs_no_more(iris):
    response = iris.client.get("/", headers=BROWSER)
    assert response.headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    page = Page(response.text)
    assert not [attributes for _, attributes in page.elements if "style" in attributes or "onclick" in attributes]
    assert not page.of("style")
    assert all("src" in script for script in page.of("script"))


def test_all_that_the_page_consists_of_comes_from_this_server(iris):
    page = page_of(iris)
    links = [attributes.get("src") or attributes.get("href") for attributes in page.of("script", "link", "a")]
    for link in links:
        assert not re.match("[a-z]+:|/", link), "links are relative: a proxy may strip any prefix"
        if not link.startswith("#"):
            assert iris.client.get(urljoin("/", link)).status_code == 200
    for name, content_type in ASSETS.items():
        response = iris.client.get(f"/page/{name}")
        assert response.headers["content-type"].startswith(content_type)
        assert response.headers["cache-control"] == "no-cache"
        # The name of a vocabulary is no address that anybody asks.
        assert "//" not in re.sub(r"(?m)^\s*//.*$|http://www.w3.org/2000/svg", "", response.text)
    assert_refused(iris.client.get("/page/page.html"), 404)


def test_every_file_of_the_page_is_served_or_is_a_template():
    there = {file.name for file in files("service.page").joinpath("assets").iterdir()}
    assert there == ASSETS.keys() | {"base.html", "page.html", "waiting.html"}


@pytest.fixture(scope="module")
def odd(serve_for_all, bundles):
    """A model with names that would break out of badly written markup, and classes like them."""
    return serve_for_all(pack_odd(bundles / "odd")).ready()


def test_odd_names_are_shown_as_they_are_and_are_no_markup(odd):
    page = page_of(odd)
    assert len(page.of("script")) == 1
    assert not page.of("b")
    assert set(ODD_LABELS) <= set(page.texts)
    assert set(ODD_CLASSES) <= set(page.texts)
    assert json.loads(page.of("body")[0]["data-model"])["features"] == ODD_NAMES


@pytest.mark.parametrize(("count", "fields"), [(64, 64), (5000, 0)], ids=["64", "5000"])
def test_many_features_are_fields_and_very_many_are_rows_in_json(serve, tmp_path, count, fields):
    page = page_of(serve(pack_wide(tmp_path / "wide", count)).ready())
    assert len([control for control in page.of("input") if "data-kind" in control]) == fields
    areas = page.of("textarea")
    assert len(areas) == (0 if fields else 1)
    if areas:
        (written,) = [text for text in page.texts if text.startswith("\n[[")]
        assert json.loads(written) == [list(range(count))]


def test_behind_a_prefix_every_link_has_it(serve, iris_bundle):
    prefix = "/a \"b'<c>/ü"
    server = serve(iris_bundle, root_path=prefix).ready()
    for path in ("/", prefix, f"{prefix}/"):
        page = Page(server.client.get(path, headers=BROWSER).text)
        (style,) = [link["href"] for link in page.of("link") if link["rel"] == "stylesheet"]
        assert style.startswith("/")
        assert server.client.get(style).headers["content-type"].startswith("text/css")
        assert not page.of("c")


def test_a_model_that_is_still_loading_is_said_to_be_and_looked_for_again(serve_controlled, gates):
    gate = gates("loading")
    server = serve_controlled().listen()
    gate.wait_until_reached()
    response = server.client.get("/", headers=BROWSER)
    assert response.status_code == 503
    assert response.headers["retry-after"] == "2"
    assert response.headers["content-security-policy"] == POLICY
    page = Page(response.text)
    assert {"http-equiv": "refresh", "content": "2"} in page.of("meta")
    assert "The model is still loading" in page.texts
    assert server.client.get("/").json() == {"status": "alive"}
    gate.open()
    server.ready()
    assert page_of(server).of("form")


def test_the_page_can_be_switched_off(serve, iris_bundle):
    server = serve(iris_bundle, docs=False).ready()
    assert server.client.get("/", headers=BROWSER).json() == {"status": "alive"}
    assert_refused(server.client.get("/page/page.js"), 404)
