"""``python3 -m tools.release COMMAND``: what the Make targets of the same names run."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime

from tools.base.paths import ROOT
from tools.base.problem import Problem
from tools.base.programs import capture
from tools.cluster import image
from tools.cluster.settings import Settings as ClusterSettings
from tools.release import artifacts, changelog, installation, journey, provenance, signing, supply, version
from tools.release.settings import BASE_IMAGE, DIST, Settings, find_key


def move_version() -> None:
    """Write VERSION everywhere, and give the changelog its heading."""
    wanted = Settings.from_environment().version
    log = ROOT / "CHANGELOG.md"
    text = log.read_text()
    released = text if not changelog.problem(text, wanted) else _release(text, wanted)
    changed = version.move(ROOT, wanted)
    log.write_text(released)
    print(f"Wrote {wanted} into {', '.join([*changed, 'CHANGELOG.md'])}.")


def _release(text: str, wanted: str) -> str:
    return changelog.release(text, wanted, datetime.now(UTC).date().isoformat())


def write_supply() -> None:
    """Write what the images of this checkout are made of and from, without a release."""
    DIST.mkdir(exist_ok=True)
    base = artifacts.find_base(BASE_IMAGE)
    now = version.SOURCE.find(ROOT)
    for target in artifacts.TARGETS:
        started = supply.now()
        name = image.build(ClusterSettings.from_environment(), target)
        listed = supply.write_sbom(name, target, now, DIST)
        digest = artifacts.demand(capture("docker", "image", "inspect", "--format={{.Id}}", name), name)
        build = provenance.describe(supply.record_build(base, target, now, started))
        stated = supply.write_json(DIST / f"provenance-{target}.json", provenance.state(name, digest.strip(), build))
        print(f"Wrote {listed.relative_to(ROOT)} and {stated.relative_to(ROOT)}.")


COMMANDS: dict[str, Callable[[], None]] = {
    "version": move_version,
    "sbom": write_supply,
    "release": lambda: journey.go(Settings.from_environment()),
    "release-check": lambda: installation.check(Settings.from_environment()),
    "release-key": lambda: signing.make_key(find_key()),
}


def main(command: str) -> None:
    """Run one command; what goes wrong is one line on standard error and exit code 1."""
    try:
        COMMANDS[command]()
    except Problem as problem:
        sys.exit(f"make {command}: {' '.join(str(problem).split())}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main(sys.argv[1])
