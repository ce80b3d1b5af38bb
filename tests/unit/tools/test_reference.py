import gc
from pathlib import Path

import pytest

from tools.reference.architecture import architecture_page
from tools.reference.asking import Asked, ask
from tools.reference.commands import commands_page
from tools.reference.endpoints import endpoints_page
from tools.reference.make import make_page
from tools.reference.metrics import metrics_page
from tools.reference.picture import picture
from tools.reference.settings import settings_page

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def asked(iris_bundle) -> Asked:
    """What an application with a model tells of itself; it changes how this process collects garbage."""
    thresholds = gc.get_threshold()
    told = ask(iris_bundle)
    gc.unfreeze()
    gc.set_threshold(*thresholds)
    return told


def test_the_page_of_settings_is_as_the_code_says():
    """The page of settings is what `make reference` writes."""
    assert settings_page() == (ROOT / "docs/reference/settings.md").read_text()


def test_the_page_of_metrics_is_as_an_application_tells(asked):
    """The page of metrics is what `make reference` writes."""
    assert metrics_page(asked) == (ROOT / "docs/reference/metrics.md").read_text()


def test_the_page_of_metrics_leaves_out_nothing_that_is_told(asked):
    told = {line.split()[2] for line in asked.metrics.splitlines() if line.startswith("# TYPE")}
    page = metrics_page(asked)
    assert {name for name in told if f"| `{name}` |" not in page} == {
        name for name in told if name.endswith("_created")
    }


def test_the_page_of_endpoints_is_as_an_application_tells(asked):
    """The page of endpoints is what `make reference` writes."""
    assert endpoints_page(asked) == (ROOT / "docs/reference/endpoints.md").read_text()


def test_the_page_of_commands_is_the_help_of_each():
    """The page of commands is what `make reference` writes."""
    assert commands_page() == (ROOT / "docs/reference/commands.md").read_text()


def test_the_page_of_make_is_as_the_makefiles_say():
    """The page of make is what `make reference` writes."""
    assert make_page(ROOT) == (ROOT / "docs/reference/make.md").read_text()


def test_every_variable_of_make_is_explained():
    """A variable without a comment above it would leave its cell empty."""
    assert "|  |" not in make_page(ROOT)


def test_the_picture_of_the_architecture_shows_the_imports_that_there_are():
    """The page of the architecture is what `make reference` writes."""
    assert architecture_page(ROOT / "service") == (ROOT / "docs/architecture.md").read_text()


def test_the_overview_is_drawn_from_its_source():
    """The picture in the README is what `make reference` draws."""
    source = ROOT / "docs/images/overview.toml"
    assert picture(source.read_text()) == source.with_suffix(".svg").read_text()
