"""Run a flow with mocks. What sends for real is not here: no module of this one's imports does,
and whatever tried all the same is refused (accounts/sealing.py).
"""

import asyncio
from collections.abc import Mapping

from accounts.sealing import nothing_leaves
from dynamic.flow.exchange import Mail
from dynamic.simulating.mocks import Mock, MockedCalls
from dynamic.simulating.stops import Stop
from dynamic.simulating.terms import Flow, Past, Walked, Way
from dynamic.simulating.walking import walk


def walk_mocked(
    flow: Flow, mocks: Mapping[str, Mock], past: Past, stop: Stop, seconds: float
) -> Walked:
    """`mocks` by the name of the API call. Not for a thread that has an event loop."""
    with nothing_leaves():  # the tasks of the loop inherit it
        return asyncio.run(_walk(flow, MockedCalls(mocks), past, stop, seconds))


async def _walk(flow: Flow, calls: MockedCalls, past: Past, stop: Stop, seconds: float) -> Walked:
    way = Way(calls.send, _not_sent, _not_waited, is_mocked=True, given=calls.take)
    return await walk(flow, past, stop, way, asyncio.get_running_loop().time() + seconds)


async def _not_sent(mail: Mail) -> None:
    """The mail stands in the trace, where it is read."""


async def _not_waited(seconds: float) -> None:
    """The seconds stand in the trace."""
