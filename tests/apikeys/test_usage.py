"""When a key was last used: at most one write a minute, from however many workers."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from apikeys import records, usage
from apikeys.models import Key, KeyUse
from apikeys.usage import Usage
from apikeys.verify import Caller

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PIPE = "a" * 24


@pytest.fixture
def key(alice):
    return Key.objects.issue(alice, "K", "access_token", 0)[0]


@pytest.fixture
def caller(key):
    return Caller(records.load(key.public_id), "query", "10.1.2.3")


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def now():
    return datetime.now(UTC)


def write(uses, **options):
    return usage.write(uses.take(), now=now(), **options)


def test_it_hands_over_one_use_for_many_calls(caller):
    uses = Usage()
    for _ in range(50):
        uses.note(caller, "GET")
    (use,) = uses.take()
    assert use.count == 50
    uses.note(caller, "GET")
    assert uses.take() == []


def test_it_writes_time_address_place_and_purpose(caller):
    uses = Usage()
    uses.note(caller, "GET", PIPE)
    uses.note(caller, "POST", "b" * 24)
    write(uses)
    use = KeyUse.objects.get()
    assert (use.address, use.place, use.count) == ("10.1.2.3", "query", 2)
    assert set(use.pipes) == {PIPE, "b" * 24}
    assert use.read_at
    assert use.write_at


def test_it_tells_of_the_first_use_once(caller, key, clock):
    for _ in range(2):
        uses = Usage()
        uses.note(caller, "GET")
        write(uses)
        clock.shift(61)
    assert list(key.events.values_list("kind", "address")) == [
        ("created", None),
        ("first_used", "10.1.2.3"),
    ]
    assert key.notices.filter(kind="first_used").count() == 1


def test_it_keeps_the_last_five_addresses(key, clock):
    for number in (1, 2, 3, 4, 5, 6, 7, 3):
        caller = Caller(records.load(key.public_id), "header", f"10.0.0.{number}")
        uses = Usage()
        uses.note(caller, "GET")
        write(uses)
        clock.shift(61)
    seen = [item["address"] for item in KeyUse.objects.get().addresses]
    assert seen == [f"10.0.0.{number}" for number in (3, 7, 6, 5, 4)]


def test_it_keeps_the_last_five_addresses_of_one_minute(key):
    uses = Usage()
    for number in (1, 2, 3, 4, 5, 6, 7, 3):
        uses.note(Caller(records.load(key.public_id), "header", f"10.0.0.{number}"), "GET")
    write(uses)
    seen = [item["address"] for item in KeyUse.objects.get().addresses]
    assert seen == [f"10.0.0.{number}" for number in (3, 7, 6, 5, 4)]


def test_it_writes_once_a_minute_for_all_workers_together(caller, clock):
    written = []
    for seconds in (0, 30, 31, 10):
        clock.shift(seconds)
        worker = Usage()  # another worker each time, which remembers nothing
        worker.note(caller, "GET")
        write(worker)
        written.append((KeyUse.objects.get().noted_at - NOON).seconds)
    assert written == [0, 0, 61, 61]


def test_it_loses_no_count_when_it_has_to_wait(caller, clock):
    one, other = Usage(), Usage()
    one.note(caller, "GET")
    write(one)
    for _ in range(7):
        other.note(caller, "GET")
    (use,) = other.take()
    clock.shift(20)
    waiting = usage.write([use], now=now())
    assert waiting == {caller.record.public_id: 40.0}
    other.give_back(use, 0)
    other.note(caller, "GET")
    clock.shift(45)
    usage.write(other.take(everything=True), now=now())
    assert KeyUse.objects.get().count == 9


def test_it_writes_all_of_it_when_the_server_stops(caller, clock):
    one, other = Usage(), Usage()
    one.note(caller, "GET")
    write(one)
    other.note(caller, "GET")
    usage.write(other.take(everything=True), now=now(), everything=True)
    assert KeyUse.objects.get().count == 2


def test_it_never_goes_back_in_time(caller, clock):
    late = Usage()
    late.note(caller, "GET")
    clock.shift(120)
    soon = Usage()
    soon.note(caller, "GET")
    write(soon)
    clock.shift(61)
    write(late)
    use = KeyUse.objects.get()
    assert use.last_used_at == NOON + timedelta(seconds=120)
    assert use.count == 2


def test_it_forgets_a_key_that_was_deleted_meanwhile(caller):
    uses = Usage()
    uses.note(caller, "GET")
    Key.objects.all().delete()
    write(uses)
    assert not KeyUse.objects.exists()
