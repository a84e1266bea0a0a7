"""What a worker keeps between calls: memories, the outbound session, the recorder.

One an event loop: opened before the first call, closed after the last.
"""

import asyncio
import logging

from django.conf import settings

from apikeys import records, usage
from apikeys.attempts import FailedAttempts
from apikeys.memory import Memory
from apikeys.store import Store, StoreUnreachable
from apikeys.usage import Usage
from apikeys.verify import KeyRecord
from apikeys.watch import Watch
from dynamic.listener import pipes
from dynamic.listener.pipes import PipeRecord
from dynamic.outbound.client import Client
from dynamic.outbound.guard import Guard
from dynamic.runs.recorder import Recorder

KEYS = 20_000
PIPES = 2_000
WRITE_USES_EVERY = 1.0

log = logging.getLogger(__name__)


class Runtime:
    def __init__(self) -> None:
        self._store = Store("store", threads=2)
        self.keys: Memory[KeyRecord] = Memory(
            self._store, records.load, lambda key: frozenset({key.owner_id}), KEYS
        )
        self.pipes: Memory[PipeRecord] = Memory(
            self._store, pipes.load, lambda pipe: frozenset({pipe.owner_id}), PIPES
        )
        self.watch = Watch([self.keys, self.pipes])
        self.attempts = FailedAttempts()
        self.usage = Usage()
        self.client = Client(Guard(settings.OUTBOUND_ALLOWED))
        self.recorder = Recorder()
        self._uses: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Raises `StoreUnreachable`: a server that cannot verify a key should not start."""
        await self.watch.open()
        await self.client.open()
        self.recorder.open()
        self._uses = asyncio.get_running_loop().create_task(self._write_uses())

    async def close(self) -> None:
        """Finish what was promised: queued runs and uses are written before this returns."""
        if self._uses:
            self._uses.cancel()
            await asyncio.gather(self._uses, return_exceptions=True)
        await self._write_due_uses()
        await self.recorder.close()
        await self.client.close()
        await self.watch.close()
        self._store.close()
        # Here, on the loop's own thread: no other may drop what the JSONata engine compiled.
        self.pipes.forget_all()

    async def _write_uses(self) -> None:
        while True:
            await asyncio.sleep(WRITE_USES_EVERY)
            await self._write_due_uses()

    async def _write_due_uses(self) -> None:
        due = self.usage.take()
        if not due:
            return
        try:
            await self._store.run(usage.write, due)
        except StoreUnreachable as error:
            log.warning("The last use of %d keys was not noted: %s", len(due), error)
        except Exception:
            log.exception("The last use of %d keys was not noted", len(due))
