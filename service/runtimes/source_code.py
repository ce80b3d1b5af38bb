"""The format ``python``: a class of one's own, whose whole source lies in the bundle.

The model file is a zip archive with ``model.py``, which defines the class ``Model``, and any files of data beside it.
One file has one digest, so the digest pins all code and all data; the bytes that were checked are compiled, nothing is
unpacked to a disk, and nothing is imported by a name that another package could take.
"""

from __future__ import annotations

import ast
import io
import sys
import warnings
import zipfile
from inspect import signature
from types import ModuleType
from typing import Any

CODE_FILE = "model.py"
CLASS_NAME = "Model"
MODULE_NAME = "ml_api_model"
MOST_SOURCE_BYTES = 4 * 1024 * 1024

_OLDEST_TIME = (1980, 1, 1, 0, 0, 0)


class SourceCodeError(ValueError):
    """An archive has no ``model.py`` with a class ``Model``; the text says what it lacks."""


def write_archive(files: dict[str, bytes]) -> bytes:
    """Make the model file; the same files make the same bytes, so the digest changes with the content alone."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _OLDEST_TIME), files[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def read_code(content: bytes) -> bytes:
    """Read ``model.py`` alone, and execute nothing.

    Raises:
        SourceCodeError: If there is none.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(CODE_FILE) as file:
            code = file.read(MOST_SOURCE_BYTES + 1)
    except Exception:  # noqa: BLE001  # a damaged archive can raise anything, in zipfile and in what unpacks for it
        message = f"the archive has no {CODE_FILE} that can be read"
        raise SourceCodeError(message) from None
    if len(code) > MOST_SOURCE_BYTES:
        message = f"{CODE_FILE} is larger than {MOST_SOURCE_BYTES} bytes"
        raise SourceCodeError(message)
    return code


def imports_of(code: bytes) -> tuple[str, ...]:
    """List the modules that a source imports, wherever in it, and execute nothing.

    Raises:
        SourceCodeError: If it is no Python.
    """
    nodes = list(ast.walk(_parse(code)))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return tuple(sorted(names | {node.module or "." for node in nodes if isinstance(node, ast.ImportFrom)}))


def defines_model(code: bytes) -> bool:
    """Tell whether a source has a class ``Model`` at its top level, and execute nothing.

    One inside a top-level ``if`` or ``try`` counts; a name that is imported or assigned does not, as in any script.

    Raises:
        SourceCodeError: If it is no Python.
    """
    waiting = list(_parse(code).body)
    while waiting:
        statement = waiting.pop()
        if isinstance(statement, ast.ClassDef) and statement.name == CLASS_NAME:
            return True
        if isinstance(statement, (ast.If, ast.Try, ast.With)):
            waiting.extend(node for node in ast.iter_child_nodes(statement) if isinstance(node, ast.stmt))
    return False


def _parse(code: bytes) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        message = f"it is no Python that can be read ({type(error).__name__}{line})"
        raise SourceCodeError(message) from None


def load_model(content: bytes) -> Any:  # noqa: ANN401  # an object of a class that is in the file
    """Execute ``model.py`` and make the model: ``Model(files)`` where there are files beside it, else ``Model()``.

    Raises:
        SourceCodeError: If there is no class ``Model``, or it wants other arguments.
        Exception: Whatever the code raises.
    """
    code = read_code(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist() if name != CODE_FILE}
    module = ModuleType(MODULE_NAME)
    # Dataclasses and pickle look for the module of a class there.
    sys.modules[MODULE_NAME] = module
    exec(compile(code, CODE_FILE, "exec"), vars(module))  # noqa: S102  # its digest or its owner vouches for it
    kind = getattr(module, CLASS_NAME, None)
    if not isinstance(kind, type):
        message = f"{CODE_FILE} defines no class {CLASS_NAME}"
        raise SourceCodeError(message)
    arguments = (files,) if files else ()
    _refuse_other_arguments(kind, arguments)
    return kind(*arguments)


def _refuse_other_arguments(kind: type, arguments: tuple[dict[str, bytes], ...]) -> None:
    try:
        signature(kind).bind(*arguments)
    except TypeError as error:
        reason = str(error)
    except ValueError:
        # A class of another language, which does not tell what it takes.
        return
    else:
        return
    if arguments:
        beside = min(arguments[0])
        how = f"{CLASS_NAME}(files), since {beside!r} lies beside {CODE_FILE}"
        remedy = "let __init__ take the files, a dict of bytes by name, or move them away"
    else:
        how = f"{CLASS_NAME}(), since no file lies beside {CODE_FILE}"
        remedy = f"give the folder that holds {CODE_FILE} and the files, or let __init__ take nothing"
    message = f"the model is made with {how}, and that does not fit its __init__ ({reason}): {remedy}"
    raise SourceCodeError(message)
