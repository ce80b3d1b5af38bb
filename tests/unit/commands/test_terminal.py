"""Tables and colours on a terminal, plain text in a pipe."""

import re
import subprocess

import pytest
from running import PROGRAM
from terminals import on_a_terminal

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


def test_no_color_leaves_the_table_and_takes_the_colours(files):
    _, shown = on_a_terminal("check", files / "dangerous.pkl", NO_COLOR="1")
    assert "┃" in shown
    assert "imports, dangerous" in shown
    assert "Error:" in shown
    assert not COLOUR.search(shown), ascii(shown)


@pytest.mark.parametrize(
    "arguments",
    [("check", "dangerous.pkl"), ("compare", "bundle", "bundle", "--data", "rows.csv")],
    ids=["check", "compare"],
)
def test_a_pipe_gets_plain_lines_even_where_colours_are_forced(files, arguments):
    (files / "rows.csv").write_text("5.1,3.5,1.4,0.2\n")
    command = [PROGRAM, *arguments]
    environment = {"FORCE_COLOR": "1", "TERM": "xterm-256color"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=files, env=environment)
    assert done.stdout
    assert not set("\x1b┃│") & set(done.stdout + done.stderr)


def test_a_name_in_a_file_cannot_steer_the_terminal(files):
    code, shown = on_a_terminal("check", files / "steering.pkl", NO_COLOR="1")
    assert code == 3
    assert "2Jsystem" in shown
    assert "\x1b[2J" not in shown
