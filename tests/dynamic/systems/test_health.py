"""Health checks: who asks, what counts as up, and mails that go once."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.core import mail
from django.utils import timezone

from dynamic.models import Credential, Health, System
from dynamic.outbound.delivery import Delivery
from dynamic.systems import health, health_mails
from dynamic.systems.background import AT_ONCE, HealthChecks
from dynamic.systems.trying import with_delivery
from tests.doors import AsgiDoor
from tests.upstream import SHOP_KEY

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Site:
    """Alice's system, which answers with what it is told."""

    def __init__(self, owner, url):
        self.at = NOON
        self.system = System.objects.create(
            owner=owner, slug="shop", name="Shop", base_url=url, health_minutes=5
        )
        self.answer(200)

    def answer(self, status):
        self.set(health_path=f"/status/{status}")

    def set(self, **fields):
        System.objects.filter(pk=self.system.pk).update(**fields)

    def pass_minutes(self, minutes):
        self.at += timedelta(minutes=minutes)

    def round(self):
        """Make what is due now, in the way of `HealthChecks.round`; gives how many."""
        health.prepare(self.at)
        made = 0
        while (pk := health.claim(self.at)) is not None:
            work = partial(health.fault_of, health.load(pk))
            health.record(pk, self.at, with_delivery(work))
            made += 1
        return made

    def mails(self):
        """The subjects of the mails that went since the last look."""
        health_mails.send_due()
        subjects = [message.subject for message in mail.outbox]
        mail.outbox.clear()
        return subjects

    @property
    def health(self):
        return Health.objects.get(system=self.system)

    def fail_twice(self):
        self.answer(503)
        self.round()
        self.pass_minutes(1)
        self.round()


@pytest.fixture
def site(alice, upstream):
    return Site(alice, upstream.url)


class TestVerdict:
    @pytest.mark.parametrize(
        ("status", "said"),
        [
            (200, ""),
            (204, ""),
            (304, ""),
            (401, "It answered with status 401: its credential is refused."),
            (403, "It answered with status 403: its credential is refused."),
            (404, "It answered with status 404."),
            (429, "It answered with status 429."),
            (500, "It answered with status 500."),
        ],
    )
    def test_it_goes_by_the_status(self, site, status, said):
        site.answer(status)
        site.round()
        assert site.health.message == said
        assert site.health.is_up is (None if said else True)
        assert site.health.checked_at == NOON

    def test_it_asks_with_the_default_credential(self, site, upstream):
        site.set(auth_type="header", auth={"name": "X-Api-Key"}, base_url=f"{upstream.url}/shop")
        site.set(health_path="/orders/1")
        one = Credential.objects.create(system=site.system, values={"secret": "wrong-key"})
        site.round()
        assert "credential is refused" in site.health.message
        one.values = {"secret": SHOP_KEY}
        one.save()
        site.pass_minutes(5)
        site.round()
        assert site.health.is_up

    def test_it_tells_why_there_is_no_answer(self, site, upstream):
        site.set(health_path="/reset")
        site.round()
        assert "127.0.0.1" in site.health.message

    def test_it_tells_why_it_cannot_ask(self, site):
        site.set(auth_type="header", auth={"name": "X-Api-Key"})
        site.round()
        assert site.health.message.startswith("It cannot be asked. ")

    def test_it_waits_for_so_long_and_no_longer(self, site, monkeypatch):
        monkeypatch.setattr(health, "LONGEST", 0.2)
        site.set(health_path="/hang")
        site.round()
        assert site.health.message

    def test_it_shows_no_secret(self, transactional_db, site, upstream):
        site.set(auth_type="oauth2_client", auth={"token_url": f"{upstream.url}/oauth/talkative"})
        values = {"client_id": "client", "client_secret": "key-canary/"}
        Credential.objects.create(system=site.system, values=values)
        site.round()
        assert "invalid_client: no " in site.health.message
        assert "canary" not in site.health.message


