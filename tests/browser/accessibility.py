"""Whether people can read and use a page: axe-core's rules, and no sideways scrolling."""

from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.appearance import in_every_look

# Each scheme's colours and each window's layout are judged once: the rules are the longest part.
JUDGED = {"light desktop", "dark phone"}


def assert_accessible(page: Page) -> None:
    """In every look; the page keeps the last of them, a phone's."""
    # Evaluated through the debugger, where the page's CSP does not apply.
    page.evaluate(Axe().axe_script)
    for look in in_every_look(page):
        assert not is_too_wide(page), f"{look}: it is too wide."
        if look in JUDGED:
            results = AxeResults(page.evaluate("axe.run({resultTypes: ['violations']})"))
            assert results.violations_count == 0, f"{look}: {results.generate_snapshot()}"


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))
