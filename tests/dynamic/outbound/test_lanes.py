"""A system that takes only so many calls at once gets no more; connections are used again."""

import asyncio

from aiohttp import web

from dynamic.outbound.delivery import Journey


async def test_it_keeps_to_the_most_at_once_of_a_system(api, deliver):
    async def slow(_):
        await asyncio.sleep(0.01)
        return web.json_response(1)

    api.answer("/a", slow)
    calls = (deliver(f"{api.url}/a", lane="shop", most_at_once=3) for _ in range(12))
    assert {answer.data for answer in await asyncio.gather(*calls)} == {1}
    assert api.most_under_way == 3


async def test_it_lets_other_systems_pass(api, deliver):
    blocked = asyncio.Event()

    async def hold(_):
        await blocked.wait()
        return web.json_response(1)

    api.answer("/slow", hold)
    api.answer("/fast", 201)
    waiting = asyncio.create_task(deliver(f"{api.url}/slow", lane="slow", most_at_once=1))
    assert (await deliver(f"{api.url}/fast", lane="fast", most_at_once=1)).status_code == 201
    blocked.set()
    assert (await waiting).data == 1


async def test_it_gives_the_place_of_a_cancelled_call_to_the_next(api, deliver):
    arrived = asyncio.Event()

    async def hang(_):
        arrived.set()
        await asyncio.Event().wait()

    api.answer("/a", hang, 200)
    first = asyncio.create_task(deliver(f"{api.url}/a", lane="shop", most_at_once=1))
    await arrived.wait()
    second = asyncio.create_task(deliver(f"{api.url}/a", lane="shop", most_at_once=1))
    first.cancel()
    assert (await second).status_code == 200


async def test_it_uses_connections_again(api, deliver):
    api.answer("/a", 200)
    journey = Journey()
    for _ in range(20):
        await deliver(f"{api.url}/a", journey=journey)
    assert len(api.connections) == 1
