"""What the tests of fetching share."""

from __future__ import annotations

import io
import tarfile
from hashlib import sha256
from pathlib import Path

from service.sources.access import Access, Patience

QUICK = Patience(attempts=3, first_seconds=0.001, longest_seconds=0.01)
ACCESS = Access(patience=QUICK)


class Notes:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.sizes: dict[str, int] = {}
        self.totals: dict[str, int | None] = {}
        self.waits: list[tuple[str, float]] = []

    def received(self, name: str, size: int, total: int | None) -> None:
        self.sizes[name], self.totals[name] = size, total

    def waiting(self, reason: str, seconds: float) -> None:
        self.waits.append((reason, seconds))


def digest_of(bundle: Path) -> str:
    return sha256((bundle / "model.json").read_bytes()).hexdigest()


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def write_archive(path: Path, source: Path, *more: tuple[tarfile.TarInfo, bytes], root: str = "iris/") -> Path:
    """Write an archive of the bundle in *source*, and of more members."""
    with tarfile.open(path, "w:gz") as archive:
        for info, content in more:
            archive.addfile(info, io.BytesIO(content))
        for file in sorted((source / "bundle").iterdir(), reverse=True):
            archive.add(file, f"{root}{file.name}")
    return path
