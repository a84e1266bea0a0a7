"""Lists in pages, by each rule, to their end or to their bound."""

import time

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from dynamic.flow.exchange import Refused, Request, Unusable
from dynamic.outbound.auth import StaticKey
from dynamic.outbound.paging import Paging, _at, _next_link
from tests.dynamic.outbound.api import response

THINGS = [{"n": n} for n in range(7)]


def paging(**rule):
    return Paging.parse(rule)


@pytest.fixture
async def things(api):
    """/things?page=1&size=3 and ?offset=0&size=3; anything else of the query is left alone."""

    async def give(request):
        size = int(request.query.get("size", "3"))
        if "offset" in request.query:
            start = int(request.query["offset"])
        else:
            start = (int(request.query["page"]) - 1) * size
        return web.json_response({"items": THINGS[start : start + size], "total": len(THINGS)})

    api.answer("/things", give)
    return f"{api.url}/things"


BY_PAGE = {"kind": "page", "items": "{{ data.items }}"}
BY_OFFSET = {"kind": "offset", "items": "{{ data.items }}"}
SIZED = {"size_parameter": "size", "size": 3}


@pytest.mark.parametrize(
    ("rule", "pages"),
    [
        ({**BY_PAGE, **SIZED}, 3),  # the last one is short
        (BY_PAGE, 4),  # how many a page holds is not known: an empty one is the end
        ({**BY_OFFSET, **SIZED}, 3),
        (BY_OFFSET, 4),
        ({**BY_PAGE, "size_parameter": "size", "size": 7}, 2),
    ],
)
async def test_it_counts_pages_or_items(things, api, deliver, rule, pages):
    answer = await deliver(f"{things}?q=a%20b", paging=paging(**rule))
    assert answer.data == THINGS
    assert answer.pages == {"count": pages, "more": False}
    assert len(api.seen) == pages == len(deliver.attempts)
    assert all(target.startswith("/things?q=a%20b&") for target in api.targets())


async def test_it_follows_a_cursor(api, deliver):
    api.answer(
        "/things",
        {"items": [1, 2], "next": "c/1"},
        {"items": [3], "next": 7},
        {"items": [4], "next": None},
    )
    rule = paging(kind="cursor", items="{{ data.items }}", next="{{ data.next }}", parameter="c")
    answer = await deliver(f"{api.url}/things?c=old&x=1", paging=rule)
    assert answer.data == [1, 2, 3, 4]
    assert api.targets() == ["/things?c=old&x=1", "/things?x=1&c=c%2F1", "/things?x=1&c=7"]


@pytest.mark.parametrize("end", [None, "", False])
async def test_it_takes_any_kind_of_nothing_as_the_end(api, deliver, end):
    api.answer("/things", {"items": [1], "next": end})
    rule = paging(kind="cursor", items="{{ data.items }}", next="{{ data.next }}")
    assert (await deliver(f"{api.url}/things", paging=rule)).data == [1]
    assert len(api.seen) == 1


async def test_it_follows_a_link_in_the_body(api, deliver):
    api.answer("/things", {"items": [1], "next": "/more?page=2"})
    api.answer("/more", {"items": [2], "next": f"{api.url}/last"})
    api.answer("/last", {"items": [3]})
    rule = paging(kind="next_link", items="{{ data.items }}", next="{{ data.next }}")
    assert (await deliver(f"{api.url}/things", paging=rule)).data == [1, 2, 3]


async def test_it_follows_a_link_header(api, deliver):
    links = '</things?page=1>; rel="prev", </more?after=a,b>; title="x, y"; rel="next last"'
    api.answer("/things", response(data=[1], Link=links))
    api.answer("/more", response(data=[2], Link='</things>; rel="first"'))
    assert (await deliver(f"{api.url}/things", paging=paging(kind="link_header"))).data == [1, 2]


