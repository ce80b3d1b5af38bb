"""``ml-api completion``."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")


@click.command("completion", short_help="Print what a shell needs to complete this.")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script with which SHELL completes commands, options and file names.

    \b
    bash  echo 'eval "$(ml-api completion bash)"' >> ~/.bashrc
    zsh   echo 'eval "$(ml-api completion zsh)"' >> ~/.zshrc
    fish  ml-api completion fish > ~/.config/fish/completions/ml-api.fish
    """  # noqa: D301  # click's mark for lines that stay as they are
    chosen = get_completion_class(shell)
    assert chosen is not None  # noqa: S101  # click has each of the choices
    # Not source(): that one also starts bash to see whether it is new enough, and warns on standard error.
    script = chosen(context.find_root().command, {}, "ml-api", "_ML_API_COMPLETE")
    click.echo(script.source_template % script.source_vars())
