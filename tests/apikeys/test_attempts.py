"""Beyond the limit of failed attempts an address gets 429."""

import pytest
import time_machine

from apikeys.attempts import LIMIT, FailedAttempts, TooMany


def fail(attempts, address, times):
    for _ in range(times):
        attempts.check(address)
        attempts.count(address)


def test_it_stops_an_address_at_the_limit_until_the_minute_is_over():
    with time_machine.travel("2026-01-01T12:00:00Z", tick=False) as clock:
        attempts = FailedAttempts()
        fail(attempts, "10.0.0.1", LIMIT.amount)
        with pytest.raises(TooMany) as caught:
            attempts.check("10.0.0.1")
        assert 1 <= caught.value.retry_after <= 60
        clock.shift(61)
        attempts.check("10.0.0.1")


def test_it_counts_each_address_alone():
    attempts = FailedAttempts()
    fail(attempts, "10.0.0.1", LIMIT.amount)
    attempts.check("10.0.0.2")


def test_it_counts_an_ipv6_customer_as_one():
    attempts = FailedAttempts()
    for number in range(LIMIT.amount):
        attempts.count(f"2001:db8:0:1::{number:x}")
    with pytest.raises(TooMany):
        attempts.check("2001:db8:0:1:ffff::1")
    attempts.check("2001:db8:0:2::1")
