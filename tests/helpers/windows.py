"""A real Chromium, and windows that tell what they asked for and complained of."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from running import PATIENCE

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
REFUSED = re.compile(r"Failed to load resource: the server responded with a status of (400|503)")
"""What Chromium itself writes to the console when the server says no."""
VIOLATIONS = "document.addEventListener('securitypolicyviolation', (e) => console.error('violation', e.blockedURI));"


@contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    """Run the machine's Chromium."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    assert program, "these tests want a Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*FLAGS, *flags])
        yield browser
        browser.close()


class Window:
    """A window of the browser.

    Attributes:
        page: What it shows.
        asked: The address of each request.
        complaints: What the console holds, violations of the Content-Security-Policy among it.
    """

    def __init__(self, context: BrowserContext) -> None:
        context.set_default_timeout(PATIENCE * 1000 / 4)
        context.add_init_script(VIOLATIONS)
        self.page: Page = context.new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self._complain(message.text))
        self.page.on("pageerror", lambda error: self._complain(str(error)))
        self.page.on("dialog", lambda dialog: self._complain(f"a dialog: {dialog.message}"))

    def _complain(self, text: str) -> None:
        if not REFUSED.match(text):
            self.complaints.append(text)

    def predict(self) -> str:
        """Press the button, and give what the answer says."""
        with self.page.expect_response(re.compile("/predict")):
            self.page.get_by_role("button", name="Predict").click()
        self.page.wait_for_selector("#result[aria-busy=false]")
        return self.page.locator("#result").inner_text()
