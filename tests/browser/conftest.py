"""A real browser on the live server. A test that uses `page` also fails on anything the browser
complains about: errors in the console (breaches of the CSP among them), requests that fail, and
requests to any host but our own.
"""

import os
import shutil
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Browser, Error, Page, Request, Response, sync_playwright

from accounts.models import User
from tests.browser.appearance import WINDOWS

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Whatever a page or the browser itself asks for, nothing leaves this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


def _missing(reason: str) -> None:
    if os.environ.get("INTEGRATOR_REQUIRE_BROWSER") == "1":
        pytest.fail(f"{reason} INTEGRATOR_REQUIRE_BROWSER=1 asks for the browser tests.")
    pytest.skip(reason)


# Of the package, not of the session: while Playwright lives, its event loop counts as running in
# this thread, in which the asynchronous tests of other packages could not start theirs.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium")
    if executable is None:
        _missing("There is no chromium on the PATH.")
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        # For the same reason Django believes that the tests use the ORM inside a coroutine.
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "yes")
        try:
            browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        except Error as error:
            _missing(f"Chromium does not start: {error}")
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complains of. A test that means to cause one clears the list."""
    return []


@pytest.fixture
def page(
    browser: Browser, live_server: Any, settings: Any, complaints: list[str]
) -> Iterator[Page]:
    settings.SITE_URL = live_server.url.replace("localhost", "127.0.0.1")
    context = browser.new_context(
        base_url=settings.SITE_URL, color_scheme="light", viewport=WINDOWS["desktop"]
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    _listen(page, complaints)
    yield page
    context.close()
    # The counts of wrong passwords are in a table that no test's end empties.
    cache.clear()
    assert complaints == []


def _listen(page: Page, complaints: list[str]) -> None:
    def requested(request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme not in {"data", "blob", "about"} and url.hostname != "127.0.0.1":
            complaints.append(f"request to another host: {request.url}")

    def answered(response: Response) -> None:
        if response.status >= 400:
            complaints.append(f"{response.status} {response.url}")

    def failed(request: Request) -> None:
        # Going to the next page breaks off what the last one was still loading.
        if request.failure != "net::ERR_ABORTED":
            complaints.append(f"{request.failure} {request.url}")

    page.on("request", requested)
    page.on("response", answered)
    page.on("requestfailed", failed)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: (
            complaints.append(message.text) if message.type in {"error", "warning"} else None
        ),
    )


@pytest.fixture
def sign_in(page: Page) -> Any:
    """Sign in on the page, as a person does, and go to where the sign-in leads."""

    def sign_in(email: str, password: str) -> None:
        page.goto("/account/sign-in/")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()

    return sign_in


@pytest.fixture
def come_in(page: Page, settings: Any) -> Any:
    """Give the browser a person's session: quicker, where the sign-in is not what is tested."""

    def come_in(person: User) -> None:
        client = Client()
        client.force_login(person)
        name = settings.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client.cookies[name].value, "url": settings.SITE_URL}
        page.context.add_cookies([cookie])

    return come_in
