"""Read values.yaml together with its comments.

The comments have three marks: ``## `` starts a section, ``# -- `` describes the value below it, and ``@schema`` adds
JSON Schema, written in YAML on the same line or below. ``@schema.root`` at the top adds to the schema as a whole.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

# What it takes for a mapping to be one value (as Kubernetes objects are) and not a group of values.
WHOLE = {"$ref", "$k8s", "type", "additionalProperties"}


class CommentError(Exception):
    """A comment is missing or cannot be read."""


@dataclass(frozen=True)
class Value:
    """One key of values.yaml with its default, its description, and the schema its comment adds."""

    path: tuple[str, ...]
    default: object
    text: str
    schema: dict[str, Any]
    children: tuple["Value", ...]

    @property
    def name(self) -> str:
        """The path as it is typed, such as ``image.tag``."""
        return ".".join(self.path)

    def leaves(self) -> Iterator["Value"]:
        """Walk the values that can be set, which a group of values is not."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


@dataclass(frozen=True)
class Section:
    """Values that belong together, in the order of the file."""

    title: str
    text: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Chart:
    """All that values.yaml says."""

    root_schema: dict[str, Any]
    sections: tuple[Section, ...]

    @property
    def values(self) -> tuple[Value, ...]:
        """The top-level values."""
        return tuple(value for section in self.sections for value in section.values)


def read(text: str) -> Chart:
    """Read the text of a values.yaml.

    Raises:
        CommentError: When a value has no description, or no type can be told from its default and its comment.
    """
    lines = text.splitlines()
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(node, yaml.MappingNode):
        message = "values.yaml must hold a mapping of values."
        raise CommentError(message)
    head, *parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    starts = [number for number, line in enumerate(lines) if line.startswith("## ")]
    values = _values(node, lines, ())
    line_of = {key.value: key.start_mark.line for key, _ in node.value}
    sections = []
    for start, end, title, body in zip(starts, [*starts[1:], len(lines)], parts[::2], parts[1::2], strict=True):
        intro = re.match(r"(?:# (?!-- |@)(?:.*)\n)*", body)
        held = tuple(value for value in values if start < line_of[value.path[0]] < end)
        sections.append(Section(title, _uncomment(intro.group() if intro else ""), held))
    _, _, root = head.partition("# @schema.root\n")
    return Chart(yaml.safe_load(re.sub("^# ?", "", root, flags=re.MULTILINE)) or {}, tuple(sections))


def _values(node: yaml.MappingNode, lines: list[str], parent: tuple[str, ...]) -> tuple[Value, ...]:
    return tuple(_value(key, child, lines, (*parent, key.value)) for key, child in node.value)


def _value(key: yaml.Node, node: yaml.Node, lines: list[str], path: tuple[str, ...]) -> Value:
    where = f"values.yaml:{key.start_mark.line + 1}: {'.'.join(path)}"
    text, schema = _comment(lines, key.start_mark.line, where)
    default = yaml.SafeLoader("").construct_document(node)
    group = node if isinstance(node, yaml.MappingNode) and node.value and not WHOLE & schema.keys() else None
    if not group and not text:
        message = f"{where} has no description; put a '# -- ' comment above it."
        raise CommentError(message)
    if default in (None, {}, []) and not (WHOLE | {"items"}) & schema.keys():
        message = f"{where} has an empty default, which shows no type; add an @schema to its comment."
        raise CommentError(message)
    return Value(path, default, text, schema, _values(group, lines, path) if group else ())


def _comment(lines: list[str], below: int, where: str) -> tuple[str, dict[str, Any]]:
    first = below
    while first and lines[first - 1].lstrip().startswith("# "):
        first -= 1
    block = "\n".join(re.sub(r"^\s*# ?", "", line) for line in lines[first:below])
    described, _, schema = block.partition("@schema")
    _, _, text = described.partition("-- ")
    try:
        return " ".join(text.split()), yaml.safe_load(schema) or {}
    except yaml.YAMLError as error:
        message = f"{where} has an @schema that is no YAML: {error}"
        raise CommentError(message) from None


def _uncomment(block: str) -> str:
    return " ".join(line.removeprefix("# ") for line in block.splitlines())
