"""The page of the architecture: what each room of the service is for, and who imports whom, read from the code."""

from __future__ import annotations

import ast
from pathlib import Path

from tools.reference.picture import picture

HEAD = """# Architecture

![From an estimator to an answer](images/overview.svg)

A fitted estimator becomes a *bundle*: `model.json`, which holds name, signature, example and digests, and one model
file. The bundle lies where the cluster can reach it, and is pinned by its digest. The chart makes pods of it: an init
container fetches and checks it, the service proves it on its own example, and only then is it ready. One process, one
model, one event loop a pod; more pods for more load ([decision 1](decisions/0001-one-process.md)).

A request takes the short way: the server parses its head, the entrance finds the endpoint of a tensor path, a codec
reads the body straight into numpy, the engine runs it at once or in a batch, the codec writes the answer ([decision
3](decisions/0003-plain-asgi-for-tensors.md)). Everything else is ordinary FastAPI.

## Rooms

Each folder of `service/` is a room that knows one thing. Arrows are imports; an import that other arrows imply is
left out. They all point one way.

"""
FOOT = """
This page is written by `make reference` from the code; a test compares them.
"""


def architecture_page(service: Path) -> str:
    """Write the page.

    Args:
        service: The folder of the Python package.
    """
    rooms = {path.parent.name: path for path in sorted(service.glob("*/__init__.py"))}
    imports = {name: _imports(path.parent, set(rooms)) for name, path in rooms.items()}
    lines = ["```mermaid", "flowchart TD"]
    lines += [f"  {name}" for name in rooms]
    lines += [f"  {importer} --> {imported}" for importer, imported in _without_implied(imports)]
    lines += ["```", "", "| room | knows |", "|---|---|"]
    lines += [f"| `service/{name}` | {_sentence(path)} |" for name, path in rooms.items()]
    return HEAD + "\n".join(lines) + "\n" + FOOT


def overview() -> str:
    """Draw the picture of the whole, from its source beside it."""
    return picture(Path("docs/images/overview.toml").read_text())


def _imports(room: Path, rooms: set[str]) -> set[str]:
    found = set()
    for path in room.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("service."):
                found.add(str(node.module).split(".")[1])
    return (found & rooms) - {room.name}


def _without_implied(imports: dict[str, set[str]]) -> list[tuple[str, str]]:
    """Leave out what a longer way says already."""
    return [
        (importer, imported)
        for importer, direct in imports.items()
        for imported in sorted(direct)
        if not any(imported in _reach(imports, other) for other in direct - {imported})
    ]


def _reach(imports: dict[str, set[str]], room: str) -> set[str]:
    reached: set[str] = set()
    waiting = [room]
    while waiting:
        new = imports[waiting.pop()] - reached
        reached |= new
        waiting += new
    return reached


def _sentence(path: Path) -> str:
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    return docstring.replace("``", "`").splitlines()[0]
