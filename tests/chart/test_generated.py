"""values.yaml, the schema, the README and the templates tell the same story."""

import re

import pytest

from tools.chartdocs.__main__ import generate, main
from tools.chartdocs.comments import CommentError, read
from tools.chartdocs.schema import build
from tools.chartdocs.table import insert


@pytest.fixture(scope="module")
def values(chart):
    return read((chart / "values.yaml").read_text())


def test_the_generated_files_are_up_to_date(chart):
    for path, text in generate(chart).items():
        assert path.read_text() == text, f"{path.name} differs from values.yaml: run `make chart-docs`."


def test_every_value_is_used_in_a_template(chart, values):
    text = "".join(path.read_text() for path in (chart / "templates").rglob("*") if path.is_file())
    words = set(re.findall(r"\w+", text))
    unused = [leaf.name for value in values.values for leaf in value.leaves() if not used(leaf.path, words)]
    assert unused == []


def used(path: tuple[str, ...], words: set[str]) -> bool:
    """Settings of the service are printed by a loop; every other value is named where it is used."""
    return path[0] in words if path[0] == "config" else words.issuperset(path)


def test_every_value_the_templates_use_exists(chart, values):
    text = "".join(path.read_text() for path in (chart / "templates").rglob("*") if path.is_file())
    named = set(re.findall(r"\.Values\)?\.(\w+)", text))
    assert named <= {value.path[0] for value in values.values}


def test_the_files_keep_to_their_size(chart):
    assert len((chart / "values.yaml").read_text().splitlines()) < 475
    long = [path.name for path in (chart / "templates").rglob("*.*") if len(path.read_text().splitlines()) > 150]
    assert long == []


SMALL = """\
# @schema.root
#   $defs: {word: {type: string}}

## First
# About the first.
group:
  # -- A number
  # over two lines. @schema {minimum: 1}
  number: 1
  # -- A | word.
  # @schema
  #   $ref: "#/$defs/word"
  word: ""
## Second
# -- A probe.
# @schema {$k8s: io.k8s.api.core.v1.ExecAction}
probe: {}
"""


def test_comments_become_a_strict_schema():
    schema = build(read(SMALL))
    number = {"description": "A number over two lines.", "default": 1, "type": "integer", "minimum": 1}
    word = {"description": "A | word.", "default": "", "$ref": "#/$defs/word"}
    group = {"type": "object", "properties": {"number": number, "word": word}, "additionalProperties": False}
    probe = {"description": "A probe.", "default": {}, "$ref": "#/$defs/io.k8s.api.core.v1.ExecAction"}
    assert schema["properties"] == {"group": group, "probe": probe}
    assert schema["additionalProperties"] is False
    assert set(schema["$defs"]) == {"word", "io.k8s.api.core.v1.ExecAction"}


def test_comments_become_a_table_for_each_section():
    begin, end = "<!-- values: written by `make chart-docs` from values.yaml -->", "<!-- /values -->"
    text = insert(f"# Chart\n{begin}\nold\n{end}\nthe end\n", read(SMALL))
    assert text == (
        f"# Chart\n{begin}\n\n"
        "### First\n\nAbout the first.\n\n| Value | Meaning | Default |\n|---|---|---|\n"
        '| `group.number` | A number over two lines. | `1` |\n| `group.word` | A \\| word. | `""` |\n\n'
        "### Second\n\n| Value | Meaning | Default |\n|---|---|---|\n| `probe` | A probe. | `{}` |\n\n"
        f"{end}\nthe end\n"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("## A\na: 1\n", "values.yaml:2: a has no description"),
        ("## A\n# -- Text.\na: {}\n", "values.yaml:3: a has an empty default"),
        ("## A\n# -- Text. @schema {a\na: 1\n", "values.yaml:3: a has an @schema that is no YAML"),
        ("- a\n", "values.yaml must hold a mapping"),
    ],
)
def test_a_comment_that_says_too_little_is_refused_with_its_line(text, words):
    with pytest.raises(CommentError, match=re.escape(words)):
        read(text)


def test_a_readme_without_the_marks_is_left_alone(tmp_path, capsys):
    (tmp_path / "values.yaml").write_text(SMALL)
    (tmp_path / "README.md").write_text("mine\n")
    assert main(tmp_path) == 1
    assert (tmp_path / "README.md").read_text() == "mine\n"
    assert "README.md must hold one line" in capsys.readouterr().err
