"""How often: failed authentications by address, calls by key and by pipe.

Counted by the library `limits`, in this process's memory, or in Redis, where all workers count
together (INTEGRATOR_REDIS_URL). Limits are a brake and not the lock: while Redis cannot be asked,
this process counts alone.

A window begins with its first count. A test before a count is not enough to bound what runs at
once, so `hit` counts and tells in one step.
"""

import ipaddress
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter

FAILED = RateLimitItemPerMinute(120, namespace="failed")  # by address
REPORTS = RateLimitItemPerMinute(60, namespace="reports")  # of leaked keys, by address

_WITHOUT_REDIS = 10.0  # seconds before it is asked again

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Window:
    """Where somebody stands with a limit."""

    name: str
    allowed: bool
    limit: int
    remaining: int
    seconds: int  # until the window ends
    period: int  # seconds

    def headers(self) -> dict[str, str]:
        """draft-ietf-httpapi-ratelimit-headers-10; with Retry-After where nothing is left."""
        headers = {
            "RateLimit-Policy": f'"{self.name}";q={self.limit};w={self.period}',
            "RateLimit": f'"{self.name}";r={self.remaining};t={self.seconds}',
        }
        return headers if self.allowed else headers | {"Retry-After": str(self.seconds)}


class TooMany(Exception):
    """The limit is reached; `code` and the text are for the caller."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.code = "too_many_calls" if window.name in {"key", "pipe"} else "too_many_attempts"
        what = {
            "key": "This key may make {limit} calls a minute",
            "pipe": "This pipe takes {limit} calls a minute, of all callers together",
            "failed": "Too many failed attempts from this address",
            "reports": "Too many reports from this address",
        }[window.name].format(limit=window.limit)
        super().__init__(f"{what}; try again in {window.seconds} s.")


def calls_of_key(calls_per_minute: int) -> RateLimitItem:
    return RateLimitItemPerMinute(calls_per_minute, namespace="key")


def calls_of_pipe(calls_a_minute: int) -> RateLimitItem:
    return RateLimitItemPerMinute(calls_a_minute, namespace="pipe")


def network_of(address: str) -> str:
    """Who counts as one: an IPv4 address; a /64 of IPv6, any address of which one customer has."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if ip.version == 6:
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return address


class Limits:
    """One a process. With Redis each answer is a round trip, to be waited for off the loop."""

    def __init__(self, redis_url: str = "") -> None:
        self.memory = FixedWindowRateLimiter(MemoryStorage())
        self._redis = (
            FixedWindowRateLimiter(
                RedisStorage(
                    redis_url, wrap_exceptions=True, socket_timeout=0.5, socket_connect_timeout=0.5
                )
            )
            if redis_url
            else None
        )
        self._redis_again = 0.0  # monotonic time from which Redis may be asked

    @property
    def at_once(self) -> bool:
        """Whether an answer waits for nothing."""
        return self._redis is None

    def hit(self, item: RateLimitItem, who: str) -> Window:
        """Count one, and tell."""
        return self._ask(item, who, lambda limiter: limiter.hit(item, who))

    def look(self, item: RateLimitItem, who: str) -> Window:
        """Tell whether one more would be allowed, and count nothing."""
        return self._ask(item, who, lambda limiter: limiter.test(item, who))

    def _ask(
        self, item: RateLimitItem, who: str, ask: Callable[[FixedWindowRateLimiter], bool]
    ) -> Window:
        if self._redis and time.monotonic() >= self._redis_again:
            try:
                return _window(self._redis, item, who, ask(self._redis))
            except StorageError as error:
                self._redis_again = time.monotonic() + _WITHOUT_REDIS
                log.warning("Redis cannot be asked; this process counts alone: %s", error)
        return _window(self.memory, item, who, ask(self.memory))


def _window(
    limiter: FixedWindowRateLimiter, item: RateLimitItem, who: str, allowed: bool
) -> Window:
    stats = limiter.get_window_stats(item, who)
    seconds = max(1, math.ceil(stats.reset_time - time.time()))
    return Window(item.namespace, allowed, item.amount, stats.remaining, seconds, item.get_expiry())


LIMITS = Limits(settings.REDIS_URL)
