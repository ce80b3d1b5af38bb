"""The house rules that a newcomer relies on: imports point one way, files and functions are short."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

SERVICE = Path(__file__).parents[2] / "service"
FILES = sorted(SERVICE.rglob("*.py"))

FLOORS = {
    "errors": 0,
    "extras": 1,
    "settings": 1,
    "bundle": 2,
    "inspection": 4,
    "sources": 3,
    "runtimes": 4,
    "packing": 5,
    "engine": 6,
    "protocols": 7,
    "page": 8,
    "scoring": 8,
    "comparison": 8,
    "operations": 8,
    "app": 9,
    "commands": 10,
    "cli": 11,
    "__main__": 12,
}
"""A module imports from its own floor and from those below."""

PACKAGE = "__init__"
"""``service/__init__.py`` only forwards ``service.pack``."""


def room(path: Path) -> str:
    return path.relative_to(SERVICE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names = [node.module or ""]
        rooms |= {name.split(".")[1] for name in names if name.startswith("service.")}
    return rooms


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SERVICE)))
def test_imports_point_one_way(path):
    importer, imported = room(path), imported_rooms(path)
    if importer == PACKAGE:
        assert imported == {"packing", "bundle", "extras"}
        return
    assert importer in FLOORS, "a new room needs a floor"
    assert not {name for name in imported if FLOORS[name] > FLOORS[importer]}
    if importer not in {"packing", "commands"}:
        assert "packing" not in imported


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SERVICE)))
def test_files_and_functions_are_short(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert (node.end_lineno or 0) - node.lineno < 60, node.name


def test_no_module_reads_settings_when_it_is_imported():
    calls = [
        path
        for path in FILES
        for node in ast.parse(path.read_text()).body
        for call in ast.walk(node)
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.Expr)) and isinstance(call, ast.Call)
        if isinstance(call.func, ast.Name) and call.func.id in {"Settings", "load_settings", "create_app"}
    ]
    assert calls == []


def test_a_server_of_an_onnx_model_imports_no_library_that_it_does_not_need(serve, iris_bundle):
    server = serve(iris_bundle, environment={"PYTHONPROFILEIMPORTTIME": "1"}).ready()
    server.client.post("/predict", json={"instances": [[5.1, 3.5, 1.4, 0.2]]})
    server.client.get("/docs")
    server.stop()
    imported = set(re.findall(r"(?m)^import time:.*\|\s+(\w+)", str(server.log)))
    assert {"onnxruntime", "fastapi"} <= imported
    assert not imported & {"sklearn", "scipy", "pandas", "joblib", "skl2onnx", "onnx", "skops", "matplotlib"}
