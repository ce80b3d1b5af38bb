"""The release before this commit, built and pushed by its own Makefile."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import making
from space import Object, recorded_image

from tools.base.history import last_release
from tools.base.paths import ROOT


@dataclass(frozen=True)
class Previous:
    """A checkout of the release, with its image in the registry."""

    folder: Path

    @property
    def chart(self) -> Path:
        return self.folder / "charts" / "ml-api"

    @property
    def flags(self) -> tuple[str, ...]:
        """Its chart with its image, as arguments of helm."""
        return str(self.chart), f"--values={self.folder / 'build/image.json'}"

    @property
    def image(self) -> Object:
        return dict(json.loads((self.folder / "build/image.json").read_text())["image"])


def build_previous(folder: Path) -> Previous:
    """Check the last release out and push its image, as its own documentation says."""
    commit = last_release()
    assert commit, "no release is in the history: clone all of it (git fetch --unshallow), or tests cannot upgrade"
    subprocess.run(["git", "clone", "--quiet", "--shared", "--no-checkout", ROOT, folder], check=True)
    subprocess.run(["git", "-C", folder, "checkout", "--quiet", commit], check=True, capture_output=True)
    done = making.make("push", {"REGISTRY": recorded_image()["registry"]}, folder)
    assert done.returncode == 0, done.stderr
    return Previous(folder)
