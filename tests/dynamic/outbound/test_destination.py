"""The one reading of a URL."""

import pytest

from dynamic.flow.exchange import Refused
from dynamic.outbound.destination import destination


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://Shop.Example/", "shop.example"),
        ("http://shop.example./", "shop.example"),
        ("http://127.0.0.1./", "127.0.0.1"),
        ("http://１２７.0.0.1/", "127.0.0.1"),
        ("http://127。0。0。1/", "127.0.0.1"),
        ("http://ⓔxample.com/", "example.com"),
        ("http://bücher.example/", "xn--bcher-kva.example"),
        ("http://[0:0:0:0:0:0:0:1]/", "::1"),
        ("http://[::FFFF:127.0.0.1]/", "::ffff:7f00:1"),
        ("http://my_host/", "my_host"),
        ("http://h#@evil.example/", "h"),
        ("http://h?@evil.example/", "h"),
    ],
)
def test_it_reads_the_host_in_one_canonical_spelling(url: str, host: str) -> None:
    assert destination(url).raw_host == host


@pytest.mark.parametrize(
    "url",
    [
        "http://0x7f000001/", "http://017700000001/", "http://2130706433/", "http://127.1/",
        "http://0x7f.1/", "http://0177.0.0.1/", "http://127.0.0.01/", "http://１２７.１/",
        "http://256.0.0.1/", "http://1.2.3.4.5/", "http://shop.0x/", "http://[fe80::1%25eth0]/",
        "http://[fe80::1%eth0]/", "http://[::1/", "http://[v1.x]/", "http://127.0.0.1%00/",
        "http://h%2e/", "http://a..b/", "http://-h/", "http://。/", "http://../",
        f"http://{'a' * 64}.example/", f"http://{'a.' * 127}aa/",
    ],
)  # fmt: skip
def test_it_refuses_a_host_that_is_neither_a_plain_address_nor_a_name(url: str) -> None:
    with pytest.raises(Refused):
        destination(url)


@pytest.mark.parametrize(
    "url",
    [
        "", "/orders", "//shop.example/", "shop.example/orders", "http:///orders", "http:orders",
        "ftp://shop.example/", "file:///etc/passwd", "unix:///run/x", "ws://shop.example/",
        "http://user:pass@shop.example/", "http://user@shop.example/", "http://@shop.example/",
        "http://shop.example\\@127.0.0.1/", "http://shop.example:99999/", "http://shop.example:x/",
        "http://shop.example:0/", "http://shop.example/a b", "http://shop.example/é",
        "http://shop.example/a\r\nHost: evil", "http://sh\nop.example/", "http://shop.example/\t",
        "http://shop.example/?q=\x00", " http://shop.example/", "http://shop example/",
        "http://shop.example/\ud800",
    ],
)  # fmt: skip
def test_it_refuses_a_url_that_two_readers_could_read_differently(url: str) -> None:
    with pytest.raises(Refused):
        destination(url)


@pytest.mark.parametrize(
    "rest",
    ["/", "/a%2Fb%2fc/%7Ex", "/a/../b/./c", "//double", "/?a=1&a=2&b", "/?q=%20+%2B", "/%zz?%zz"],
)
def test_it_leaves_path_and_query_as_they_are(rest: str) -> None:
    assert destination(f"https://shop.example:8443{rest}").raw_path_qs == rest


def test_it_repeats_no_query_in_its_refusal() -> None:
    with pytest.raises(Refused) as refusal:
        destination("ftp://shop.example/?key=hunter2")
    assert "hunter2" not in str(refusal.value)
