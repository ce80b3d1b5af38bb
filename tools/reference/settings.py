"""The page of all settings."""

from __future__ import annotations

from pathlib import Path

from pydantic.fields import FieldInfo

from service.settings import Settings

HEAD = """\
# Settings

Each setting is an environment variable. On Kubernetes the chart sets them: `config.drainSeconds` becomes
`ML_API_DRAIN_SECONDS`. An invalid environment stops the start with one line for each problem. `make reference` writes
this page.

| variable | default | what |
|---|---|---|
"""


def settings_page() -> str:
    """Write the page."""
    return HEAD + "".join(_row(name, field) for name, field in Settings.model_fields.items())


def _row(name: str, field: FieldInfo) -> str:
    default = field.get_default()
    shown = (
        str(default).lower() if isinstance(default, bool) else str(default) if isinstance(default, Path) else default
    )
    return f"| `ML_API_{name.upper()}` | {f'`{shown}`' if shown not in {'', None} else ''} | {field.description} |\n"
