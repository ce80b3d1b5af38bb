from pathlib import Path

from tools.reference.architecture import architecture_page
from tools.reference.picture import picture
from tools.reference.settings import settings_page

ROOT = Path(__file__).parents[3]


def test_the_page_of_settings_is_as_the_code_says():
    """The page of settings is what `make reference` writes."""
    assert settings_page() == (ROOT / "docs/reference/settings.md").read_text()


def test_the_picture_of_the_architecture_shows_the_imports_that_there_are():
    """The page of the architecture is what `make reference` writes."""
    assert architecture_page(ROOT / "service") == (ROOT / "docs/architecture.md").read_text()


def test_the_overview_is_drawn_from_its_source():
    """The picture in the README is what `make reference` draws."""
    source = ROOT / "docs/images/overview.toml"
    assert picture(source.read_text()) == source.with_suffix(".svg").read_text()
