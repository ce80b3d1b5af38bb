"""The version: pyproject.toml has it, and these places follow. Pure but for reading and writing the files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tools.base.problem import Problem

VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


@dataclass(frozen=True)
class Place:
    """Where the version is written: what stands before it, and what after it, on one line."""

    file: str
    before: str
    after: str

    def find(self, root: Path) -> str:
        """Read the version.

        Raises:
            Problem: If it is not there, or there twice.
        """
        found = self._pattern().findall((root / self.file).read_text())
        if len(found) != 1:
            message = (
                f"{self.file} has the version {len(found)} times instead of once: look for {self.before.strip()!r}."
            )
            raise Problem(message)
        return str(found[0])

    def move(self, root: Path, version: str) -> None:
        """Write another version."""
        text = (root / self.file).read_text()
        (root / self.file).write_text(self._pattern().sub(lambda _: self.before + version + self.after, text))

    def _pattern(self) -> re.Pattern[str]:
        return re.compile(rf"(?m)(?:\A|(?<=\n)){re.escape(self.before)}(\d+\.\d+\.\d+){re.escape(self.after)}$")


SOURCE = Place("pyproject.toml", 'name = "ml-api"\nversion = "', '"')
FOLLOWERS = (
    Place("uv.lock", 'name = "ml-api"\nversion = "', '"'),
    Place("charts/ml-api/Chart.yaml", "version: ", ""),
    Place("charts/ml-api/Chart.yaml", 'appVersion: "', '"'),
)


def move(root: Path, version: str) -> list[str]:
    """Write a version everywhere, or nowhere.

    Returns:
        The files that changed.

    Raises:
        Problem: If a place is not as it should be, or the version would go back.
    """
    places = (SOURCE, *FOLLOWERS)
    now = SOURCE.find(root)
    if _numbers(version) < _numbers(now):
        message = f"The version is {now} already: {version} would go back."
        raise Problem(message)
    changing = [place for place in places if place.find(root) != version]
    for place in changing:
        place.move(root, version)
    return list(dict.fromkeys(place.file for place in changing))


def differences(root: Path, version: str) -> list[str]:
    """Name the places that have another version."""
    found = [(place.file, place.find(root)) for place in (SOURCE, *FOLLOWERS)]
    return [f"{file} has {there}" for file, there in dict.fromkeys(found) if there != version]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
