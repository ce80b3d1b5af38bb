"""``ml-api check``: verify a bundle as the server does before it gets ready."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.bundle.verify import Bundle, Trust, open_bundle
from service.commands.document import json_option, tell
from service.commands.findings import Finding, open_findings
from service.commands.report import bundle_facts, describe_conversion, describe_imports, inspection_facts
from service.commands.terminal import Mood
from service.errors import BundleError, DangerousModelError, ServiceError, UntrustedBundleError

if TYPE_CHECKING:
    from service.bundle.manifest import Manifest
    from service.inspection.inspect import Inspection
    from service.runtimes.base import Runtime


@click.command("check", short_help="Check a bundle, or look into a model file.")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--sha256", default="", help="Digest that the bundle must have.")
@click.option("--trust", is_flag=True, help="Load a format that executes code without a digest.")
@json_option
def check(path: Path, sha256: str, trust: bool, as_json: bool) -> None:  # click calls it
    """Check the bundle in the folder PATH: digests, imports, trust, versions, and its answer to its example.

    PATH may also be a model file, or a folder that MLflow wrote: then this tells what the file would import when it
    is loaded. That is told before anybody trusts it, and none of its code is executed.

    Exit code: 0 good; 1 not good, not trusted, or a file with unknown imports; 3 not trusted, with imports that
    no model needs, or a file that cannot be looked into.
    """
    if not path.exists():
        message = f"There is nothing at {path}: name a model file, or the folder of a bundle."
        raise BundleError(message)
    path = _model_of_mlflow(path)
    if path.is_file() or (path / "model.py").is_file():
        _check_file(path, as_json)
    else:
        _check_bundle(path, Trust(sha256, trust), as_json)


def _model_of_mlflow(path: Path) -> Path:
    """Give the model file of a folder that MLflow wrote, and what is none as it is."""
    if not (path / "MLmodel").is_file():
        return path
    from service.packing.mlflow_folder import read_mlflow  # noqa: PLC0415  # it wants the extra

    return read_mlflow(path).file


def _check_file(path: Path, as_json: bool) -> None:
    from service.inspection.inspect import inspect_file  # noqa: PLC0415  # slow, and --help needs none of it
    from service.inspection.kinds import Kind  # noqa: PLC0415
    from service.packing.source import format_of, read_model  # noqa: PLC0415

    model_format = format_of(path)
    inspection = inspect_file(read_model(path), model_format)
    tell(file=str(path), format=model_format, **inspection_facts(inspection))
    with open_findings(are_shown=not as_json) as findings:
        findings.add(*describe_imports(model_format, inspection))
    if inspection.is_dangerous:
        raise DangerousModelError(_warning(str(path), inspection))
    if model_format == "python":
        message = f"{path} is source code, which may do anything: read it before you pack it."
        raise UntrustedBundleError(message)
    if unknown := inspection.of_kind(Kind.UNKNOWN):
        message = f"{path} would import {_some(unknown)}, which ml-api does not know: load it only if you do."
        raise UntrustedBundleError(message)


def _check_bundle(folder: Path, trust: Trust, as_json: bool) -> None:
    from service.inspection.inspect import inspect  # noqa: PLC0415  # slow, and --help needs none of it
    from service.runtimes.load import load_runtime  # noqa: PLC0415

    bundle = open_bundle(folder, Trust(trust.sha256, owner=True))
    manifest = bundle.manifest
    with open_findings(are_shown=not as_json) as findings:
        findings.say(f"sha256 {bundle.sha256}{' as pinned' if trust.sha256 else ''}")
        inspection = inspect(bundle.read_model(), manifest.format)
        tell(**bundle_facts(bundle), libraries=manifest.libraries, **inspection_facts(inspection))
        findings.add(*describe_imports(manifest.format, inspection))
        findings.add(Finding("trust", _require_trust(bundle, trust, inspection)))
        runtime = load_runtime(bundle, threads=1)
        findings.add(Finding("model file", f"{manifest.file} has the digest of the manifest and loads"))
        libraries = ", ".join(f"{name} {version}" for name, version in manifest.libraries.items())
        findings.add(Finding("libraries at packing", libraries))
        findings.add(*(Finding("conversion", line) for line in describe_conversion(manifest.conversion)))
        _verify_example(runtime, manifest)
        findings.add(Finding("example", "answered as when it was packed"))
        findings.say(f"{manifest.name} {manifest.version} in {folder} is good", Mood.GOOD)


def _verify_example(runtime: Runtime, manifest: Manifest) -> None:
    from service.runtimes.example import verify_example  # noqa: PLC0415  # slow, as above

    try:
        verify_example(runtime, manifest)
    except ServiceError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever somebody's model raises
        kind = type(error).__name__
        message = f"The model {manifest.name} cannot answer the example of its manifest: {kind}: {error}."
        raise BundleError(message) from None


def _require_trust(bundle: Bundle, trust: Trust, inspection: Inspection) -> str:
    if not bundle.manifest.executes_code:
        return f"not needed, {bundle.manifest.format} executes no code"
    try:
        open_bundle(bundle.folder, trust)
    except UntrustedBundleError:
        if inspection.is_dangerous:
            raise DangerousModelError(_warning(f"The bundle in {bundle.folder}", inspection)) from None
        raise
    return "pinned by its digest" if trust.sha256 else "vouched for by --trust"


def _warning(what: str, inspection: Inspection) -> str:
    from service.inspection.kinds import Kind  # noqa: PLC0415

    if inspection.problem:
        return f"{what} cannot be looked into: {inspection.problem}; do not load it."
    return f"{what} would import {_some(inspection.of_kind(Kind.DANGEROUS))}, which no model needs: do not load it."


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")  # noqa: PLR2004
