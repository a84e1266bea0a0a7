"""What a server does for its systems beside its calls: ask whether they are up, and mail."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.utils import timezone

from apikeys.rounds import Rounds
from apikeys.store import Store, StoreUnreachable
from dynamic.outbound.delivery import Delivery
from dynamic.systems import health, health_mails

EVERY = 10.0  # seconds
MAIL_EVERY = 15.0
AT_ONCE = 20  # checks under way in one process

log = logging.getLogger(__name__)


class HealthChecks:
    """One a server process, on the loop that its pipes are answered on."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery
        self._store = Store("health", is_seldom=True)
        self._mailing = Store("health-mails", longest_wait=None, is_seldom=True)
        send = partial(self._mailing.run, health_mails.send_due)
        self._rounds = [
            Rounds(EVERY, self.round, "Systems are not checked", at_once=True),
            Rounds(MAIL_EVERY, send, "Mails about systems are not sent"),
        ]

    def open(self) -> None:
        for each in self._rounds:
            each.open()

    async def close(self) -> None:
        for each in self._rounds:
            await each.close()
        self._store.close()
        self._mailing.close()

    async def round(self, clock: Callable[[], datetime] = timezone.now) -> None:
        """Make every check that is due and that no other process makes."""
        await self._store.run(health.prepare, clock())
        places = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as checks:
            while True:
                await places.acquire()
                pk = await self._store.run(health.claim, clock())
                if pk is None:
                    return
                task = checks.create_task(self._check(pk, clock))
                task.add_done_callback(lambda _: places.release())

    async def _check(self, pk: int, clock: Callable[[], datetime]) -> None:
        try:
            check = await self._store.run(health.load, pk)
            fault = await health.fault_of(check, self._delivery)
            await self._store.run(health.record, pk, clock(), fault)
        except StoreUnreachable as error:
            log.warning("A system's check is lost: %s", error)
        except Exception:
            # Such as a system that was deleted meanwhile; the others are checked all the same.
            log.exception("The check %s failed", pk)