async def test_it_takes_no_credential_to_another_host(api, other_api, deliver):
    api.answer("/things", {"items": [1], "next": f"{other_api.url}/more"})
    rule = paging(kind="next_link", items="{{ data.items }}", next="{{ data.next }}")
    with pytest.raises(Unusable, match="at another host"):
        await deliver(f"{api.url}/things", paging=rule, auth=StaticKey("header", "K", "secret"))
    assert other_api.seen == []


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("http://shop.example/x?page=2", "https://shop.example/x?page=2"),
        ("http://shop.example:80/x", "https://shop.example/x"),
        ("https://shop.example/x", "https://shop.example/x"),
        ("http://other.example/x", None),
        ("http://shop.example:8080/x", None),
    ],
)
def test_it_keeps_to_tls_where_the_next_link_forgets_it(link, url):
    request = Request("shop/x", "GET", "https://shop.example/x")
    if url is None:
        with pytest.raises(Unusable, match="at another host"):
            _at(request, link)
    else:
        assert _at(request, link).url == url


async def test_it_ends_a_circle(api, deliver):
    api.answer("/things", {"items": [1], "next": "again"})
    rule = paging(kind="cursor", items="{{ data.items }}", next="{{ data.next }}")
    with pytest.raises(Unusable, match="page 3 would be one that was there"):
        await deliver(f"{api.url}/things", paging=rule)


async def test_it_stops_at_the_most_pages_and_says_that_there_are_more(things, deliver):
    rule = paging(**BY_PAGE, **SIZED, most_pages=2)
    answer = await deliver(things, paging=rule)
    assert answer.data == THINGS[:6]
    assert answer.pages == {"count": 2, "more": True}


async def test_it_stops_at_the_most_items_and_says_that_there_are_more(things, deliver):
    rule = paging(**BY_PAGE, **SIZED, most_items=4)
    answer = await deliver(things, paging=rule)
    assert answer.data == THINGS[:4]
    assert answer.pages == {"count": 2, "more": True}


async def test_it_gives_a_page_that_is_not_fine_as_the_answer(api, deliver):
    api.answer("/things", {"items": [1]}, 500)
    answer = await deliver(f"{api.url}/things", paging=paging(**BY_PAGE))
    assert (answer.status_code, answer.pages) == (500, None)
    assert len(deliver.attempts) == 2


async def test_it_says_when_the_rule_cannot_read_the_answer(api, deliver):
    api.answer("/things", {"items": {"a": "x"}})
    rule = paging(kind="page", items="{{ $sum(data.items.a) }}")
    with pytest.raises(Unusable, match="The paging rule cannot read the answer"):
        await deliver(f"{api.url}/things", paging=rule)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"kind": "pages"}, "A paging rule has a kind"),
        ([], None),
        ({}, None),
        ("page", "A paging rule has a kind"),
        ({"kind": "cursor"}, "next is an expression"),
        ({"kind": "page", "size": 10}, "size and size_parameter go together"),
        ({"kind": "page", "most_pages": 0}, "most_pages is a whole number from 1 to 1,000"),
        ({"kind": "page", "most_items": 10**6}, "most_items"),
        ({"kind": "page", "start": "1"}, "start"),
        ({"kind": "page", "items": "{{ + }}"}, "items: The expression"),
        ({"kind": "page", "cursor": "x"}, "A paging rule knows no cursor"),
        ({"kind": "page", "items": 3}, "items is a text"),
        ({"kind": "page", "parameter": "\ud800"}, "parameter holds half of a surrogate pair"),
    ],
)
def test_it_refuses_a_rule_that_says_nothing(written, said):
    if said is None:
        assert Paging.parse(written) is None
        return
    with pytest.raises(ValueError, match=said):
        Paging.parse(written)


@given(st.text(max_size=200))
def test_it_reads_any_link_header(header):
    assert isinstance(_next_link(header), str)


@pytest.mark.parametrize("hostile", ["<" * 100_000, "<>;" + "a" * 100_000, "<>" + "; a=" * 20_000])
def test_it_reads_a_hostile_link_header_in_no_time(hostile):
    began = time.process_time()
    assert _next_link(hostile) == ""
    assert time.process_time() - began < 1


@pytest.mark.parametrize("link", ["http://[", "//a\u2100b/"])
async def test_it_refuses_a_link_that_is_no_url(api, deliver, link):
    api.answer("/things", {"items": [1], "next": link})
    rule = paging(kind="next_link", items="{{ data.items }}", next="{{ data.next }}")
    with pytest.raises(Refused, match="cannot be read as a URL"):
        await deliver(f"{api.url}/things", paging=rule)
