"""A variable that no target reads is refused before anything is done."""

import re

import making
import pytest


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("SETS", "there is no variable SETS (did you mean SET?): docs/reference/make.md lists"),
        ("RELESE", "there is no variable RELESE (did you mean RELEASE?)"),
        ("QQQQ", "there is no variable QQQQ: docs/reference/make.md lists"),
    ],
)
def test_a_mistyped_variable_is_refused_with_the_one_that_was_meant(name, told):
    done = making.make("help", {name: "replicaCount=3"})
    assert done.returncode != 0
    assert told in done.stderr
    assert done.stdout == ""


def test_a_variable_with_spaces_and_signs_of_equality_is_known():
    assert making.make("help", {"SET": "a=b c=d,e = f", "ARGS": "-k 'one or two'"}).returncode == 0


def test_every_variable_that_a_page_gives_is_one():
    pages = [
        *making.ROOT.glob("*.md"),
        *(making.ROOT / "docs").rglob("*.md"),
        *(making.ROOT / ".github").rglob("*.yml"),
    ]
    commands = [
        line for page in pages for line in re.findall(r"(?m)\bmake ([a-z0-9-]+(?: [A-Z_]+=\S+)+)", page.read_text())
    ]
    given = {name for command in commands for name in re.findall(r" ([A-Z_]+)=", command)}
    assert len(given) > 10
    done = making.make("help", dict.fromkeys(given - {"SETS"}, "x"))
    assert done.returncode == 0, done.stderr
