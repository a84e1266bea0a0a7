"""Sets of HTTP statuses, as people write them: `200-299, 404`."""

import re

_PART = re.compile(r"([1-5][0-9]{2})(?:\s*-\s*([1-5][0-9]{2}))?")

SUCCESSFUL = frozenset(range(200, 300))  # RFC 9110 section 15.3


def parse_statuses(text: str) -> frozenset[int]:
    """Read statuses and ranges of them, with commas between; nothing is the empty set.

    Raises ValueError with a sentence that repeats what cannot be read.
    """
    statuses: set[int] = set()
    for part in filter(None, map(str.strip, text.split(","))):
        match = _PART.fullmatch(part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if first > last:
            raise ValueError(
                f"{part[:40]!r} is no status from 100 to 599 and no range such as 200-299."
            )
        statuses.update(range(first, last + 1))
    return frozenset(statuses)