class TestRound:
    def test_it_asks_every_so_many_minutes(self, site, upstream):
        asked = []
        for _ in range(12):
            asked.append(site.round())
            site.pass_minutes(1)
        assert asked == [1, 0, 0, 0, 0] * 2 + [1, 0]
        assert len(upstream.requests_to("/status/200")) == 3

    @pytest.mark.parametrize(
        "fields", [{"health_minutes": 0}, {"archived_at": NOON}], ids=["never", "archived"]
    )
    def test_it_leaves_alone_what_is_not_to_be_checked(self, site, fields):
        site.set(**fields)
        assert site.round() == 0

    def test_it_leaves_alone_what_belongs_to_an_account_that_is_off(self, site, alice):
        alice.is_active = False
        alice.save()
        assert site.round() == 0

    def test_it_comes_sooner_where_somebody_wants_that(self, site):
        site.set(health_minutes=1440)
        site.round()
        site.set(health_minutes=2)
        site.pass_minutes(1)
        assert site.round() == 1
        assert site.round() == 0

    def test_it_gives_a_check_to_one_process_only(self, site):
        health.prepare(NOON)
        assert health.claim(NOON) is not None
        health.prepare(NOON)
        assert health.claim(NOON) is None

    def test_it_looks_again_after_a_minute_where_it_failed(self, site):
        site.answer(500)
        site.round()
        assert site.health.due_at == NOON + timedelta(minutes=1)
        site.pass_minutes(1)
        site.round()
        assert site.health.due_at == NOON + timedelta(minutes=6)

    def test_it_notes_a_check_once(self, site):
        site.answer(500)
        site.round()
        health.record(site.health.pk, NOON, "Once more.")
        assert (site.health.failures, site.health.is_up) == (1, None)

    def test_it_notes_nothing_of_a_system_that_is_gone(self, site):
        health.record(10**9, NOON, "")


class TestMails:
    def test_it_tells_nobody_of_a_blip(self, site):
        site.round()
        for status in (500, 200, 500, 200):
            site.pass_minutes(5)
            site.answer(status)
            site.round()
            assert site.health.is_up
            assert site.mails() == []

    def test_it_tells_once_that_it_is_down_and_once_that_it_is_back(self, site):
        site.round()
        site.pass_minutes(5)
        site.fail_twice()
        assert (site.health.is_up, site.health.since) == (False, NOON + timedelta(minutes=5))
        health_mails.send_due()
        (message,) = mail.outbox
        assert message.to == ["alice@example.com"]
        assert message.subject == "A system is down: Shop"
        assert "status 503" in message.body
        assert "12:05 UTC" in message.body
        assert "/systems/shop/" in message.body
        mail.outbox.clear()
        site.pass_minutes(5)
        site.round()
        assert site.mails() == []
        site.answer(200)
        site.pass_minutes(5)
        site.round()
        health_mails.send_due()
        (message,) = mail.outbox
        assert message.subject == "A system is back: Shop"
        assert "It was down for 11\xa0minutes." in message.body
        mail.outbox.clear()
        assert site.mails() == []
        assert (site.health.is_up, site.health.since) == (True, NOON + timedelta(minutes=16))

    def test_it_tells_of_a_system_that_was_never_up(self, site):
        site.fail_twice()
        assert site.mails() == ["A system is down: Shop"]

    def test_it_keeps_what_could_not_be_sent(self, site, settings):
        site.fail_twice()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        assert health_mails.send_due() == 0
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        assert site.mails() == ["A system is down: Shop"]

    def test_it_tells_nothing_that_is_over(self, site, settings):
        site.fail_twice()
        site.answer(200)
        site.pass_minutes(5)
        site.round()
        assert site.mails() == []

    def test_it_lets_no_name_write_into_the_head_of_a_mail(self, site):
        site.set(name="A\nBcc: eve@example.com")
        site.fail_twice()
        assert site.mails() == ["A system is down: A Bcc: eve@example.com"]

    @pytest.mark.parametrize(
        "fields", [{"health_minutes": 0}, {"archived_at": NOON}], ids=["never", "archived"]
    )
    def test_it_tells_nothing_of_what_is_not_checked_any_more(self, site, fields):
        site.fail_twice()
        site.set(**fields)
        assert site.mails() == []


def until(condition):
    """Wait for another process."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.django_db(transaction=True)
class TestProcesses:
    """With the clock of the servers that the other tests may have started: they take part."""

    def systems(self, owner, upstream, count):
        System.objects.bulk_create(
            System(
                owner=owner,
                slug=f"s{number}",
                name="S",
                base_url=upstream.url,
                health_path="/status/200",
                health_minutes=1440,
            )
            for number in range(count)
        )

    def test_it_asks_each_system_once_however_many_processes(self, alice, upstream):
        count = AT_ONCE + 5
        self.systems(alice, upstream, count)

        async def rounds(delivery: Delivery):
            processes = [HealthChecks(delivery) for _ in range(3)]
            await asyncio.gather(*(process.round() for process in processes))
            for process in processes:
                await process.close()

        with_delivery(rounds)
        until(lambda: Health.objects.filter(is_up=True).count() == count)
        assert len(upstream.requests_to("/status/200")) == count

    def test_it_is_done_by_a_server(self, alice, upstream, tmp_path):
        self.systems(alice, upstream, 1)
        server = AsgiDoor(tmp_path / "log.txt")
        try:
            until(lambda: Health.objects.filter(is_up=True).exists())
        finally:
            server.close()
        assert Health.objects.get().checked_at <= timezone.now()
