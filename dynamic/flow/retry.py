"""When a request is sent again, and how long to wait before."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Self

from dynamic.flow.exchange import Response, TimedOut, Unreachable, UpstreamFailed
from dynamic.flow.statuses import parse_statuses

# What comes and goes by itself: too many requests, and a gateway's troubles.
TRANSIENT = "429, 502-504"
MOST_ATTEMPTS = 10
LONGEST_WAIT = 60.0  # seconds; who is told to come back later than that gives up at once

# RFC 9110 section 9.2.2: sent twice, they do what they do once.
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})

_KEYS = {"attempts", "statuses", "wait", "every_method"}


@dataclass(frozen=True, slots=True)
class RetryRule:
    """`attempts` counts the first one. `wait` is in seconds and doubles from one to the next."""

    attempts: int = 1
    statuses: frozenset[int] = frozenset()
    wait: float = 0.5
    every_method: bool = False  # also POST and PATCH, whose work may then be done twice

    @classmethod
    def parse(cls, rule: Any) -> Self:
        """Read `{"attempts": 3, "statuses": "429, 502-504", "wait": 0.5, "every_method": false}`.

        All are optional but `attempts`; nothing means one attempt. Raises ValueError.
        """
        if not rule:
            return cls()
        if not isinstance(rule, dict) or rule.keys() - _KEYS:
            raise ValueError(f"A retry rule is an object of some of {', '.join(sorted(_KEYS))}.")
        attempts: Any = rule.get("attempts")
        wait: Any = rule.get("wait", 0.5)
        if not _is_number(attempts, int) or not 1 <= attempts <= MOST_ATTEMPTS:
            raise ValueError(f"attempts is a whole number from 1 to {MOST_ATTEMPTS}.")
        if not _is_number(wait, int, float) or not 0 <= wait <= LONGEST_WAIT:
            raise ValueError(f"wait is a number of seconds from 0 to {LONGEST_WAIT:g}.")
        if not isinstance(every := rule.get("every_method", False), bool):
            raise ValueError("every_method is true or false.")
        statuses = rule.get("statuses", TRANSIENT)
        if not isinstance(statuses, str):
            raise ValueError(f"statuses is a text such as {TRANSIENT!r}.")
        return cls(attempts, parse_statuses(statuses), float(wait), every)

    def allows(self, attempt: int, method: str) -> bool:
        """Whether another attempt may follow this one; the first is 1."""
        return attempt < self.attempts and (self.every_method or method in _IDEMPOTENT)

    def asks_for(self, result: Response | UpstreamFailed) -> bool:
        """Whether this is worth another attempt."""
        if isinstance(result, Response):
            return result.status_code in self.statuses
        return isinstance(result, (Unreachable, TimedOut))

    def delay(self, attempt: int, result: Response | UpstreamFailed) -> float | None:
        """Seconds to wait after this attempt; None where the upstream wants us to stay away longer.

        Half of it is chance, so that many who failed together do not come back together.
        """
        longest: float = min(LONGEST_WAIT, self.wait * 2.0 ** (attempt - 1))
        delay = longest / 2 + random.uniform(0, longest / 2)  # noqa: S311
        asked = retry_after(result) if isinstance(result, Response) else None
        if asked is None:
            return delay
        return max(asked, delay) if asked <= LONGEST_WAIT else None


ONCE = RetryRule()


def retry_after(response: Response) -> float | None:
    """Seconds that a `Retry-After` asks for (RFC 9110 section 10.2.3), of either form."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def _is_number(value: Any, *types: type) -> bool:
    return isinstance(value, types) and not isinstance(value, bool)
