"""Copies of example values, cut so that one can read them and that a source cannot blow up.

A small document can point to one large example a thousand times; so the copies share an
allowance, and once it is used up there are no more samples.
"""

from typing import Any

from dynamic.importing.credentials import is_secret

MOST_ITEMS = 3  # of a list: a sample shows what an item looks like
LONGEST_TEXT = 1000
MOST_VALUES = 2000  # of one sample
MOST_LEVELS = 20
MASK = "***"


class Allowance:
    """How much may still be copied for one source, in values and in characters of text."""

    def __init__(self, values: int = 300_000, characters: int = 8_000_000) -> None:
        self._values = values
        self._characters = characters

    def spend(self, values: int = 0, characters: int = 0) -> bool:
        self._values -= values
        self._characters -= characters
        return self._values >= 0 and self._characters >= 0


class _TooLarge(Exception):
    """The value has more parts than a sample should."""


def sample_of(value: Any, allowance: Allowance) -> Any:
    """Copy an example: long lists and texts cut, texts with a secret's name masked.

    Gives None when the value is too large for a sample, or the allowance is used up.
    """
    try:
        return _Copy(allowance).make(value, 0)
    except _TooLarge:
        return None


class _Copy:
    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._left = MOST_VALUES

    def make(self, value: Any, level: int) -> Any:
        self._left -= 1
        if self._left < 0 or level > MOST_LEVELS or not self._allowance.spend(values=1):
            raise _TooLarge
        match value:
            case str():
                return self._text(value)
            case list():
                return [self.make(item, level + 1) for item in value[:MOST_ITEMS]]
            case dict():
                return {
                    self._text(key): (
                        MASK
                        if isinstance(item, str) and item and is_secret(key)
                        else self.make(item, level + 1)
                    )
                    for key, item in value.items()
                }
        return value

    def _text(self, text: str) -> str:
        cut = text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
        if not self._allowance.spend(characters=len(cut)):
            raise _TooLarge
        return cut
