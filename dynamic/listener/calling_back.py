"""What a server does for callers that do not wait: tell them how their runs ended.

POSTs to where each call's `Callback-Url` says, through the guard, without redirects and cookies.
Any status of 200 to 299 is good, 410 stops; all else is tried again (`due_callbacks`).
"""

import asyncio
import logging
from collections import Counter

from django.utils import timezone

from apikeys.rounds import Rounds
from apikeys.store import Store, StoreUnreachable
from dynamic.flow.exchange import Request, UpstreamFailed
from dynamic.listener import due_callbacks
from dynamic.listener.due_callbacks import Due
from dynamic.models import AsyncCall
from dynamic.outbound.client import Client, Timeouts

EVERY = 1.0  # seconds
AT_ONCE = 32  # under way in one process
OF_ONE_OWNER = 8  # of them, so that slow receivers of one do not hold up all others
LONGEST = 10.0  # seconds that a try may take

log = logging.getLogger(__name__)


class CallingBack:
    """One a server process, on the loop that its pipes are answered on."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._store = Store("callbacks", is_seldom=True)
        self._rounds = Rounds(EVERY, self._begin_due, "Callbacks are not sent", at_once=True)
        self._tries: dict[asyncio.Task[None], int] = {}  # under way, with whose pipe it is

    def open(self) -> None:
        self._rounds.open()

    async def close(self) -> None:
        """Let the tries under way end."""
        await self._rounds.close()
        await asyncio.gather(*self._tries, return_exceptions=True)
        await asyncio.to_thread(self._store.close)

    async def _begin_due(self) -> None:
        """Begin the tries that are due. Those under way do not hold up the next."""
        while True:
            while call := await self._next():
                task = asyncio.get_running_loop().create_task(self._try(call))
                self._tries[task] = call.pipe.owner_id
                task.add_done_callback(self._tries.pop)
            if not self._tries:
                return
            await asyncio.wait(self._tries, timeout=EVERY, return_when=asyncio.FIRST_COMPLETED)

    async def _next(self) -> AsyncCall | None:
        """One that is due, and that may be under way beside those that are."""
        if len(self._tries) >= AT_ONCE:
            return None
        counts = Counter(self._tries.values())
        busy = [owner for owner, count in counts.items() if count >= OF_ONE_OWNER]
        return await self._store.run(due_callbacks.claim, timezone.now(), busy)

    async def _try(self, call: AsyncCall) -> None:
        try:
            due = await self._store.run(due_callbacks.prepare, call, timezone.now())
            if due is not None:
                status, why = await sent(due, self._client)
                await self._store.run(due_callbacks.record, due, timezone.now(), status, why)
        except StoreUnreachable as error:
            log.warning("What became of the callback of run %s is lost: %s", call.pk, error)
        except Exception:
            log.exception("The callback of run %s failed", call.pk)


async def sent(due: Due, client: Client) -> tuple[int, str]:
    """Send it once: the status that it was answered with, 0 for none, and why that is not good.

    The sentence holds nothing of the URL but its host.
    """
    if due.request is None:
        return 0, due.fault
    try:
        async with asyncio.timeout(LONGEST):
            status = await _status(due.request, client)
    except TimeoutError:
        return 0, f"There was no answer within {LONGEST:g} s."
    except UpstreamFailed as error:
        return 0, str(error)
    return status, "" if 200 <= status <= 299 else f"It answered with status {status}."


async def _status(request: Request, client: Client) -> int:
    return await client.send_for_status(request, Timeouts(connect=LONGEST, read=LONGEST))
