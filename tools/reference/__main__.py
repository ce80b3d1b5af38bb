"""``python -m tools.reference`` writes the pages and the picture that are made from the code or from a source."""

from __future__ import annotations

from pathlib import Path

from tools.reference.architecture import architecture_page, overview
from tools.reference.settings import settings_page

Path("docs/reference/settings.md").write_text(settings_page())
Path("docs/architecture.md").write_text(architecture_page(Path("service")))
Path("docs/images/overview.svg").write_text(overview())
