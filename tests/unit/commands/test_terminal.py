"""Tables and colours on a terminal, plain text in a pipe."""

import re

import pytest
from click.testing import CliRunner
from terminals import on_a_terminal

from service.cli import cli
from service.commands.terminal import Mood, print_table

GREEN, YELLOW, RED = (f"\x1b[{code}m" for code in (32, 33, 31))
COLOUR = re.compile(r"\x1b\[(?:\d+;)*[349]\d(?:;\d+)*m")


@pytest.fixture(name="files", scope="module")
def _files(tmp_path_factory, iris_bundle):
    """Model files that import what nobody knows, and what no model needs; and a bundle."""
    folder = tmp_path_factory.mktemp("files")
    names = {"unknown": "somewhere\nthing", "dangerous": "os\nsystem"}
    for kind, name in names.items():
        # A pickle of version 0 that names a global and does nothing with it.
        (folder / f"{kind}.pkl").write_bytes(f"c{name}\n.".encode())
    (folder / "steering.pkl").write_bytes(b"cos\n\x1b[2Jsystem\n.")
    (folder / "bundle").symlink_to(iris_bundle)
    return folder


@pytest.mark.parametrize(
    ("name", "code", "row"),
    [
        ("bundle", 0, f"{GREEN}trust"),
        ("unknown.pkl", 1, f"{YELLOW}imports, unknown"),
        ("dangerous.pkl", 3, f"{RED}imports, dangerous"),
    ],
    ids=["bundle", "unknown", "dangerous"],
)
def test_a_terminal_gets_what_was_found_as_a_table_in_colours(files, name, code, row):
    done, shown = on_a_terminal("check", files / name)
    assert done == code, shown
    assert "┃" in shown
    assert row in shown
    if code:
        assert "\x1b[1;31mError:\x1b[0m" in shown
    else:
        assert "Error" not in shown


def test_a_narrow_terminal_cuts_no_name_off(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "40")
    print_table(("check", "result"), [(Mood.PLAIN, ("imports", "x" * 100))])
    assert capsys.readouterr().out.count("x") == 100


@pytest.fixture(name="without_colours", scope="module")
def _without_colours(files):
    code, shown = on_a_terminal("check", files / "steering.pkl", NO_COLOR="1")
    assert code == 3
    return shown


def test_no_color_leaves_the_table_and_takes_the_colours(without_colours):
    assert "┃" in without_colours
    assert "imports, dangerous" in without_colours
    assert "Error:" in without_colours
    assert not COLOUR.search(without_colours), ascii(without_colours)


def test_a_name_in_a_file_cannot_steer_the_terminal(without_colours):
    assert "2Jsystem" in without_colours
    assert "\x1b[2J" not in without_colours


@pytest.mark.parametrize(
    "arguments",
    [("check", "dangerous.pkl"), ("compare", "bundle", "bundle", "--data", "rows.csv")],
    ids=["check", "compare"],
)
def test_a_pipe_gets_plain_lines_even_where_colours_are_forced(files, arguments, monkeypatch):
    (files / "rows.csv").write_text("5.1,3.5,1.4,0.2\n")
    monkeypatch.chdir(files)
    done = CliRunner(env={"FORCE_COLOR": "1", "TERM": "xterm-256color"}).invoke(cli, arguments)
    assert done.stdout
    assert not set("\x1b┃│") & set(done.output)
