"""Who asked for it gets one mail a day or a week about the failures of all of their pipes."""

import asyncio
import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from dynamic.models import Digest
from dynamic.runs import background, digest_text
from dynamic.runs.background import Alerting
from dynamic.runs.digests import MOST_PARTS, end_of, send_due
from dynamic.runs.filters import first_id
from dynamic.systems.archiving import archive
from tests.dynamic.history import pipe_of, run_of, stored

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SIX = datetime(2026, 3, 11, 6, tzinfo=UTC)  # a Wednesday
LOOK = SIX + 10 * MINUTE
SOLD_OUT = "Order 17 is sold out."


def run_at(pipe, began, **fields):
    run = run_of(pipe, started_at=began, **fields)
    run.pk = first_id(began) + run.pk[12:]
    return run


def failed(pipe, began=SIX - HOUR, message=SOLD_OUT, status="failed", **fields):
    return stored(run_at(pipe, began, status=status, message=message, **fields))


def told(now=LOOK):
    """The one mail that a look sends; None where it sends none."""
    sent = send_due(now)
    assert len(mail.outbox) == sent
    found = mail.outbox[0] if sent else None
    assert sent < 2
    mail.outbox.clear()
    return found


def wait_for_mail():
    deadline = time.monotonic() + 10
    while not mail.outbox and time.monotonic() < deadline:
        time.sleep(0.01)


async def served_until_mailed():
    alerting = Alerting()
    alerting.open()
    await asyncio.to_thread(wait_for_mail)
    await alerting.close()


class LookedMeanwhile(EmailBackend):
    """A mail server that is slow enough for another process to look, too."""

    def send_messages(self, messages):
        assert send_due(LOOK + MINUTE) == 0
        return super().send_messages(messages)


@pytest.fixture
def digest(alice):
    return Digest.objects.create(account=alice, every="day", told_until=SIX - DAY)


@pytest.fixture
def pipe(alice, digest):
    return pipe_of(alice)


class TestItsText:
    def test_it_tells_of_each_pipe_how_many_how_why_and_where(self, alice, pipe, settings):
        for minutes in (1, 2, 3):
            failed(pipe, SIX - minutes * MINUTE, f"Order {minutes} is sold out.")
        failed(pipe, status="timed_out", message="It took too long.")
        stored(*(run_at(pipe, SIX - HOUR) for _ in range(5)))
        failed(pipe_of(alice, "Returns"), message="")
        pipe_of(alice, "Quiet")
        message = told()
        assert message.subject == "5 runs of 2 pipes failed"
        assert message.to == ["alice@example.com"]
        assert "from 10 Mar 2026, 06:00 to 11 Mar 2026, 06:00 UTC 5 runs of 2" in message.body
        orders, returns = message.body.index("Orders\n"), message.body.index("Returns\n")
        assert orders < returns
        assert "Calls    9\n  Failed   3 failed, 1 timed out\n" in message.body[orders:returns]
        assert "Mostly   Order 1 is sold out. (3 of 4)\n" in message.body[orders:returns]
        assert "Mostly   no message (1 of 1)" in message.body[returns:]
        assert "1 other pipe had none." in message.body
        assert f"{settings.SITE_URL}/runs/digest/" in message.body

    def test_it_leads_to_the_runs(self, pipe, client):
        run, before = failed(pipe), failed(pipe, SIX - 2 * DAY)
        client.force_login(pipe.owner)
        link = next(word for word in told().body.split() if "/runs/?" in word)
        page = client.get(link[link.index("/runs/") :]).content.decode()
        assert run.pk in page
        assert before.pk not in page

    def test_it_cuts_a_message_and_keeps_it_in_a_line(self, pipe):
        failed(pipe, message="no\n  way " + "x" * 300)
        assert f"Mostly   no way {'x' * 193} (1 of 1)\n" in told().body

    def test_it_says_when_it_has_not_seen_or_counted_all(self, alice, pipe, monkeypatch):
        failed(pipe_of(alice, "Unseen"), SIX - 2 * HOUR)
        monkeypatch.setattr(digest_text, "MOST_RUNS", 2)
        monkeypatch.setattr(digest_text, "MOST_CALLS", 2)
        for _ in range(3):
            failed(pipe)
        message = told()
        assert message.subject == "At least 2 runs of 1 pipe failed"
        assert "UTC at least 2 runs" in message.body
        assert "Calls    at least 2\n  Failed   at least 2 failed" in message.body
        assert "had none" not in message.body

    def test_it_lists_so_many_pipes_and_counts_the_others(self, alice, digest):
        for number in range(MOST_PARTS + 2):
            failed(pipe_of(alice, f"Pipe {number}"))
        message = told()
        assert message.body.count("Calls ") == MOST_PARTS
        assert "\n2 more pipes had fewer failures each.\n" in message.body


