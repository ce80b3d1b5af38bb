"""The page of all endpoints."""

from __future__ import annotations

from typing import Any

from tools.reference.asking import Asked

HEAD = """\
# Endpoints

What a service with a model answers, from its own OpenAPI document. `/docs` shows the same with the features, classes
and example of the very model, and each request can be tried there. `{model}` and `{version}` are the one model of the
service.

Errors are one sentence: as `{"error": …}` under `/v1` and `/v2`, and elsewhere as the `detail` of a problem (RFC 9457,
`application/problem+json`). Before any endpoint sees it, a request may get 503 (too many connections)
or, where there are API keys, 401; and before its path is known, as `{"error": …}`, 400 (it is not
HTTP/1.1), 408 (its head took too long) or 431 (its head is too large). Limits and their settings:
[reliability](../reliability.md); sentences and ways out: [troubleshooting](../troubleshooting.md).

"""
HIDDEN = """\
## Beside the document

| path | what |
|---|---|
| `GET /`, asked for HTML | The model's own page, with its files under `/page/`. |
"""
FOOT = "\nThis page is written by `make reference` from what an application tells; a test compares them.\n"


def endpoints_page(asked: Asked) -> str:
    """Write the page of what an application tells in its OpenAPI document."""
    name, version = asked.document["info"]["title"], asked.document["info"]["version"]
    tables: dict[str, list[str]] = {}
    meanings: dict[str, dict[str, list[str]]] = {}
    for path, operations in asked.document["paths"].items():
        template = path.replace(f"/{name}", "/{model}").replace(f"/versions/{version}", "/versions/{version}")
        for method, operation in operations.items():
            tag = operation["tags"][0]
            errors = _errors(operation)
            place = f"`{method.upper()} {template}`"
            tables.setdefault(tag, []).append(f"| {place} | {operation['summary']} | {', '.join(errors)} |")
            for status, meaning in errors.items():
                meanings.setdefault(status, {}).setdefault(meaning, []).append(place)
    lines = [line for tag, rows in tables.items() for line in _table(tag, rows)]
    hidden = "".join(f"| `GET {path}` | {what} |\n" for path, what in asked.hidden)
    return HEAD + "\n".join(lines) + "\n" + HIDDEN + hidden + "\n" + _statuses(meanings) + FOOT


def _table(tag: str, rows: list[str]) -> list[str]:
    title = tag[0].upper() + tag[1:]
    return [f"## {title}", "", "| endpoint | what | errors |", "|---|---|---|", *rows, ""]


def _errors(operation: dict[str, Any]) -> dict[str, str]:
    responses = operation["responses"].items()
    return {status: answer["description"] for status, answer in responses if not status.startswith("2")}


def _statuses(meanings: dict[str, dict[str, list[str]]]) -> str:
    lines = ["## Errors", "", "| status | what it means | of |", "|---|---|---|"]
    for status, places in sorted(meanings.items()):
        lines += [f"| {status} | {meaning} | {_some(where)} |" for meaning, where in places.items()]
    return "\n".join(lines) + "\n"


def _some(places: list[str]) -> str:
    most = 4
    return ", ".join(places) if len(places) <= most else f"{', '.join(places[:2])} and {len(places) - 2} more"
