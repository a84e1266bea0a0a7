"""What a step puts together of the values of many items, within a bound for all of them."""

from typing import Any

import orjson

from dynamic.flow.problems import StepFailed

MOST = 64 * 2**20  # bytes as JSON


class Gathering:
    def __init__(self) -> None:
        self._size = 0

    def add(self, value: Any) -> None:
        """Count a JSON value. Raises StepFailed where all together are too large."""
        self._size += len(orjson.dumps(value))
        if self._size > MOST:
            raise StepFailed(f"The list that it makes is larger than {MOST // 2**20} MiB.")
