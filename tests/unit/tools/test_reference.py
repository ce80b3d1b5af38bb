from pathlib import Path

from tools.reference.settings import settings_page

ROOT = Path(__file__).parents[3]


def test_the_page_of_settings_is_as_the_code_says():
    """The page of settings is what `make reference` writes."""
    assert settings_page() == (ROOT / "docs/reference/settings.md").read_text()
