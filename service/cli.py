"""The command line; each command is imported only when it is called."""

from __future__ import annotations

import sys
from importlib import import_module
from itertools import takewhile
from typing import Any

import click

from service.errors import ServiceError
from service.extras import naming_extras

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
    "completion": "service.commands.completion",
}

EXAMPLES = """\b
Try it with a model of irises:
  ml-api train-demo --out model
  ml-api serve model
  curl http://127.0.0.1:8080/predict -d '{"instances": [[5.1, 3.5, 1.4, 0.2]]}'

\b
Your own model, with a file of rows that it takes:
  ml-api check model.joblib                                          what it would import
  ml-api pack model.joblib --name churn --data rows.csv --out churn  prints the digest
  ml-api serve churn                                                 its page is at /

\b
Formats other than ONNX execute code, so they want the digest that pack printed:
  ml-api serve churn --sha256 DIGEST

\b
With a service that runs:
  ml-api smoke http://127.0.0.1:8080
  ml-api compare churn http://127.0.0.1:8080 --data rows.csv
  ml-api predict http://127.0.0.1:8080 --data rows.csv --out answers.csv

\b
Settings are ML_API_* variables. Each command explains itself: ml-api pack --help
With --json it prints one JSON object, which has the member error if it failed.
"""


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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; the error of one that is not there names those that are like it."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            # click looks only at the commands that are imported.
            raise click.exceptions.NoSuchCommand(error.command_name, possibilities=COMMANDS, ctx=ctx) from None

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  # as click has it
        """Run a command; with --json it prints one object, whatever happens."""
        from service.commands.document import one_document  # noqa: PLC0415  # --help of all needs no command

        is_wanted = "--json" in takewhile("--".__ne__, ctx.args)
        with one_document(ctx, is_wanted=is_wanted), naming_extras():
            return super().invoke(ctx)


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}, epilog=EXAMPLES
)
@click.version_option(package_name="ml-api", prog_name="ml-api")
def cli() -> None:
    """Serve a scikit-learn or ONNX model: train or pack a bundle, check it, serve it."""


def main() -> None:
    """Run the command line; an error of ours is one sentence and its exit code."""
    try:
        cli()
    except ServiceError as error:
        from service.commands.terminal import print_error  # noqa: PLC0415  # only when there is an error

        print_error(str(error))
        sys.exit(error.exit_code)
