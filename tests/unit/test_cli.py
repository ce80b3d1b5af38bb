"""The command line: help that names every command, and errors that are one sentence."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from importlib.metadata import version

import click
import pytest
from click.testing import CliRunner

from service.cli import COMMANDS, cli


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_explains_itself(name):
    result = CliRunner().invoke(cli, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert result.output.startswith(f"Usage: cli {name}")


def test_the_help_lists_the_commands_in_the_order_in_which_people_need_them():
    result = CliRunner().invoke(cli, ["--help"])
    positions = [result.output.index(f"\n  {name}") for name in COMMANDS]
    assert positions == sorted(positions)


def test_the_version_is_told():
    assert CliRunner().invoke(cli, ["--version"]).output == f"ml-api, version {version('ml-api')}\n"


def test_an_unknown_command_is_refused():
    result = CliRunner().invoke(cli, ["bake"])
    assert result.exit_code == 2
    assert "No such command" in result.output


def test_commands_have_the_names_that_their_modules_promise():
    for name, module in COMMANDS.items():
        command = getattr(import_module(module), name.replace("-", "_"))
        assert isinstance(command, click.Command)
        assert command.name == name


def test_a_command_is_imported_only_when_it_is_called():
    script = "import sys, service.cli; print([name for name in sys.modules if name.startswith('service.commands')])"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"
