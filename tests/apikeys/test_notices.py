"""Mails about keys: each once, in time, and none that nags."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from apikeys import denials, notices
from apikeys.models import Key, Notice

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def sent():
    """The subjects of the mails that went since the last look."""
    notices.send_due()
    subjects = [message.subject for message in mail.outbox]
    mail.outbox.clear()
    return subjects


def key_of(owner, days, **fields):
    key, _ = Key.objects.issue(owner, "ERP & “Söhne”", "access_token", days, **fields)
    Notice.objects.all().delete()
    return key


def test_it_tells_that_a_key_was_made_once(alice):
    key, text = Key.objects.issue(alice, "Bob's & mine", "access_token", 1)
    notices.send_due()
    (message,) = mail.outbox
    assert message.to == ["alice@example.com"]
    assert message.subject == "A key was made: Bob's & mine"
    assert f"/account/api-keys/{key.public_id}/" in message.body
    assert text[15:] not in message.body
    assert notices.send_due() == 0


def test_it_lets_no_name_write_into_the_head_of_a_mail(alice):
    Key.objects.issue(alice, "A\nBcc: eve@example.com", "access_token", 1)
    notices.send_due()
    assert mail.outbox[0].subject == "A key was made: A Bcc: eve@example.com"
    assert mail.outbox[0].recipients() == ["alice@example.com"]


def test_it_tells_30_7_and_1_days_before_the_end(alice, clock):
    key_of(alice, 90)
    seen = []
    for _ in range(95):
        for subject in sent():
            seen.append((subject.partition(":")[0], (datetime.now(UTC) - NOON).days))
        clock.shift(timedelta(days=1))
    assert seen == [
        ("A key expires in 30 days", 60),
        ("A key expires in 7 days", 83),
        ("A key expires tomorrow", 89),
    ]


def test_it_tells_only_the_nearest_where_several_are_due(alice, clock):
    key_of(alice, 90)
    clock.shift(timedelta(days=85))
    assert [subject.partition(":")[0] for subject in sent()] == ["A key expires in 7 days"]
    assert sent() == []


@pytest.mark.parametrize(
    ("days", "after", "subjects"), [(5, 0, 0), (7, 1, 0), (5, 4, 1), (1, 0, 0)]
)
def test_it_does_not_announce_what_is_short_anyhow(alice, clock, days, after, subjects):
    key_of(alice, days)
    clock.shift(timedelta(days=after))
    assert len(sent()) == subjects


def test_it_does_not_nag_about_keys_that_are_settled(alice, bob, clock):
    revoked, replaced = key_of(alice, 31), key_of(alice, 31)
    revoked.revoke(alice)
    replaced.rotate(alice, grace_hours=168, days=0)
    key_of(bob, 31)
    bob.is_active = False
    bob.save()
    key_of(alice, 0)
    clock.shift(timedelta(days=5))
    assert sent() == []


def test_it_tells_of_use_after_the_grace(alice):
    key = key_of(alice, 31)
    key.rotate(alice, grace_hours=0)
    Notice.objects.all().delete()
    denial = denials.Denial(key.public_id, "replaced", "a" * 32, "", "", timezone.now())
    denials.write([denial, denial])
    assert [subject.partition(":")[0] for subject in sent()] == [
        "A key that was replaced is still in use"
    ]
    denials.write([denial])
    assert sent() == []


@pytest.mark.parametrize("kind", Notice.Kind.values)
def test_it_has_words_for_every_kind(alice, kind):
    key = key_of(alice, 31)
    key.grace_ends_at = timezone.now()
    key.save()
    Notice.objects.create(key=key, kind=kind)
    notices.send_due()
    body = mail.outbox[0].body
    assert key.prefix in body
    assert "{" not in body
    assert "ERP & “Söhne”" in body


def test_it_keeps_what_could_not_be_sent(alice, settings):
    Key.objects.issue(alice, "K", "access_token", 1)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert notices.send_due() == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert notices.send_due() == 1
