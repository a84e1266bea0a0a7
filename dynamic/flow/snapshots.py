"""A copy of a trace while its run goes on, for another thread to read.

The entries and lists of steps are copied, since the run adds to them. What entries hold of values,
requests and responses is never changed, and is shared.
"""

from collections import deque
from typing import Any

from dynamic.flow.exchange import Entry

MOST = 1000  # entries, those of items of loops included
_INSIDE = ("items", "steps", "then")


def snapshot(trace: list[Entry], most: int = MOST) -> list[Any]:
    """The steps so far, the outer ones first, and of those inside of others the newest.

    Where they are too many, a text stands for the rest of a list, as in a stored trace.
    """
    copy: list[Any] = []
    waiting = deque([(trace, copy)])
    while waiting:
        entries, into = waiting.popleft()
        taken = entries[: max(most, 0)]
        most -= len(taken)
        into.extend(map(dict, taken))
        for entry in reversed(into):
            for part in _INSIDE:
                if part in entry:
                    waiting.append((entry[part], []))
                    entry[part] = waiting[-1][1]
        if len(taken) < len(entries):
            into.append(f"… and {len(entries) - len(taken)} more")
    return copy
