"""``--json``: standard output is one JSON object, also when the command fails; all else goes to standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from service.commands.terminal import print_line
from service.errors import ServiceError

_FACTS = "service.commands.document"

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object, with the member error if this fails."
)


def tell(**facts: object) -> None:
    """Add facts to the object that this command prints; they are told even if it fails afterwards."""
    click.get_current_context().meta.setdefault(_FACTS, {}).update(facts)


def speaker(*, as_json: bool) -> Callable[[str], None]:
    """Give what writes a line for people, or nothing at all where the result is JSON."""
    return _nothing if as_json else print_line


@contextmanager
def one_document(context: click.Context, *, is_wanted: bool) -> Iterator[None]:
    """Print what was told in the block, and why it failed if it did.

    Args:
        context: Of the whole command line.
        is_wanted: Whether the command was asked for JSON.
    """
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:
        if is_wanted and not isinstance(error, click.exceptions.Exit):
            _print({**_facts(context), "error": _sentence(error)})
        raise
    if is_wanted:
        _print(_facts(context))


def _sentence(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "Interrupted."
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, ServiceError):
        return str(error)
    # What its text quotes is not known.
    return f"This ended with an error that nobody foresaw ({type(error).__name__}): standard error tells where."


def _facts(context: click.Context) -> dict[str, Any]:
    facts: dict[str, Any] = context.meta.get(_FACTS, {})
    return facts


def _print(facts: dict[str, Any]) -> None:
    import orjson  # noqa: PLC0415  # only for programs

    try:
        document = orjson.dumps(facts, option=orjson.OPT_INDENT_2)
    except orjson.JSONEncodeError:
        document = orjson.dumps(_readable(facts), option=orjson.OPT_INDENT_2)
    click.echo(document)


def _readable(fact: Any) -> Any:  # noqa: ANN401  # whatever a command tells
    """Write the name of a file that is no UTF-8 as well as that can be."""
    if isinstance(fact, dict):
        return {name: _readable(value) for name, value in fact.items()}
    if isinstance(fact, list | tuple):
        return [_readable(value) for value in fact]
    return fact.encode(errors="surrogateescape").decode(errors="replace") if isinstance(fact, str) else fact


def _nothing(line: str) -> None:
    """Say nothing: the result is JSON."""
