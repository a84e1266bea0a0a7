"""Failed runs are mailed by the rules of their pipes, once an hour for the same cause."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone
from django.utils.formats import date_format

from dynamic.models import Alert, Pipe
from dynamic.runs import alerts, failures
from dynamic.runs.alerts import MOST_AN_HOUR, send_due
from dynamic.systems.archiving import archive, restore
from tests.dynamic.history import pipe_of, run_of, stored

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SOLD_OUT = "Order 17 is sold out."


def failed(pipe, ago=MINUTE, message=SOLD_OUT, status="failed", **fields):
    return stored(run_of(pipe, ago, status=status, http_status=422, message=message, **fields))


def told(later=timedelta(0)):
    """The subjects of the mails that a look sends, so much later than now."""
    sent = send_due(timezone.now() + later)
    subjects = [message.subject for message in mail.outbox]
    assert len(subjects) == sent
    mail.outbox.clear()
    return subjects


class LookedMeanwhile(EmailBackend):
    """A mail server that is slow enough for another process to look, too."""

    def send_messages(self, messages):
        assert send_due(timezone.now() + MINUTE) == 0
        return super().send_messages(messages)


@pytest.fixture
def pipe(alice):
    return pipe_of(alice, alert_rule="any")


def test_it_tells_how_many_since_when_why_and_where(pipe, settings):
    first = failed(pipe, 9 * MINUTE, "Order 4 is sold out.", ms=0, input={"payload": "body-canary"})
    failed(pipe, answer="answer-canary")
    stored(run_of(pipe))
    assert send_due(timezone.now()) == 1
    (message,) = mail.outbox
    assert message.subject == "2 runs of Orders failed: failed"
    assert message.to == ["alice@example.com"]
    assert "2 runs of the pipe “Orders” failed" in message.body
    assert f"since {date_format(first.started_at, 'j M Y, H:i')} UTC" in message.body
    assert SOLD_OUT in message.body
    assert f"{settings.SITE_URL}/runs/?pipe={pipe.pk}&status=failed\n" in message.body
    assert "canary" not in message.body


def test_it_leads_to_the_runs(pipe, client):
    run = failed(pipe)
    send_due(timezone.now())
    client.force_login(pipe.owner)
    link = next(word for word in mail.outbox[0].body.split() if "/runs/?" in word)
    assert run.pk in client.get(link[link.index("/runs/") :]).content.decode()


def test_it_tells_a_cause_once_an_hour_with_what_came_since(pipe):
    failed(pipe, 2 * MINUTE)
    failed(pipe)
    assert told() == ["2 runs of Orders failed: failed"]
    failed(pipe, -20 * MINUTE, "Order 18 is sold out.")
    assert told(30 * MINUTE) == []
    assert send_due(timezone.now() + HOUR + MINUTE) == 1
    (message,) = mail.outbox
    assert message.subject == "1 run of Orders failed: failed"
    assert "told 2 runs." in message.body
    mail.outbox.clear()
    assert told(3 * HOUR) == []


def test_it_tells_what_came_just_after_the_last_mail(pipe):
    failed(pipe)
    assert len(told()) == 1
    failed(pipe, timedelta(seconds=-10))
    assert told(HOUR + MINUTE) == ["1 run of Orders failed: failed"]


def test_it_tells_another_cause_at_once(pipe):
    failed(pipe)
    assert len(told()) == 1
    failed(pipe, message="The shop is closed.")
    failed(pipe, status="timed_out")
    assert set(told()) == {"1 run of Orders failed: failed", "1 run of Orders failed: timed out"}


def test_it_tells_nothing_twice_while_a_mail_is_being_sent(pipe, settings):
    settings.EMAIL_BACKEND = f"{__name__}.LookedMeanwhile"
    failed(pipe)
    assert len(told()) == 1


def test_it_tells_nothing_of_an_archived_pipe(pipe):
    failed(pipe)
    archive(pipe)
    assert told() == []
    restore(pipe)
    assert len(told()) == 1


def test_it_bounds_the_mails_of_an_hour(pipe):
    for number in range(MOST_AN_HOUR + 2):
        failed(pipe, message=f"No {'x' * number}.")
    assert len(told()) == MOST_AN_HOUR
    assert told() == []


def test_it_says_when_it_has_not_seen_all(pipe, monkeypatch):
    monkeypatch.setattr(alerts, "MOST_RUNS", 2)
    for _ in range(3):
        failed(pipe)
    assert told() == ["At least 2 runs of Orders failed: failed"]


@pytest.mark.parametrize(
    ("runs", "mails"),
    [
        (["failed"] * 3, 1),
        (["failed", "timed_out", "upstream_failed"], 3),
        (["failed"] * 2, 0),
        (["failed"] * 5 + ["success"], 0),
        (["failed"] * 3 + ["running"], 1),
        (["failed"] * 2 + ["running"], 0),
    ],
)
def test_it_waits_for_all_runs_of_an_hour_to_fail(alice, runs, mails):
    pipe = pipe_of(alice, alert_rule="complete")
    stored(run_of(pipe, 2 * HOUR))
    for status in runs:
        failed(pipe, status=status)
    assert len(told()) == mails


def test_it_tells_only_of_failures_of_late_where_that_is_asked_for(alice, pipe):
    failed(pipe_of(alice, "Silent"))
    stored(*(run_of(pipe, status=each) for each in ("success", "running", "queued", "cancelled")))
    failed(pipe, 2 * HOUR)
    assert told() == []


def test_it_counts_a_run_from_its_end(pipe):
    failed(pipe, HOUR + MINUTE, ms=5 * 60_000)
    assert len(told()) == 1


def test_it_tells_for_a_day_of_runs_that_were_cut_off(pipe):
    failed(pipe, 5 * HOUR, status="unknown")
    assert told() == ["1 run of Orders failed: unknown"]
    assert told(2 * HOUR) == []


def test_it_mails_those_whom_the_owner_named_and_nobody_of_another_owner(alice, bob):
    hers = pipe_of(alice, alert_rule="any", alert_addresses=["ops@example.com", "b@example.com"])
    his = pipe_of(bob, alert_rule="any")
    failed(hers)
    assert send_due(timezone.now()) == 1
    assert mail.outbox[0].to == ["ops@example.com", "b@example.com"]
    failed(his)
    assert send_due(timezone.now()) == 1
    assert mail.outbox[1].to == ["bob@example.com"]
    assert hers.pk not in mail.outbox[1].body


def test_it_mails_nothing_of_who_is_locked_out(pipe):
    failed(pipe)
    pipe.owner.is_active = False
    pipe.owner.save()
    assert told() == []


def test_it_tries_again_where_the_mail_server_fails(pipe, settings):
    failed(pipe)
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "no.such.Backend"
    assert told() == []
    settings.EMAIL_BACKEND = working
    assert len(told()) == 1
    failed(pipe, -2 * MINUTE)
    settings.EMAIL_BACKEND = "no.such.Backend"
    assert told(HOUR + MINUTE) == []
    settings.EMAIL_BACKEND = working
    assert len(told(HOUR + MINUTE)) == 1


def test_it_forgets_what_it_told_long_ago(pipe):
    failed(pipe)
    assert len(told()) == 1
    told(24 * HOUR)
    assert Alert.objects.count() == 1
    told(26 * HOUR)
    assert not Alert.objects.exists()


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Order 17 of 2 is late.", "Order 8 of 30 is late.", True),
        ("No a1b2-77f0.", "No 91ce-0000.", True),
        ("Order 17 is late.", "Order 17 is lost.", False),
    ],
)
def test_it_takes_messages_for_one_cause_that_differ_in_numbers(first, second, same):
    assert (failures.cause_of("failed", first) == failures.cause_of("failed", second)) is same


@pytest.mark.parametrize(
    "addresses", ["a@example.com", [1], ["nobody"], ["a@example.com\nBcc: b@example.com"], None]
)
def test_it_refuses_what_are_no_addresses(pipe, addresses):
    pipe.alert_addresses = addresses
    with pytest.raises(ValidationError) as refused:
        pipe.full_clean()
    assert list(refused.value.message_dict) == ["alert_addresses"]


def test_it_takes_ten_addresses_and_no_more(pipe):
    pipe.alert_addresses = [f"a{number}@example.com" for number in range(10)]
    pipe.full_clean()
    pipe.alert_addresses.append("one.more@example.com")
    with pytest.raises(ValidationError, match="at most 10"):
        pipe.full_clean()


def test_it_is_off_unless_asked_for():
    assert (Pipe().alert_rule, Pipe().alert_addresses) == ("off", [])
