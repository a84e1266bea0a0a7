"""The looks a page has: the system's colours, and the width of the window."""

from collections.abc import Iterator
from typing import Literal

from playwright.sync_api import Page, ViewportSize

Scheme = Literal["light", "dark"]

SCHEMES: list[Scheme] = ["light", "dark"]
WINDOWS: dict[str, ViewportSize] = {
    "desktop": {"width": 1280, "height": 800},
    "phone": {"width": 390, "height": 844},
}


def in_every_look(page: Page) -> Iterator[str]:
    """Give the page one look after the other, and tell which. The last is the dark phone's."""
    for scheme in SCHEMES:
        # Without motion, or colours would be measured on their way from one scheme to the other.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for window, size in WINDOWS.items():
            page.set_viewport_size(size)
            yield f"{scheme} {window}"
