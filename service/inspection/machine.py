"""A pickle machine that builds nothing: every class and function is a stand-in whose name was noted.

It follows the whole stream, arrays and nested pickles of joblib included, because a reader that stops early, or reads
other bytes than joblib does, reports a file as clean whose code lies behind that place.
"""

from __future__ import annotations

import pickle
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from collections.abc import Callable
from typing import Any, BinaryIO, ClassVar, Self

Import = tuple[str, str]
"""A module, and a name in it, which may have dots."""

_FIRST_PROTOCOL_OF_PYTHON_3 = 3


class UnreadableError(Exception):
    """The stream cannot be followed to its end; the text says why."""


class StandIn:
    """What a class, a function or an object of the file is replaced by: it accepts everything and does nothing."""

    def __new__(cls, *arguments: Any, **named: Any) -> Self:  # noqa: ANN401  # whatever the file says
        """Keep the arguments: some describe the size of an array."""
        instance = object.__new__(cls)
        instance.arguments = (*arguments, *named.values())
        instance.state = None
        return instance

    arguments: tuple[Any, ...]
    state: Any

    def __call__(self, *_arguments: object, **_named: object) -> StandIn:
        """Answer as a function that does nothing."""
        return StandIn()

    def __setstate__(self, state: object) -> None:
        """Keep the state unread."""
        self.state = state

    def __setitem__(self, key: object, value: object) -> None:
        """Drop an item of a dictionary."""

    def append(self, item: object) -> None:
        """Drop an item of a list."""

    def extend(self, items: object) -> None:
        """Drop items of a list."""

    def add(self, item: object) -> None:
        """Drop an item of a set."""


class Machine(pickle._Unpickler):  # noqa: SLF001  # the one that joblib extends, too; the other one cannot be followed
    """pickle's own interpreter, over stand-ins.

    Args:
        file: The stream.
        imports: Takes what the stream would import.
    """

    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = pickle._Unpickler.dispatch.copy()  # noqa: SLF001  # as above
    stack: list[Any]
    proto: int
    read: Callable[[int], bytes]
    append: Callable[[object], None]

    def __init__(self, file: BinaryIO, imports: set[Import]) -> None:
        super().__init__(file)
        self.file = file
        self.imports = imports

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401  # a class of its own for each name
        """Note an import, and give a stand-in for it."""
        if self.proto < _FIRST_PROTOCOL_OF_PYTHON_3:
            # As pickle does for files of Python 2.
            module, name = NAME_MAPPING.get((module, name), (IMPORT_MAPPING.get(module, module), name))
        self.imports.add((module, name))
        return self.stand_in(module, name)

    def stand_in(self, module: str, name: str) -> Any:  # noqa: ANN401  # as above
        """Make a stand-in for a class or a function."""
        return type(name, (StandIn,), {"__module__": module})

    def follow(self) -> None:
        """Read the stream to its end.

        Raises:
            UnreadableError: If that cannot be done.
        """
        try:
            self.load()
        except UnreadableError:
            raise
        except EOFError:
            message = "it is cut off"
            raise UnreadableError(message) from None
        except Exception as error:  # noqa: BLE001  # a hostile stream can raise anything in the interpreter
            message = f"it is no pickle that can be followed ({type(error).__name__})"
            raise UnreadableError(message) from None

    def load_bytearray8(self) -> None:
        """Read a bytearray without making room for a length that was only claimed."""
        content = self.read(int.from_bytes(self.read(8), "little"))
        self.append(bytearray(content))

    dispatch[pickle.BYTEARRAY8[0]] = load_bytearray8
