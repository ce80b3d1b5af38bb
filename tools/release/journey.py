"""The steps of a release, in order."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tools.base.paths import ROOT
from tools.base.problem import Problem
from tools.base.programs import capture
from tools.release import artifacts, provenance, signing, supply, verification
from tools.release.artifacts import TARGETS, Published
from tools.release.preflight import check
from tools.release.settings import DIST, Settings

RECORD = DIST / "release.json"


@dataclass
class Release:
    """What has been made so far."""

    settings: Settings
    base: tuple[str, str] = ("", "")
    started: dict[str, str] = field(default_factory=dict)
    local: dict[str, str] = field(default_factory=dict)
    images: dict[str, Published] = field(default_factory=dict)
    package: Path = DIST
    chart: Published = Published("", "")  # noqa: RUF009  # frozen

    def build(self) -> None:
        """Build all that can be built without the registry."""
        shutil.rmtree(DIST, ignore_errors=True)
        DIST.mkdir()
        artifacts.build_packages()
        self.base = artifacts.find_base(self.settings.base_image)
        for target in TARGETS:
            self.started[target] = supply.now()
            self.local[target] = artifacts.build_image(self.settings, target, self.base[0])

    def describe(self) -> None:
        """List what the images are made of."""
        for target in TARGETS:
            supply.write_sbom(self.local[target], target, self.settings.version, DIST)

    def push(self) -> None:
        """Push images and chart; only now are the images' digests known, which the chart carries."""
        for target in TARGETS:
            self.images[target] = artifacts.push_image(self.settings, self.local[target])
            build = supply.record_build(self.base, target, self.settings.version, self.started[target])
            image = self.images[target]
            statement = provenance.state(image.reference, image.digest, provenance.describe(build))
            supply.write_json(DIST / f"provenance-{target}.json", statement)
        self.package = artifacts.package_chart(self.settings, self.images["full"])
        self.chart = artifacts.push_chart(self.settings, self.package)

    def sign(self) -> None:
        """Sign everything."""
        key = self.settings.key
        for target, image in self.images.items():
            signing.sign(key, image.pinned)
            signing.attest(key, image.pinned, "cyclonedx", DIST / f"sbom-{target}.cdx.json")
            statement = json.loads((DIST / f"provenance-{target}.json").read_text())
            predicate = supply.write_json(artifacts.WORK / f"predicate-{target}.json", statement["predicate"])
            signing.attest(key, image.pinned, "slsaprovenance1", predicate)
        signing.sign(key, self.chart.pinned)
        shutil.copy(self.settings.public_key, DIST / "cosign.pub")
        record = {"version": self.settings.version, "chart": asdict(self.chart)}
        supply.write_json(RECORD, record | {target: asdict(image) for target, image in self.images.items()})
        files = sorted(path for path in DIST.iterdir() if path.is_file() and not path.name.startswith("."))
        sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
        (DIST / "SHA256SUMS").write_text("".join(sums))
        signing.sign_file(key, DIST / "SHA256SUMS")

    def verify(self) -> None:
        """Verify everything, from the registry."""
        commit = capture("git", "rev-parse", "HEAD").output.strip()
        for target, image in self.images.items():
            verification.verify_image(self.settings, image, commit, DIST / f"sbom-{target}.cdx.json")
        verification.verify_chart(self.settings, self.chart, self.package)
        sums = DIST / "SHA256SUMS"
        signing.verify_file(self.settings.public_key, sums, DIST / "SHA256SUMS.sigstore.json")

    def tag(self) -> None:
        """Tag the commit in this checkout, if that is wanted; pushing the tag is left to people."""
        if self.settings.git_tag:
            name = f"v{self.settings.version}"
            artifacts.demand(capture("git", "tag", "--annotate", f"--message={name}", name), f"git tag {name}")


def go(settings: Settings) -> None:
    """Make a release, a line for each step.

    Raises:
        Problem: If a step fails; what came before it is told above.
    """
    check(settings, ROOT)
    release = Release(settings)
    steps: list[tuple[str, Callable[[], None]]] = [
        ("Building wheel, source archive and images", release.build),
        ("Listing what the images are made of", release.describe),
        (f"Pushing images and chart to {settings.registry}, and nowhere else", release.push),
        ("Signing them, and what they were built from", release.sign),
        ("Verifying all of it from the registry", release.verify),
        ("Tagging the commit" if settings.git_tag else "Leaving git alone: no GIT_TAG=1", release.tag),
    ]
    begun = time.monotonic()
    for number, (title, step) in enumerate(steps, start=1):
        print(f"[{number}/{len(steps)}] {title}", flush=True)
        if not settings.dry_run:
            step()
    if settings.dry_run:
        print("DRY_RUN: nothing was built, pushed or signed.")
        return
    print(f"Released {settings.version} in {time.monotonic() - begun:.0f} seconds; the files are in dist/.")


def read_record(version: str) -> dict[str, Published]:
    """Read what the last release on this machine published.

    Raises:
        Problem: If that was another version, or none.
    """
    record = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    if record.get("version") != version:
        message = f"dist/ holds no release {version}: run `make release VERSION={version}` first."
        raise Problem(message)
    return {name: Published(**record[name]) for name in ("full", "onnx", "chart")}
