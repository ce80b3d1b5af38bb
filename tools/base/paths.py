"""Where things are in the checkout."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "charts" / "ml-api"
# What `make push` and `make load` made: values of the chart, in JSON, which is YAML too.
IMAGE_RECORD = ROOT / "build" / "image.json"
