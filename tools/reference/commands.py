"""The page of the command line: the help of each command."""

from __future__ import annotations

import click

from service.cli import cli

HEAD = """\
# Commands

What `ml-api --help` and each `ml-api COMMAND --help` print. What `serve` reads from the environment is on the page of
[settings](settings.md). `make reference` writes this page.

On a terminal results are tables in colours, and `NO_COLOR=1` leaves the colours out; a pipe gets plain lines.

With `--json` standard output is one JSON object. If the command fails, that object has the member `error`, the sentence
that also goes to standard error, beside what is known by then; a command that succeeds has no such member. The exit
code is the same with and without `--json`. `serve` and `completion` have no `--json`: one writes a log
(`ML_API_LOG_FORMAT=json`), the other a script.
"""
WIDTH = 100


def commands_page() -> str:
    """Write the page."""
    whole = _context(cli, "ml-api")
    commands = [(name, cli.get_command(whole, name)) for name in cli.list_commands(whole)]
    contexts = [whole, *(_context(command, name, whole) for name, command in commands if command)]
    return HEAD + "".join(map(_section, contexts))


def _context(command: click.Command, name: str, parent: click.Context | None = None) -> click.Context:
    # What a terminal would tell of its width is not to reach the page.
    settings = {**command.context_settings, "terminal_width": WIDTH}
    return click.Context(command, parent, name, **settings)


def _section(context: click.Context) -> str:
    return f"\n## {context.command_path}\n\n```text\n{context.get_help()}\n```\n"
