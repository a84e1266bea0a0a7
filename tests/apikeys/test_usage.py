"""When a key was last used: at most one write a minute, from however many workers."""

from datetime import UTC, datetime

import pytest
import time_machine

from apikeys import records, usage
from apikeys.models import Key, KeyUse
from apikeys.usage import Usage
from apikeys.verify import Caller


@pytest.fixture
def caller(alice):
    key, _ = Key.objects.issue(alice, "K", "access_token", 1)
    return Caller(records.load(key.public_id), "query", "10.1.2.3")


def test_it_hands_over_one_use_for_many_calls(caller):
    uses = Usage()
    for _ in range(50):
        uses.note(caller)
    assert len(uses.take()) == 1
    uses.note(caller)
    assert uses.take() == []


def test_it_writes_time_address_and_place(caller):
    uses = Usage()
    uses.note(caller)
    usage.write(uses.take())
    use = KeyUse.objects.get()
    assert (use.address, use.place) == ("10.1.2.3", "query")


def test_it_writes_once_a_minute_for_all_workers_together(caller):
    with time_machine.travel(datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC), tick=False) as clock:
        for seconds, written in ((0, 0), (30, 0), (31, 61), (10, 61)):
            clock.shift(seconds)
            worker = Usage()  # another worker each time, which remembers nothing
            worker.note(caller)
            usage.write(worker.take())
            begin = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
            assert (KeyUse.objects.get().last_used_at - begin).seconds == written


def test_it_forgets_a_key_that_was_deleted_meanwhile(caller):
    uses = Usage()
    uses.note(caller)
    Key.objects.all().delete()
    usage.write(uses.take())
    assert not KeyUse.objects.exists()
