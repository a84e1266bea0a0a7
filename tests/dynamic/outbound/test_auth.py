"""Credentials in requests, and every form in which they could show."""

import base64
import json
from urllib.parse import quote, quote_plus, urlencode

import pytest

from dynamic.flow.exchange import Request
from dynamic.outbound.auth import Authentication, Basic, NoAuth, StaticKey

SECRET = 'p/s+w rd:é"\\<&>%'
REQUEST = Request("shop/get-order", "GET", "https://shop.example/x", (("Accept", "*/*"),))


def test_it_leaves_a_request_without_authentication_as_it_is() -> None:
    assert NoAuth().apply(REQUEST) == REQUEST
    assert NoAuth().secrets() == ()


def test_it_puts_a_key_with_its_prefix_into_a_header() -> None:
    request = StaticKey("header", "Authorization", "abc", "Bearer ").apply(REQUEST)
    assert request.headers == (("Accept", "*/*"), ("Authorization", "Bearer abc"))
    assert REQUEST.headers == (("Accept", "*/*"),)


@pytest.mark.parametrize(
    ("auth", "name", "value"),
    [
        (StaticKey("header", "X-Key", "new"), "X-Key", "new"),
        (Basic("a", "b"), "Authorization", "Basic YTpi"),
    ],
)
def test_it_replaces_every_header_of_the_same_name(
    auth: Authentication, name: str, value: str
) -> None:
    rows = ((name.upper(), "old"), ("Accept", "*/*"), (name.lower(), "older"))
    request = Request("a/b", "GET", "https://shop.example/", rows)
    assert auth.apply(request).headers == (("Accept", "*/*"), (name, value))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://h/x", "https://h/x?k%26=a%20b%26c%3D%2F%23%C3%A9"),
        ("https://h/x?", "https://h/x?k%26=a%20b%26c%3D%2F%23%C3%A9"),
        ("https://h/x?a=1", "https://h/x?a=1&k%26=a%20b%26c%3D%2F%23%C3%A9"),
        ("https://h/x?a=1&", "https://h/x?a=1&k%26=a%20b%26c%3D%2F%23%C3%A9"),
        ("https://h/x#f?", "https://h/x?k%26=a%20b%26c%3D%2F%23%C3%A9#f?"),
    ],
)
def test_it_appends_an_encoded_key_to_the_query(url: str, expected: str) -> None:
    auth = StaticKey("query", "k&", "a b&c=/#é")
    assert auth.apply(Request("a/b", "GET", url)).url == expected


def test_it_encodes_basic_credentials_in_utf_8() -> None:
    # The example of RFC 7617 section 2.1.
    assert Basic("test", "123£").apply(REQUEST).headers[-1] == (
        "Authorization",
        "Basic dGVzdDoxMjPCow==",
    )


@pytest.mark.parametrize(
    "auth",
    [
        StaticKey("header", "X-Key", SECRET, "Token "),
        StaticKey("query", "key", SECRET),
        Basic("someone", SECRET),
    ],
)
def test_it_names_every_form_of_its_secret(auth: Authentication) -> None:
    request = auth.apply(REQUEST)
    forms = auth.secrets()

    def redacted(text: str) -> str:
        for form in forms:
            text = text.replace(form, "***")
        return text

    sent = "\n".join([request.url, *(value for _, value in request.headers)])
    assert redacted(sent) != sent
    for echo in (
        sent,
        json.dumps(sent),
        SECRET,
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        quote(SECRET),
        quote_plus(SECRET),
        urlencode({"k": SECRET}).lower(),
        base64.b64encode(SECRET.encode()).decode(),
    ):
        for part in ("p/s", "s+w", "w rd", "cC9zK3cg", "s%2Bw", "s%2bw", "w+rd", "w%20rd"):
            assert part not in redacted(echo)


def test_it_names_longer_forms_before_shorter_ones() -> None:
    lengths = [len(form) for form in Basic("someone", SECRET).secrets()]
    assert lengths == sorted(lengths, reverse=True)


@pytest.mark.parametrize("password", ["", "X"])
def test_it_counts_a_user_name_without_a_real_password_as_the_secret(password: str) -> None:
    assert "sk_live_123" in Basic("sk_live_123", password).secrets()
    assert "" not in Basic("sk_live_123", password).secrets()
    assert "someone" not in Basic("someone", "a real password").secrets()


@pytest.mark.parametrize(
    "auth", [StaticKey("query", "key", "hunter2"), Basic("hunter2", ""), Basic("me", "hunter2")]
)
def test_it_shows_no_secret_in_its_repr(auth: Authentication) -> None:
    assert "hunter2" not in f"{auth!r} {auth}"


@pytest.mark.parametrize("bad", ["\r", "\n", "\0", "\x7f", "\ud800"])
def test_it_refuses_a_secret_that_cannot_be_sent_without_repeating_it(bad: str) -> None:
    value = f"hunter2{bad}"
    for make in (
        lambda: StaticKey("header", "X-Key", value),
        lambda: StaticKey("query", "key", value),
        lambda: StaticKey("header", "X-Key", "ok", prefix=value),
        lambda: Basic("me", value),
        lambda: Basic(value, "ok"),
    ):
        with pytest.raises(ValueError, match="cannot be sent") as failure:
            make()
        assert "hunter2" not in str(failure.value)


def test_it_refuses_what_its_scheme_cannot_carry() -> None:
    with pytest.raises(ValueError, match="colon"):
        Basic("a:b", "c")
    with pytest.raises(ValueError, match="name of a header"):
        StaticKey("header", "X Key", "v")
    with pytest.raises(ValueError, match="set by the connection"):
        StaticKey("header", "Host", "v")
    for name, value in (("", "v"), ("k", "")):
        with pytest.raises(ValueError, match="name and a value"):
            StaticKey("query", name, value)
