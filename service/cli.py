"""The command line; each command is imported only when it is called."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import version as version_of

import click

from service.errors import ServiceError

COMMANDS = {
    "train-demo": "service.commands.train_demo",
    "pack": "service.commands.pack",
    "check": "service.commands.check",
    "compare": "service.commands.compare",
    "push": "service.commands.push",
    "fetch": "service.commands.fetch",
    "serve": "service.commands.serve",
    "predict": "service.commands.predict",
    "smoke": "service.commands.smoke",
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order in which people need them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name]), cmd_name.replace("-", "_"))
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(version_of("ml-api"), prog_name="ml-api")
def cli() -> None:
    """Serve a scikit-learn or ONNX model: train or pack a bundle, check it, serve it."""


def main() -> None:
    """Run the command line; an error of ours is one sentence and its exit code."""
    try:
        cli()
    except ServiceError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(error.exit_code)
