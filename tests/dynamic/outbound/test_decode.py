"""From bytes and a content type to data."""

import base64
from typing import Any

import pytest

from dynamic.flow.exchange import Unusable
from dynamic.outbound.decode import DEEPEST_JSON, decode

JSON = "application/json"


def decoded(body: bytes | str, content_type: str = JSON, status: int = 200) -> Any:
    raw = body.encode() if isinstance(body, str) else body
    return decode(bytearray(raw), content_type, api="shop/get-order", status=status)


@pytest.mark.parametrize("body", ["", " \r\n\t", b"\xef\xbb\xbf"])
def test_it_gives_none_for_nothing(body: bytes | str) -> None:
    assert decoded(body) is None


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json", "Application/JSON; charset=utf-8", 'application/json;charset="UTF-8"',
        "text/json", "application/problem+json", "application/vnd.shop.v2+json; v=1", "",
    ],
)  # fmt: skip
def test_it_reads_json(content_type: str) -> None:
    assert decoded('{"é": [1, 2.5, null, true]}', content_type) == {"é": [1, 2.5, None, True]}


@pytest.mark.parametrize(
    ("encoding", "content_type"),
    [
        ("utf-8-sig", JSON),
        ("utf-16", JSON),
        ("utf-32", JSON),
        ("utf-16-le", "application/json; charset=utf-16le"),
        ("utf-16-be", "application/json; charset=UTF-16BE"),
        ("utf-32-be", "application/json; charset=utf-32be"),
        ("iso-8859-1", "application/json; charset=latin1"),
        ("utf-8-sig", ""),
    ],
)
def test_it_reads_json_in_the_charset_that_it_is_marked_or_declared_in(
    encoding: str, content_type: str
) -> None:
    assert decoded('{"name": "é"}'.encode(encoding), content_type) == {"name": "é"}


def test_it_reads_a_big_endian_mark() -> None:
    assert decoded(b"\xfe\xff" + '"é"'.encode("utf-16-be")) == "é"
    assert decoded(b"\x00\x00\xfe\xff" + '"é"'.encode("utf-32-be")) == "é"


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ('{"a": NaN}', "at byte 6"),
        ('{"a": Infinity}', "at byte 6"),
        ('{"é": x}', "at byte 7"),
        ('{"a": 1} trailing', "at byte 9"),
        ('{"a": 1', "at byte"),
        ("{'a': 1}", "at byte 1"),
        (r'"\ud800"', "at byte"),
        ("1e400", "at byte 0"),
        (b'"\xff"', "at byte"),
        (b'"\xed\xa0\x80"', "at byte"),
        ("plain text", "at byte 0"),
        ("[" * 100_000, "at byte"),
    ],
)
def test_it_says_where_json_is_not_json(body: bytes | str, where: str) -> None:
    with pytest.raises(Unusable) as failure:
        decoded(body)
    sentence = str(failure.value)
    assert sentence.startswith(
        "shop/get-order answered 200 with a body that says it is JSON but is not: "
    )
    assert where in sentence


@pytest.mark.parametrize("page", ["<!doctype html>", "\n  <html>", "\ufeff<?xml version='1.0'?>"])
def test_it_recognises_a_page_where_json_was_promised(page: str) -> None:
    with pytest.raises(Unusable, match='starts with "<"'):
        decoded(page)


@pytest.mark.parametrize("pair", ["[]", ("{", "}")])
def test_it_reads_json_as_deep_as_it_can_be_written_again(pair: tuple[str, str]) -> None:
    def nested(levels: int) -> str:
        opening = "[" if pair[0] == "[" else '{"a":'
        return opening * levels + "1" + pair[1] * levels

    assert decoded(nested(DEEPEST_JSON)) is not None
    for levels in (DEEPEST_JSON + 1, 1000):
        with pytest.raises(Unusable, match="levels"):
            decoded(nested(levels))


def test_it_reads_json_that_is_wide_and_not_deep() -> None:
    assert len(decoded("[" + ",".join(["[]"] * 5000) + "]")) == 5000


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("grün", "text/plain", "grün"),
        ('{"a": 1}', "text/plain", '{"a": 1}'),
        ("<p>é</p>", "text/html; charset=utf-8", "<p>é</p>"),
        ("<p>é</p>".encode("latin-1"), "text/html; charset=ISO-8859-1", "<p>é</p>"),
        ("<p>é</p>".encode("latin-1"), "text/html", "<p>é</p>"),
        ("é".encode("utf-16"), "text/csv", "é"),
        ("é".encode("utf-8-sig"), "text/csv; charset=utf-8", "é"),
        ("<a/>", "application/xml", "<a/>"),
        ("<a/>", "application/soap+xml; charset='utf-8'", "<a/>"),
        ("a=1&b=2", "application/x-www-form-urlencoded", "a=1&b=2"),
        ("hello", "", "hello"),
        ("{not json", "", "{not json"),
        ("[" * 1000, "", "[" * 1000),
    ],
)
def test_it_gives_text_as_a_string(body: bytes | str, content_type: str, text: str) -> None:
    assert decoded(body, content_type.replace("'", '"')) == text


@pytest.mark.parametrize(
    "content_type", ["image/png", "application/octet-stream", "application/pdf; x=1", "nonsense"]
)
def test_it_gives_anything_else_as_base64(content_type: str) -> None:
    body = bytes(range(256))
    assert decoded(body, content_type) == {
        "base64": base64.b64encode(body).decode(),
        "content_type": content_type.partition(";")[0],
        "size": 256,
    }


def test_it_gives_unlabelled_bytes_that_are_no_text_as_base64() -> None:
    assert decoded(b"\x89PNG\xff", "")["content_type"] == "application/octet-stream"


@pytest.mark.parametrize(
    "charset",
    ["klingon", "hex", "zip", "rot13", "idna", "punycode", "unicode_escape", "utf-7", "utf7",
     "raw_unicode_escape", "undefined", "a\x00b", "é", "x" * 5000],
)  # fmt: skip
@pytest.mark.parametrize("media_type", ["text/plain", "application/json"])
def test_it_refuses_an_unknown_charset(media_type: str, charset: str) -> None:
    with pytest.raises(Unusable, match="unknown charset"):
        decoded('"x"', f"{media_type}; charset={charset}")


def test_it_refuses_text_that_is_not_in_its_charset() -> None:
    with pytest.raises(Unusable, match="not utf-8: byte 2"):
        decoded(b"ab\xff", "text/plain; charset=utf-8")


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("<h1>Bad gateway</h1>", JSON, "<h1>Bad gateway</h1>"),
        (b"broken \xff", JSON, "broken \ufffd"),
        ("oops", "text/plain; charset=klingon", "oops"),
        (b"ab\xff", "text/plain; charset=utf-8", "ab\ufffd"),
        ("[" * 300 + "]" * 300, JSON, "[" * 300 + "]" * 300),
    ],
)
@pytest.mark.parametrize("status", [400, 502])
def test_it_keeps_an_error_status_whatever_its_body(
    status: int, body: bytes | str, content_type: str, text: str
) -> None:
    assert decoded(body, content_type, status) == text