class TestWhatCounts:
    def test_it_counts_what_ended_in_that_time_and_nothing_twice(self, pipe):
        hour = HOUR.total_seconds() * 1000
        failed(pipe, SIX - DAY - MINUTE, ms=0)
        failed(pipe, SIX - DAY - MINUTE, ms=hour, message="It began before.")
        failed(pipe, SIX - MINUTE, ms=hour, message="It ended after.")
        assert "Mostly   It began before. (1 of 1)" in told().body
        assert "Mostly   It ended after. (1 of 1)" in told(LOOK + DAY).body
        assert told(LOOK + 2 * DAY) is None

    @pytest.mark.parametrize("status", ["success", "running", "queued", "cancelled"])
    def test_it_sends_nothing_where_nothing_failed(self, pipe, digest, status):
        failed(pipe, status=status)
        assert told() is None
        digest.refresh_from_db()
        assert digest.told_until == SIX

    def test_it_tells_of_runs_that_were_cut_off(self, pipe):
        failed(pipe, status="unknown")
        assert "Failed   1 unknown" in told().body

    def test_it_tells_nobody_of_pipes_of_another_owner(self, pipe, bob):
        failed(pipe_of(bob, "His"))
        assert told() is None

    def test_it_tells_nothing_of_what_is_archived(self, alice, pipe):
        failed(pipe)
        failed(gone := pipe_of(alice, "Gone"))
        pipe_of(alice, "Quiet")
        for each in (gone, pipe_of(alice, "Quiet and gone")):
            archive(each)
        body = told().body
        assert "Gone" not in body
        assert "1 other pipe had none." in body
        archive(pipe)
        failed(pipe, SIX + HOUR)
        assert told(LOOK + DAY) is None

    def test_it_mails_nothing_to_who_is_locked_out(self, pipe, alice):
        failed(pipe)
        alice.is_active = False
        alice.save()
        assert told() is None


class TestWhen:
    def test_it_waits_until_shortly_after_six(self, pipe):
        failed(pipe)
        assert told(SIX + 4 * MINUTE) is None
        assert told(SIX + 5 * MINUTE)
        assert told(SIX + DAY) is None

    def test_it_waits_for_monday_where_that_was_asked_for(self, pipe, digest):
        Digest.objects.update(every="week", told_until=SIX - 2 * DAY)  # of a Monday
        failed(pipe)
        assert told(LOOK + 4 * DAY) is None
        message = told(LOOK + 5 * DAY)
        assert "from 9 Mar 2026, 06:00 to 16 Mar 2026, 06:00 UTC" in message.body
        assert "after each week in which" in message.body

    def test_it_catches_up_with_one_mail(self, pipe):
        failed(pipe, SIX - HOUR)
        failed(pipe, SIX + 2 * DAY)
        assert "Failed   2 failed" in told(LOOK + 5 * DAY).body
        assert told(LOOK + 5 * DAY) is None

    def test_it_sends_nothing_twice_while_a_mail_is_being_sent(self, pipe, settings):
        settings.EMAIL_BACKEND = f"{__name__}.LookedMeanwhile"
        failed(pipe)
        assert told()

    def test_of_two_processes_that_look_at_once_one_sends(self, pipe):
        others = []

        def look_meanwhile(execute, sql, params, many, context):
            """Another process sends after this one found the mail due, and before it sends."""
            if "dynamic_run" in sql and not others:
                others.append(None)
                others[0] = send_due(LOOK)
            return execute(sql, params, many, context)

        failed(pipe)
        with connection.execute_wrapper(look_meanwhile):
            assert send_due(LOOK) == 0
        assert others == [1]
        assert len(mail.outbox) == 1

    def test_it_tries_again_where_the_mail_server_fails(self, pipe, settings):
        failed(pipe)
        working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "no.such.Backend"
        assert told() is None
        settings.EMAIL_BACKEND = working
        assert "from 10 Mar 2026, 06:00 to 11 Mar 2026, 06:00 UTC" in told(LOOK + HOUR).body

    @pytest.mark.parametrize("every", ["day", "week"])
    def test_it_never_ends_after_now_nor_a_period_ago(self, every):
        for hours in range(24 * 8):
            now = LOOK + hours * HOUR
            assert (
                now - (DAY if every == "day" else 7 * DAY) <= end_of(every, now) <= now - 5 * MINUTE
            )

    @pytest.mark.django_db(transaction=True)
    def test_a_server_looks_by_itself(self, pipe, monkeypatch):
        Digest.objects.update(told_until=timezone.now() - 2 * DAY)
        failed(pipe, timezone.now() - 30 * HOUR)
        monkeypatch.setattr(background, "ALERT_EVERY", 0.01)
        asyncio.run(served_until_mailed())
        assert len(mail.outbox) == 1


class TestItsPage:
    PAGE = "/runs/digest/"

    @staticmethod
    def chosen(page):
        return re.findall(r'name="every" value="(\w*)"[^>]* checked', page)

    def choose(self, client, every):
        return client.post(self.PAGE, {"every": every}, follow=True).content.decode()

    def test_it_is_never_unless_asked_for(self, client, alice):
        client.force_login(alice)
        page = client.get(self.PAGE).content.decode()
        assert self.chosen(page) == ["never"]
        assert "Where nothing has failed, there is no mail." in page
        assert f'href="{self.PAGE}"' in client.get("/runs/").content.decode()
        assert f'href="{self.PAGE}"' in client.get(reverse("accounts:profile")).content.decode()

    def test_it_begins_with_what_comes_from_now_on(self, client, alice):
        client.force_login(alice)
        before = timezone.now()
        assert self.chosen(self.choose(client, "day")) == ["day"]
        assert before <= Digest.objects.get(account=alice).told_until <= timezone.now()

    def test_another_choice_tells_nothing_again(self, client, alice, digest):
        client.force_login(alice)
        self.choose(client, "week")
        digest.refresh_from_db()
        assert (digest.every, digest.told_until) == ("week", SIX - DAY)

    def test_it_can_be_ended(self, client, alice, bob, digest):
        Digest.objects.create(account=bob, every="day", told_until=SIX)
        client.force_login(alice)
        self.choose(client, "never")
        assert [each.account for each in Digest.objects.all()] == [bob]

    def test_it_refuses_what_is_no_choice(self, client, alice):
        client.force_login(alice)
        assert "is not one of the available choices" in self.choose(client, "hour")
        assert not Digest.objects.exists()

    def test_it_is_for_who_is_signed_in(self, client, db):
        assert client.get(self.PAGE).status_code == 302
