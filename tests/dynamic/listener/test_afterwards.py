"""Tasks of runs that go on after their answers, when the server stops."""

import asyncio

from dynamic.listener.afterwards import Afterwards


async def test_it_cancels_what_takes_too_long_and_lets_that_be_recorded():
    afterwards, recorded = Afterwards(), []
    flow = afterwards.begin(asyncio.Event().wait())

    async def record():
        await asyncio.wait((flow,))
        await asyncio.sleep(0)
        recorded.append(flow.cancelled())

    afterwards.begin(record(), is_record=True)
    await afterwards.close(grace=0)
    assert recorded == [True]
