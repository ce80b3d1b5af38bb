"""Windows of a real Chromium, which must ask this machine only and complain of nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from odd import pack_odd, pack_wide
from playwright.sync_api import Browser
from windows import Window, chromium


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_window(browser):
    """Open a page in a window with its own options; see afterwards that it asked this machine only and was content."""
    windows: list[Window] = []

    def start(url: str, **options: object) -> Window:
        context = browser.new_context(**{"viewport": {"width": 1100, "height": 800}, **options})
        window = Window(context)
        windows.append(window)
        window.page.goto(url)
        return window

    yield start
    for window in windows:
        window.page.context.close()
        assert window.complaints == []
        assert {urlsplit(address).hostname for address in window.asked} == {"127.0.0.1"}


@pytest.fixture(scope="session")
def odd(serve_for_all, bundles):
    return serve_for_all(pack_odd(bundles / "odd")).ready()


@pytest.fixture(scope="session")
def wide(serve_for_all, bundles):
    return serve_for_all(pack_wide(bundles / "wide", 64)).ready()


@pytest.fixture(scope="session")
def pictures() -> Path:
    """The folder for screenshots: the one of the documentation if that is asked for."""
    folder = Path(os.environ.get("SCREENSHOTS") or "build/screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
