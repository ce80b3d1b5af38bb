"""Command line: ``python -m tools.schemas DIRECTORY KUBERNETES_VERSION...`` writes them, for versions such as 1.37."""

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
# The custom resources that the chart renders.
DEFINITIONS = {
    "github.com/prometheus-operator/prometheus-operator": (
        "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml",
        "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml",
    ),
    "sigs.k8s.io/gateway-api": ("config/crd/standard/gateway.networking.k8s.io_httproutes.yaml",),
    "github.com/kedacore/keda/v2": ("config/crd/bases/keda.sh_scaledobjects.yaml",),
}


def export_kubernetes(version: str, directory: Path) -> int:
    """Copy the strict schemas of one Kubernetes version (major.minor), their references made relative."""
    source = files("kubernetes_validate") / "kubernetes-json-schema" / f"v{version}.0-local-strict"
    if not source.is_dir():
        sys.exit(f"kubernetes-validate has no schemas for Kubernetes {version}: choose a version it ships.")
    target = directory / f"v{version}.0-standalone-strict"
    target.mkdir(parents=True, exist_ok=True)
    count = 0
    for item in source.iterdir():
        schema = json.loads(item.read_text(encoding="utf-8").replace('"/api/_definitions.json#', '"_definitions.json#'))
        schema.pop("$id", None)
        (target / item.name).write_text(json.dumps(schema), encoding="utf-8")
        count += 1
    return count


def strict(schema: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Turn a structural schema of a custom resource into a JSON schema that refuses unknown fields."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    converted = {
        key: {name: strict(item) for name, item in value.items()} if key == "properties" else strict(value)
        for key, value in schema.items()
    }
    is_open = schema.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in schema
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object" and not is_open:
        converted["additionalProperties"] = False
    return converted


def export_definition(definition: dict[str, Any], directory: Path) -> int:
    """Write one file for each served version of a CustomResourceDefinition."""
    spec = definition["spec"]
    folder = directory / spec["group"]
    folder.mkdir(parents=True, exist_ok=True)
    served = [version for version in spec["versions"] if version["served"]]
    for version in served:
        schema = strict(version["schema"]["openAPIV3Schema"])
        # The API server checks the metadata itself; a definition names it without fields.
        schema["properties"]["metadata"] = {"type": "object", "required": ["name"]}
        name = f"{spec['names']['kind'].lower()}_{version['name']}.json"
        (folder / name).write_text(json.dumps(schema), encoding="utf-8")
    return len(served)


def module_directories() -> dict[str, Path]:
    """Return where the Go command unpacked each pinned module, downloading what is missing."""
    command = ["go", "mod", "download", "-json", *DEFINITIONS]
    result = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    if result.returncode:
        sys.exit(f"go mod download failed in {HERE}: {result.stdout}{result.stderr}")
    decoder, directories, rest = json.JSONDecoder(), {}, result.stdout.strip()
    while rest:
        module, end = decoder.raw_decode(rest)
        directories[module["Path"]] = Path(module["Dir"])
        rest = rest[end:].lstrip()
    return directories


def export_custom_resources(directory: Path) -> int:
    """Write the schemas of the custom resources that the chart renders."""
    roots = module_directories()
    paths = [roots[module] / name for module, names in DEFINITIONS.items() for name in names]
    return sum(export_definition(yaml.safe_load(path.read_text(encoding="utf-8")), directory) for path in paths)


def main(directory: Path, versions: list[str]) -> None:
    """Write all schemas below the directory and say how many."""
    kubernetes = sum(export_kubernetes(version, directory) for version in versions)
    custom = export_custom_resources(directory)
    sys.stdout.write(f"schemas: {kubernetes} of Kubernetes {', '.join(versions)}, {custom} of custom resources\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
