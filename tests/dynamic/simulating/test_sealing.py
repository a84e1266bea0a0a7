"""While a flow is simulated with mocks nothing leaves the machine, whatever tries."""

import asyncio

import pytest
from django.core import mail as outbox

from accounts.mailing import send
from accounts.sealing import NothingLeaves, nothing_leaves, require_leave
from dynamic.flow.api_call import ApiCall
from dynamic.flow.exchange import Mail, Request
from dynamic.flow.program import compile_flow
from dynamic.flow.runner import Input
from dynamic.outbound.auth import NoAuth
from dynamic.outbound.client import Client, Timeouts
from dynamic.outbound.guard import Allowed, Guard
from dynamic.simulating.documents import Documents
from dynamic.simulating.mocked import walk_mocked
from dynamic.simulating.mocks import Mock, Reply
from dynamic.simulating.stops import Stop
from dynamic.simulating.terms import Flow, Past, Way
from dynamic.simulating.walking import walk
from dynamic.systems.notifying import notifier


@pytest.fixture
async def client():
    client = Client(Guard(Allowed.parse(["127.0.0.1"])))
    yield client
    await client.close()


async def ask(client, url):
    return await client.send(Request("shop/echo", "GET", url), NoAuth(), Timeouts())


async def test_it_refuses_connections_also_those_of_a_pool(client, upstream):
    await ask(client, f"{upstream.url}/echo?n=1")  # a connection is left, and alive
    with nothing_leaves(), pytest.raises(NothingLeaves, match="nothing leaves the machine"):
        await ask(client, f"{upstream.url}/echo?n=2")
    with nothing_leaves(), pytest.raises(NothingLeaves):
        # A task that begins inside is inside as well.
        await asyncio.create_task(ask(client, f"{upstream.url}/echo?n=3"))
    await ask(client, f"{upstream.url}/echo?n=4")
    assert upstream.requests_to("/echo") == ["/echo?n=1", "/echo?n=4"]


async def test_it_refuses_before_a_name_is_looked_up(upstream):
    class Names:
        asked = 0

        async def resolve(self, *args, **more):
            self.asked += 1
            return []

        async def close(self):
            pass

    names = Names()
    client = Client(Guard(), resolver=names)
    with nothing_leaves(), pytest.raises(NothingLeaves):
        await ask(client, "http://shop.test/")
    await client.close()
    assert names.asked == 0


async def test_it_refuses_mails():
    with nothing_leaves():
        with pytest.raises(NothingLeaves):
            send("Subject", "Message", ["zoe@example.com"])
        with pytest.raises(NothingLeaves):
            await notifier("alice@example.com")(Mail((), "Subject", "Message"))
    assert outbox.outbox == []


FLOW = """
version: 1
steps:
  - try:
      - call: ask
        api: shop/echo
        on_error: continue
    catch:
      - log: It went wrong.
"""


def flow_at(url):
    call = ApiCall.compile(name="shop/echo", method="GET", base_url=url, path="/echo")
    program, calls = compile_flow(FLOW, {"shop/echo"}), {("shop/echo", ""): call}
    return Flow(program, calls, {}, Input(None), Documents(FLOW))


async def test_it_ends_a_run_that_would_send_in_spite_of_its_mocks(client, upstream):
    async def send(request, attempts):
        return await client.send(request, NoAuth(), Timeouts())

    way = Way(send, notifier("alice@example.com"), asyncio.sleep, is_mocked=True)
    deadline = asyncio.get_running_loop().time() + 10
    with nothing_leaves(), pytest.raises(NothingLeaves):  # which nothing in a flow can catch
        await walk(flow_at(upstream.url), Past(), Stop(), way, deadline)
    assert upstream.seen == []
    walked = await walk(flow_at(upstream.url), Past(), Stop(), way, deadline)
    assert (walked.outcome.status, upstream.seen) == ("success", [("GET", "/echo")])


def test_it_walks_with_mocks_sealed(upstream):
    """What the mocks are made of is asked from inside."""
    seen = []

    class Mocks(dict):
        def get(self, name, default=None):
            with pytest.raises(NothingLeaves):
                require_leave("A mock")
            seen.append(name)
            return super().get(name, default)

    mocks = Mocks({"shop/echo": Mock([Reply(data=1)])})
    walked = walk_mocked(flow_at(upstream.url), mocks, Past(), Stop(), 10)
    assert (seen, walked.outcome.status, upstream.seen) == (["shop/echo"], "success", [])
    require_leave("What is outside of it")
