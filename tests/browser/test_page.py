"""The model's page as people use it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys

import pytest
from axe_playwright_python.sync_playwright import Axe
from odd import ODD_CLASSES, ODD_LABELS, pack_wide

SIZES = {"desktop": {"width": 1100, "height": 800}, "phone": {"width": 390, "height": 844}}


def test_the_example_is_filled_in_and_answered_with_its_probabilities(iris, open_window):
    window = open_window(iris.url)
    assert window.page.get_by_label("sepal length (cm)").input_value() == "5.1"
    answer = window.predict()
    assert answer.startswith("setosa\n")
    assert window.page.locator(".bars li").all_inner_texts()[0].split("\n") == ["setosa", "98.5 %"]
    full, nothing = (bar.bounding_box()["width"] for bar in window.page.locator(".fill").all()[::2])
    assert full > 20 * nothing


def test_other_values_get_another_answer_and_the_example_comes_back(iris, open_window):
    window = open_window(iris.url)
    for name, value in {"petal length (cm)": "5.9", "petal width (cm)": "2.3"}.items():
        window.page.get_by_label(name).fill(value)
    assert window.predict().startswith("virginica\n")
    window.page.get_by_role("button", name="Example again").click()
    assert window.page.get_by_label("petal width (cm)").input_value() == "0.2"
    assert window.predict().startswith("setosa\n")


WRONG_NUMBERS = {
    "": "A number belongs here.",
    "  ": "A number belongs here.",
    "1,5": "A comma is not understood: write 1.5 with a point, and 1500 without a separator.",
    "1,500.0": "A comma is not understood: write 1.5 with a point, and 1500 without a separator.",
    "1 500": "Write the number without spaces, such as 1500.",
    "1.2.3": "This is no number: write one such as 1500, -0.5 or 1e-3.",
    "NaN": "This is no number: write one such as 1500, -0.5 or 1e-3.",
    "0x10": "This is no number: write one such as 1500, -0.5 or 1e-3.",
    "1e999": "This number is too large.",
}


@pytest.mark.parametrize("wrong", WRONG_NUMBERS)
def test_a_wrong_number_is_told_at_its_field_and_nothing_is_asked(iris, open_window, wrong):
    page = open_window(iris.url).page
    field = page.get_by_label("sepal width (cm)")
    field.fill("")
    field.press_sequentially(wrong)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="Predict").click()
    assert page.evaluate("document.activeElement.id") == "field-1"
    assert field.get_attribute("aria-invalid") == "true"
    assert page.locator("#field-1-problem").inner_text() == WRONG_NUMBERS[wrong]
    assert asked == []
    field.fill("3.5")
    assert field.get_attribute("aria-invalid") is None
    assert page.locator("#field-1-problem").is_hidden()


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("-0.5", "-0.5"),
        ("1e-3", "1e-3"),
        ("+.5", "0.5"),
        ("007", "7"),
        ("2.", "2"),
        ("-2.e1", "-2e1"),
        ("  3.25 ", "3.25"),
        ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
    ],
)
def test_a_number_is_sent_as_it_was_typed(iris, open_window, typed, sent):
    window = open_window(iris.url)
    window.page.get_by_label("sepal width (cm)").fill(typed)
    with window.page.expect_request(re.compile("/predict")) as request:
        window.predict()
    assert request.value.post_data == f'{{"instances":[[5.1,{sent},1.4,0.2]]}}'


@pytest.mark.parametrize(
    ("name", "typed", "problem"),
    [
        ("in_uint8", "-1", "The smallest number here is 0."),
        ("in_uint8", "256", "The largest number here is 255."),
        ("in_int64", "9223372036854775808", "The largest number here is 9223372036854775807."),
        ("in_int16", "1.5", "A whole number belongs here."),
        ("in_int64", "1e300", "A whole number belongs here."),
    ],
)
def test_an_integer_is_bounded_by_its_datatype(identity, open_window, name, typed, problem):
    window = open_window(identity.url)
    window.page.get_by_label(name, exact=True).fill(typed)
    window.page.get_by_role("button", name="Predict").click()
    assert window.page.locator(".field .problem:visible").all_inner_texts() == [problem]


@pytest.mark.parametrize("typed", ["", " "], ids=["empty", "space"])
def test_an_empty_field_is_a_missing_value_where_one_may_be(passengers, open_window, typed):
    window = open_window(passengers.url)
    window.page.get_by_label("age").fill(typed)
    assert '"age":null' in window.page.locator("#text").inner_text()
    assert "Answered in" in window.predict()


def test_there_is_no_request_to_copy_while_a_field_is_wrong(iris, open_window):
    page = open_window(iris.url).page
    page.get_by_label("sepal width (cm)").fill("3,5")
    assert page.locator("#text").is_hidden()
    assert page.locator("#unwritten").inner_text() == "There is none: sepal width (cm) needs another value."
    assert page.get_by_role("button", name="Copy").is_disabled()
    page.get_by_label("sepal width (cm)").fill("3.25")
    assert page.locator("#unwritten").is_hidden()
    assert "[[5.1,3.25,1.4,0.2]]" in page.locator("#text").inner_text()
    assert page.get_by_role("button", name="Copy").is_enabled()


def test_what_only_the_server_knows_to_be_wrong_is_told_in_its_words(identity, open_window):
    window = open_window(identity.url)
    window.page.get_by_label("in_fp16").fill("70000")
    assert window.predict().startswith("Input 'in_fp16', row 0")


def test_every_datatype_is_sent_as_it_was_typed_with_every_digit(identity, open_window):
    window = open_window(identity.url)
    values = {"in_int64": "9223372036854775807", "in_uint64": "18446744073709551615", "in_fp64": "-1e-300"}
    for name, value in values.items():
        window.page.get_by_label(name).fill(value)
    window.page.get_by_label("in_bool").select_option("false")
    window.page.get_by_label("in_bytes").fill("</p> Zürich")
    assert window.predict().startswith("false\n")
    titles, said = window.page.locator("#result h3"), window.page.locator("#result h3 + p")
    answers = dict(zip(titles.all_inner_texts(), said.all_inner_texts(), strict=True))
    assert {name: answers[name] for name in ("out_int64", "out_uint64", "out_fp64", "out_bytes")} == {
        "out_int64": "9223372036854775807",
        "out_uint64": "18446744073709551615",
        "out_fp64": "-1e-300",
        "out_bytes": "</p> Zürich",
    }


def test_a_text_is_asked_as_it_is(texts, open_window):
    window = open_window(texts.url)
    window.page.locator("textarea").fill('it\'s a "good", fine day\nand <b>good</b> \\ again')
    assert window.predict().startswith("1\n")
    window.page.locator("textarea").fill("bad and worse")
    assert window.predict().startswith("0\n")


@pytest.mark.parametrize("way", ["curl", "Python", "V1", "V2"])
def test_the_request_to_copy_gets_the_answer_of_the_form(texts, open_window, way):
    window = open_window(texts.url)
    window.page.locator("textarea").fill('it\'s a "good", fine day\nand true, null \\ \N{GRINNING FACE} $HOME `ls`')
    window.page.get_by_label(way).check()
    told = window.page.locator("#text").inner_text()
    command = [sys.executable, "-c", told] if way == "Python" else ["bash", "-c", f"{told} -sS"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer = eval(done.stdout, {"null": None}) if way == "Python" else json.loads(done.stdout)  # noqa: S307  # our own print
    if way == "V2":
        assert answer["outputs"][0]["data"] == [1]
    else:
        assert answer["predictions"] == [1]


def test_the_request_is_copied(iris, open_window):
    window = open_window(iris.url, permissions=["clipboard-read", "clipboard-write"])
    window.page.get_by_label("sepal length (cm)").fill("6.25")
    window.page.get_by_role("button", name="Copy").click()
    window.page.get_by_text("Copied.").wait_for()
    copied = window.page.evaluate("navigator.clipboard.readText()")
    assert shlex.split(copied)[-1] == '{"instances":[[6.25,3.5,1.4,0.2]]}'


def test_the_keyboard_alone_is_enough(iris, open_window):
    window = open_window(iris.url)
    keyboard = window.page.keyboard
    for key in ("Tab", "Enter", "Tab"):
        keyboard.press(key)
    assert window.page.evaluate("document.activeElement.id") == "field-0"
    keyboard.type("7")
    with window.page.expect_response(re.compile("/predict")):
        keyboard.press("Enter")
    window.page.wait_for_selector("#result[aria-busy=false]")
    window.page.get_by_label("curl").focus()
    keyboard.press("ArrowRight")
    assert window.page.locator("#text").inner_text().startswith("import json")


def test_sixty_four_features_are_sixty_four_fields_and_fit_on_a_phone(wide, open_window):
    window = open_window(wide.url, viewport=SIZES["phone"])
    assert window.page.locator("[data-kind=number]").count() == 64
    assert re.fullmatch(r"-?[\d.e-]+\s+Answered in \d+ ms\.", window.predict())
    assert fits(window)


def test_five_thousand_features_are_rows_in_json(serve, tmp_path, open_window):
    window = open_window(serve(pack_wide(tmp_path / "wide", 5000)).ready().url)
    area = window.page.get_by_label("Rows in JSON")
    first, second = list(range(5000)), list(range(5000, 10000))
    area.fill(json.dumps([first, second]))
    window.predict()
    assert window.page.locator("#result .lines li").count() == 2
    area.fill("[[1, 2")
    window.page.get_by_role("button", name="Predict").click()
    assert window.page.locator("#rows-problem").inner_text().startswith("This is no JSON: ")
    area.fill("[[1, 2]]")
    assert "5000" in window.predict()
    assert fits(window)


def test_odd_names_are_shown_and_harm_nothing(odd, open_window):
    window = open_window(odd.url, viewport=SIZES["phone"])
    assert window.page.locator("label bdi").all_inner_texts() == ODD_LABELS
    assert window.predict().split("\n")[0] == ODD_CLASSES[0]
    assert fits(window)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["iris", "identity"])
def test_names_roles_and_contrast_are_right_in_light_and_dark(request, open_window, name, scheme):
    window = open_window(request.getfixturevalue(name).url, color_scheme=scheme)
    window.predict()
    found = Axe().run(window.page)
    assert found.violations_count == 0, found.generate_report()
    red, *_ = map(int, re.findall(r"\d+", window.page.evaluate("getComputedStyle(document.body).backgroundColor")))
    assert (red < 64) == (scheme == "dark")


@pytest.mark.parametrize("address", ["/models/iris", "/models/iris/"])
def test_the_page_works_behind_a_prefix_that_it_knows(serve, iris_bundle, open_window, address):
    server = serve(iris_bundle, root_path="/models/iris").ready()
    window = open_window(f"{server.url}{address}")
    assert window.predict().startswith("setosa\n")
    assert all(asked.startswith(f"{server.url}/models/iris") for asked in window.asked)
    assert f"{server.url}/models/iris/predict" in window.page.locator("#text").inner_text()


def test_the_page_works_behind_a_prefix_that_it_does_not_know(iris, open_window):
    window = open_window("about:blank")
    window.page.route(
        f"{iris.url}/anywhere/**",
        lambda route: route.fulfill(response=route.fetch(url=route.request.url.replace("/anywhere", ""))),
    )
    window.asked.clear()
    window.page.goto(f"{iris.url}/anywhere/")
    assert window.predict().startswith("setosa\n")
    assert all(asked.startswith(f"{iris.url}/anywhere/") for asked in window.asked)


def test_a_page_that_came_too_early_finds_the_model_by_itself(serve_controlled, gates, open_window):
    gate = gates("loading")
    server = serve_controlled().listen()
    gate.wait_until_reached()
    window = open_window(server.url)
    assert window.page.get_by_role("heading").inner_text() == "The model is still loading"
    gate.open()
    window.page.get_by_role("button", name="Predict").wait_for()


def test_a_service_that_is_gone_is_said_to_be(serve, iris_bundle, open_window):
    server = serve(iris_bundle).ready()
    window = open_window(server.url)
    server.stop()
    window.page.get_by_role("button", name="Predict").click()
    window.page.get_by_text("The service did not answer.").wait_for()
    window.complaints.clear()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_its_window_and_has_its_picture_taken(iris, open_window, pictures, size, scheme):
    window = open_window(iris.url, viewport=SIZES[size], color_scheme=scheme)
    window.predict()
    assert fits(window)
    window.page.screenshot(path=pictures / f"page-{size}-{scheme}.png", full_page=size == "desktop")


def fits(window) -> bool:
    """Tell whether nothing has to be scrolled to the side."""
    return window.page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
