"""The command line: help that names every command, and errors that are one sentence."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from service.cli import COMMANDS, EXAMPLES, cli
from service.commands.completion import SHELLS


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_explains_itself(name):
    result = CliRunner().invoke(cli, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert result.output.startswith(f"Usage: cli {name}")


def test_the_help_lists_the_commands_in_the_order_in_which_people_need_them():
    result = CliRunner().invoke(cli, ["--help"])
    positions = [result.output.index(f"\n  {name}") for name in COMMANDS]
    assert positions == sorted(positions)
    assert "..." not in result.output.partition("Commands:")[2], "a summary is cut off"


def test_every_example_of_the_help_is_a_command_with_options_that_it_has():
    shown = CliRunner().invoke(cli, ["--help"]).output
    examples = [re.split(r"\s{2,}", line.strip())[0] for line in EXAMPLES.splitlines() if line.startswith("  ml-api ")]
    assert len(examples) > 5
    for example in examples:
        assert example in shown, "an example is broken into lines"
        _, name, *arguments = shlex.split(example)
        assert cli.get_command(click.Context(cli), name).make_context(name, arguments)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_gets_a_script_that_asks_this_program(shell):
    script = CliRunner().invoke(cli, ["completion", shell])
    assert script.exit_code == 0
    assert "_ML_API_COMPLETE" in script.stdout
    assert not script.stderr


def test_bash_completes_commands_and_options():
    program = Path(sys.executable).parent
    script = f"""
        PATH={program}:$PATH
        eval "$(ml-api completion bash)"
        COMP_WORDS=(ml-api {{}}) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        _ml_api_completion ml-api 2>/dev/null
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """

    def complete(words: str) -> list[str]:
        done = subprocess.run(["bash", "-c", script.replace("{}", words)], capture_output=True, text=True, check=True)
        return done.stdout.split()

    assert complete("comp") == ["compare", "completion"]
    assert complete("serve --tr") == ["--trust"]


def test_the_version_is_told():
    assert CliRunner().invoke(cli, ["--version"]).output == f"ml-api, version {version('ml-api')}\n"


def test_an_unknown_command_is_refused():
    result = CliRunner().invoke(cli, ["bake"])
    assert result.exit_code == 2
    assert "No such command" in result.output


def test_a_mistyped_command_is_refused_with_the_one_that_was_meant():
    assert "No such command 'serv'. Did you mean 'serve'?" in CliRunner().invoke(cli, ["serv"]).output
    assert "Did you mean" not in CliRunner().invoke(cli, ["bake"]).output


def test_commands_have_the_names_that_their_modules_promise():
    for name, module in COMMANDS.items():
        command = getattr(import_module(module), name.replace("-", "_"))
        assert isinstance(command, click.Command)
        assert command.name == name


def test_a_command_is_imported_only_when_it_is_called():
    script = "import sys, service.cli; print([name for name in sys.modules if name.startswith('service.commands')])"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"


def test_the_help_of_all_imports_neither_server_nor_model_library():
    heavy = {"fastapi", "uvicorn", "onnx", "onnxruntime", "pandas", "sklearn"}
    helping = "import sys, service.cli; service.cli.cli.main(['--help'], standalone_mode=False)"
    script = f"{helping}; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("set()\n")
