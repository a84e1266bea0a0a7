"""The looks a page has: the system's colours, and the width of the window."""

import pytest

WINDOWS = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
LOOKS = [(scheme, window) for scheme in ("light", "dark") for window in WINDOWS]

in_every_look = pytest.mark.parametrize("look", LOOKS, indirect=True, ids="-".join)
