"""What a worker keeps between calls: memories, the outbound session, the recorder.

One an event loop: opened before the first call, closed after the last.
"""

from django.conf import settings

from apikeys import checks as key_checks
from apikeys import records
from apikeys.background import Background
from apikeys.memory import Memory
from apikeys.store import Store
from apikeys.verify import KeyRecord
from apikeys.watch import Watch
from dynamic import checks
from dynamic.listener import pipes
from dynamic.listener.afterwards import Afterwards
from dynamic.listener.answers import Answers
from dynamic.listener.calling_back import CallingBack
from dynamic.listener.pipe_limits import Places
from dynamic.listener.pipes import PipeRecord
from dynamic.listener.progress import Progress
from dynamic.listener.queue import Queue
from dynamic.outbound.client import Client
from dynamic.outbound.delivery import Delivery
from dynamic.outbound.guard import Guard
from dynamic.outbound.tokens import Tokens
from dynamic.runs.background import Alerting, Pruning
from dynamic.runs.recorder import Recorder
from dynamic.runs.upkeep import Upkeep
from dynamic.systems.background import HealthChecks
from dynamic.systems.vault import DatabaseVault

KEYS = 20_000
PIPES = 2_000


class Runtime:
    def __init__(self) -> None:
        self._store = Store("store", threads=2)
        self.keys: Memory[KeyRecord] = Memory(
            self._store, records.load, lambda key: frozenset({key.owner_id}), KEYS
        )
        self.pipes: Memory[PipeRecord] = Memory(
            self._store, pipes.load, lambda pipe: frozenset({pipe.owner_id}), PIPES
        )
        self.answers = Answers()
        self.watch = Watch([self.keys, self.pipes, self.answers])
        self.places = Places()
        self.limiting = Store("limits", threads=4)  # where Redis counts
        self.background = Background()
        self._client = Client(Guard(settings.OUTBOUND_ALLOWED))
        self._vault = DatabaseVault()
        self.delivery = Delivery(self._client, Tokens(self._vault))
        self.health_checks = HealthChecks(self.delivery)
        self.recorder = Recorder()
        self.progress = Progress(self.recorder)
        self.promises = Store("promises", threads=4)  # Idempotency-Keys; the queue
        # Apart, as long as it takes: a run that is begun after all is to be run here.
        self.claims = Store("claims", longest_wait=None)
        self.upkeep = Upkeep()
        self.pruning = Pruning()
        self.alerting = Alerting()
        self.calling_back = CallingBack(self._client)
        self.afterwards = Afterwards()
        self.queue = Queue(self)

    async def open(self) -> None:
        """For a server: calls, and what servers do beside them. Raises as `open_for_calls`."""
        await self.open_for_calls()
        self.queue.open()
        self.background.open()
        self.health_checks.open()
        self.upkeep.open()
        self.pruning.open()
        self.alerting.open()
        self.calling_back.open()

    async def open_for_calls(self) -> None:
        """What cannot verify a key should not start.

        Raises `StoreUnreachable`, and `ImproperlyConfigured` where a secret is missing that live
        keys or stored credentials rest on.
        """
        checking = Store("checks")
        try:
            await checking.run(key_checks.refuse_to_start)
            await checking.run(checks.refuse_to_start)
        finally:
            checking.close()
        await self.watch.open()
        await self._client.open()
        self.recorder.open()
        self.progress.open()

    async def close(self) -> None:
        """Finish what was promised: runs that go on have a while to end, and what runs and uses
        there are to be written is written before this returns. Runs in the queue stay there.
        """
        await self.queue.close()
        await self.afterwards.close()
        await self.upkeep.close()
        await self.pruning.close()
        await self.alerting.close()
        await self.calling_back.close()
        await self.health_checks.close()
        await self.background.close()
        await self.progress.close()
        await self.recorder.close()
        await self.delivery.close()
        await self._client.close()
        await self.watch.close()
        self._store.close()
        self.promises.close()
        self.claims.close()
        self.limiting.close()
        self._vault.close()
