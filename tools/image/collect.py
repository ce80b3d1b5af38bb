"""Copies what a service of Python needs from a Debian system into an empty folder, which becomes the image.

Runs in the build, with the Python that the image is to have: ``python3 collect.py DESTINATION ENVIRONMENT``. What is
not asked for is not there: no shell, no package manager, nothing setuid. For each Debian package that a file came
from, its licence and its entry for vulnerability scanners go along, the latter in ``/var/lib/dpkg/status.d`` as in
other images without a dpkg.
"""

from __future__ import annotations

import compileall
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

# Read by the C library, OpenSSL and Python, but linked by nobody.
FILES = (
    "/etc/debian_version",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/ssl/certs/ca-certificates.crt",
    "/usr/lib/ssl/cert.pem",
    "/usr/lib/ssl/openssl.cnf",
)
# Their files are made when they are installed, so none of them is in the packages' own lists.
PACKAGES = ("ca-certificates", "tzdata")
# Parts of the standard library for editors, windows, installers and help pages.
NO_POD_USES = {
    "EXTERNALLY-MANAGED", "__pycache__", "dist-packages", "ensurepip", "idlelib", "lib2to3", "pydoc_data",
    "site-packages", "test", "tkinter", "turtledemo",
}  # fmt: skip
ACCOUNTS = {
    "etc/passwd": "root:x:0:0:root:/tmp:/nonexistent\nml-api:x:10001:10001:ml-api:/tmp:/nonexistent\n",
    "etc/group": "root:x:0:\nml-api:x:10001:\n",
}
DPKG = Path("/var/lib/dpkg")
LIBRARY = re.compile(r"(?:=> )?(/\S+) \(0x")


@dataclass(frozen=True)
class Collector:
    """Copies files into a folder, under the paths that they have here."""

    destination: Path
    taken: set[Path] = field(default_factory=set)

    def take(self, path: Path) -> None:
        """Copy a file, and each symbolic link on the way to it."""
        real = Path("/")
        for part in path.parts[1:]:
            here = real / part
            if here.is_symlink():
                target = here.readlink()
                self._link(here, target)
                self.take(real / target if not target.is_absolute() else target)
                real = here.resolve()
            else:
                real = here
        if real.is_dir():
            (self.destination / real.relative_to("/")).mkdir(parents=True, exist_ok=True)
        elif real not in self.taken:
            self._copy(real)

    def take_tree(self, folder: Path) -> None:
        """Copy a folder with all in it that some pod could use."""
        for parent, folders, files in os.walk(folder):
            folders[:] = sorted(name for name in folders if name not in NO_POD_USES and not name.startswith("config-"))
            for name in sorted(files):
                if name not in NO_POD_USES:
                    self.take(Path(parent, name))

    def _link(self, here: Path, target: Path) -> None:
        copy = self.destination / here.relative_to("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        if not copy.is_symlink():
            copy.symlink_to(target)
            self.taken.add(here)

    def _copy(self, real: Path) -> None:
        copy = self.destination / real.relative_to("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(real, copy)
        copy.chmod(0o755 if os.access(real, os.X_OK) and real.stat().st_mode & 0o111 else 0o644)
        self.taken.add(real)


def find_libraries(programs: list[Path]) -> Iterator[Path]:
    """Ask the dynamic loader which shared libraries programs and libraries want.

    Raises:
        SystemExit: If one of them is not installed.
    """
    asked = subprocess.run(["ldd", *map(str, programs)], capture_output=True, text=True, check=False)  # noqa: S607
    missing = sorted({line.split()[0] for line in asked.stdout.splitlines() if line.endswith("not found")})
    if missing:
        sys.exit(f"collect.py: the base image lacks {', '.join(missing)}, which the installed packages want.")
    for line in asked.stdout.splitlines():
        found = LIBRARY.match(line.strip().partition("=> ")[2] or line.strip())
        if found:
            yield Path(found[1])


def find_programs(folder: Path) -> list[Path]:
    """List the shared libraries below a folder."""
    return sorted(path for path in folder.rglob("*.so*") if path.is_file() and path.read_bytes()[:4] == b"\x7fELF")


def record_packages(collector: Collector) -> None:
    """Write what scanners and lawyers ask for: the entry, the checksums and the licence of each package."""
    owners: dict[Path, str] = {}
    for listing in (DPKG / "info").glob("*.list"):
        package = listing.name.removesuffix(".list").partition(":")[0]
        # Old packages list /lib, which is a link to /usr/lib today.
        owners |= {Path(line).parent.resolve() / Path(line).name: package for line in listing.read_text().split("\n")}
    packages = {owners[path] for path in collector.taken if path in owners} | set(PACKAGES)
    folder = collector.destination / "var/lib/dpkg/status.d"
    folder.mkdir(parents=True)
    for entry in (DPKG / "status").read_text().split("\n\n"):
        name = re.match(r"\s*Package: (\S+)", entry)
        if name and name[1] in packages:
            (folder / name[1]).write_text(entry.strip() + "\n")
            collector.take(Path("/usr/share/doc") / name[1] / "copyright")


def main(destination: Path, environment: Path) -> None:
    """Collect the interpreter, its standard library, and the libraries that it and an environment want."""
    collector = Collector(destination)
    interpreter, library = Path(sys.executable), Path(sysconfig.get_path("stdlib"))
    collector.take(interpreter)
    collector.take(interpreter.with_name("python3"))
    collector.take_tree(library)
    for data in ("/usr/share/zoneinfo", "/usr/lib/locale/C.utf8"):
        collector.take_tree(Path(data))
    for path in filter(os.path.lexists, map(Path, FILES)):
        collector.take(path)
    for path in find_libraries([interpreter, *find_programs(library), *find_programs(environment)]):
        if not path.is_relative_to(environment):
            collector.take(path)
    record_packages(collector)
    for name, text in ACCOUNTS.items():
        (destination / name).write_text(text)
    (destination / "tmp").mkdir(mode=0o1777)
    (destination / "tmp").chmod(0o1777)
    compiled = compileall.compile_dir(
        destination / library.relative_to("/"), stripdir=destination, prependdir="/", quiet=1, workers=0
    )
    if not compiled:
        sys.exit("collect.py: the standard library cannot be compiled.")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
