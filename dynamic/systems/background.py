"""What a server does for its systems beside its calls: ask whether they are up, and mail.

Between two rounds connections go back to the pool: pages need them more.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from django.db import connection
from django.utils import timezone

from apikeys.background import again
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
        self._store = Store("health")
        self._mailing = Store("health-mails", longest_wait=None)
        self._tasks: list[asyncio.Task[None]] = []

    def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._run()),
            loop.create_task(again(MAIL_EVERY, self._mailing, _mail)),
        ]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._store.close()
        self._mailing.close()

    async def _run(self) -> None:
        while True:
            try:
                await self.round()
            except StoreUnreachable as error:
                log.warning("Systems are not checked: %s", error)
            except Exception:
                log.exception("Systems are not checked")
            await asyncio.sleep(EVERY)

    async def round(self, clock: Callable[[], datetime] = timezone.now) -> None:
        """Make every check that is due and that no other process makes."""
        await self._store.run(health.prepare, clock())
        await self._checks(clock)
        await self._store.run(_give_back)

    async def _checks(self, clock: Callable[[], datetime]) -> None:
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


def _mail() -> None:
    health_mails.send_due()
    _give_back()


def _give_back() -> None:
    connection.close()  # of the thread that this runs on
