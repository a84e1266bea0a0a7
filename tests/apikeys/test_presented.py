"""Where a caller may put a credential, and that there is only ever one."""

import pytest

from apikeys.presented import InvalidRequest, Presented, find, parameters

TOKEN = "dik_0123456789_secret"


def found(headers=(), query=b"", query_allowed=True):
    return find(headers, parameters(query), query_allowed=query_allowed)


@pytest.mark.parametrize(
    "header",
    [
        (b"authorization", b"Bearer " + TOKEN.encode()),
        (b"authorization", b"bearer " + TOKEN.encode()),
        (b"authorization", b"BEARER   " + TOKEN.encode()),
        (b"authorization", b"access_token " + TOKEN.encode()),
        (b"authorization", b"Access_Token " + TOKEN.encode()),
        (b"access-token", TOKEN.encode()),
        (b"access_token", TOKEN.encode()),
    ],
)
def test_it_finds_it_in_a_header(header):
    assert found([header]) == Presented(TOKEN, "header")


@pytest.mark.parametrize("name", ["access_token", "token", "jwt_token", "access%5Ftoken"])
def test_it_finds_it_in_the_query(name):
    assert found(query=f"a=1&{name}={TOKEN}&b=".encode()) == Presented(TOKEN, "query")


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ([], b""),
        ([(b"authorization", b"Basic dXNlcjpwYXNz")], b""),
        ([(b"authorization", b"Bearerx")], b""),
        ([(b"x-access-token", b"x")], b""),
        ([], b"Access_Token=x&tokens=y&jwt=z"),
    ],
)
def test_it_finds_none(headers, query):
    assert found(headers, query) is None


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ([(b"authorization", b"Bearer a"), (b"authorization", b"Bearer a")], b""),
        ([(b"authorization", b"Bearer a,Bearer b")], b""),
        ([(b"authorization", b"Bearer a"), (b"access-token", b"a")], b""),
        ([(b"access-token", b"a"), (b"access_token", b"a")], b""),
        ([(b"authorization", b"Bearer a")], b"access_token=a"),
        ([], b"access_token=a&access_token=a"),
        ([], b"access_token=a&token=a"),
        ([], b"token=a&jwt_token="),
    ],
)
def test_it_refuses_more_than_one(headers, query):
    with pytest.raises(InvalidRequest):
        found(headers, query)


def test_it_refuses_one_in_the_query_where_the_site_does():
    with pytest.raises(InvalidRequest, match="Authorization: Bearer"):
        found(query=b"token=a", query_allowed=False)


@pytest.mark.parametrize("query", [b"a=\xff", b"a=%ff", b"&".join([b"a=1"] * 1001)])
def test_it_refuses_a_query_it_cannot_read(query):
    with pytest.raises(InvalidRequest):
        parameters(query)


def test_it_never_shows_the_credential():
    assert TOKEN not in repr(found(query=f"token={TOKEN}".encode()))
