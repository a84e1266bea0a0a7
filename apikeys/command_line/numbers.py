"""Whole numbers on the command line, within bounds."""

from argparse import ArgumentTypeError
from collections.abc import Callable


def number(lowest: int, highest: int) -> Callable[[str], int]:
    """A `type` for argparse, which answers what is not within the bounds with exit code 2."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not lowest <= int(text) <= highest:
            raise ArgumentTypeError(f"{text!r} is not a whole number from {lowest} to {highest}")
        return int(text)

    return read
