"""Failed authentications by address: beyond the limit, 429 instead of one more guess.

Only failures count, and a key that a worker already knows is not slowed by its neighbour's: the
limit is asked before the database, never before a warm key. (`limits`, in this worker's memory.)
"""

import ipaddress
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

LIMIT = RateLimitItemPerMinute(120)


class TooMany(Exception):
    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many failed attempts; again in {retry_after} s")
        self.retry_after = retry_after  # seconds


class FailedAttempts:
    def __init__(self) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def check(self, address: str) -> None:
        """Raise `TooMany` where this address has failed too often within the minute."""
        if not self._limiter.test(LIMIT, _who(address)):
            stats = self._limiter.get_window_stats(LIMIT, _who(address))
            raise TooMany(max(1, round(stats.reset_time - time.time())))

    def count(self, address: str) -> None:
        self._limiter.hit(LIMIT, _who(address))


def _who(address: str) -> str:
    """An IPv6 customer holds a /64, any address of which it may use."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if ip.version == 6:
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return address
