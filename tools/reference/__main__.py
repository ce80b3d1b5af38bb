"""``python -m tools.reference`` writes docs/reference/settings.md from the settings class."""

from __future__ import annotations

from pathlib import Path

from tools.reference.settings import settings_page

PAGE = Path("docs/reference/settings.md")

PAGE.write_text(settings_page())
