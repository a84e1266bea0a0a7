"""Run a flow with calls and mails that are really made."""

import asyncio

from dynamic.outbound.delivery import Delivery, Journey
from dynamic.simulating.stops import Stop
from dynamic.simulating.terms import Flow, Past, Walked, Way
from dynamic.simulating.walking import walk
from dynamic.systems.runnable import Runnable
from dynamic.systems.trying import with_delivery


def walk_live(
    runnable: Runnable, flow: Flow, past: Past, stop: Stop, seconds: float
) -> tuple[Walked, set[str]]:
    """Give also the secrets that turned up on the way, which must not be shown.

    Not for a thread that has an event loop.
    """
    journey = Journey()

    async def work(delivery: Delivery) -> Walked:
        journey.deadline = asyncio.get_running_loop().time() + seconds
        send = runnable.sender(delivery, journey)
        way = Way(send, runnable.notify, asyncio.sleep, is_mocked=False)
        return await walk(flow, past, stop, way, journey.deadline)

    return with_delivery(work), journey.secrets
