"""Search a stream of any length within bounded memory, and count its lines."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from apikeys.scanning.candidates import LONGEST, Candidate, find

CHUNK = 1024 * 1024
# A key at the edge of a chunk is found with the next one; so is what stands right before it.
_KEPT = LONGEST + 1
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


@dataclass(frozen=True, slots=True)
class Finding:
    candidate: Candidate
    where: str  # a path, or a git object with its path
    line: int  # from 1 on


def search(stream: BinaryIO, where: str) -> Iterator[Finding]:
    """Each key in the stream, once a place. Reads UTF-16 where a byte order mark tells of it."""
    kept, line, decoder = b"", 1, None
    told = 0  # bytes at the beginning of the data that were looked at with the last chunk
    first = True
    while True:
        chunk = stream.read(CHUNK)
        last = not chunk
        if first and chunk[:2] in _UTF_16:
            decoder = codecs.getincrementaldecoder(_UTF_16[chunk[:2]])("replace")
        first = False
        data = kept + (decoder.decode(chunk).encode("utf-8", "replace") if decoder else chunk)
        # What begins in the last bytes may go on in the next chunk: left for then.
        end = len(data) if last else max(0, len(data) - _KEPT)
        for candidate in find(data):
            if told <= candidate.offset < end:
                yield Finding(candidate, where, line + data.count(b"\n", 0, candidate.offset))
        if last:
            return
        # One byte before the edge is kept, too, so that a longer word is known as one.
        begin = max(0, end - 1)
        told = end - begin
        line += data.count(b"\n", 0, begin)
        kept = data[begin:]
