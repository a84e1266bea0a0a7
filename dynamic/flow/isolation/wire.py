"""What the two sides of a helper's pipes say to each other: JSON texts, each after its length."""

import struct
from typing import IO

_LENGTH = struct.Struct("<Q")


def write(stream: IO[bytes], text: bytes) -> None:
    """Raises BrokenPipeError where the other side is gone."""
    stream.write(_LENGTH.pack(len(text)))
    stream.write(text)
    stream.flush()


def read(stream: IO[bytes]) -> bytes | None:
    """Give the next text, or None where the other side is gone."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    text = stream.read(length)
    return text if len(text) == length else None
