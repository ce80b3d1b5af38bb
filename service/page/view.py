"""What the templates show of a model."""

from __future__ import annotations

import json
from importlib.metadata import version as version_of
from typing import Any

from service.bundle.manifest import Manifest
from service.bundle.signature import Signature
from service.engine.model import ServedModel
from service.page.fields import fields_of
from service.protocols.asking import example_rows


def view_of(model: ServedModel) -> dict[str, Any]:
    """Give the variables of the page of a model."""
    manifest = model.manifest
    fields = fields_of(manifest)
    return {
        "manifest": manifest,
        "sha256": model.sha256,
        "fields": fields,
        "rows": "" if fields else json.dumps(example_rows(manifest)[:1], ensure_ascii=False),
        "is_named": len(manifest.inputs) > 1,
        "classes": _classes(manifest.signature),
        "script_data": json.dumps(_script_data(manifest)),
        "version": version_of("ml-api"),
    }


def _classes(signature: Signature) -> list[Any]:
    return next((list(spec.labels) for spec in signature.outputs if spec.labels), [])


def _script_data(manifest: Manifest) -> dict[str, Any]:
    """Give what the script needs to write requests and to name the columns of answers."""
    return {
        "name": manifest.name,
        "features": manifest.signature.features,
        "inputs": [
            {
                "name": spec.name,
                "datatype": spec.datatype,
                "dimensions": len(spec.shape),
                "isMatrix": bool(spec.features),
            }
            for spec in manifest.inputs
        ],
        "outputs": [{"name": spec.name, "labels": spec.labels} for spec in manifest.outputs],
    }
