"""Whether people can read and use a page: axe-core's rules, and no sideways scrolling."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def assert_accessible(page: Page) -> None:
    # Axe.run evaluates the script through the debugger, where the page's CSP does not apply.
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_snapshot()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), "It is too wide."
