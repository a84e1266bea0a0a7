"""The operator's list of destinations beyond the public Internet."""

import pytest

from dynamic.outbound.guard import AddressRefused, Allowed, Guard


def permits(entry: str, host: str, address: str, port: int) -> bool:
    try:
        Guard(Allowed.parse([entry])).check(host, address, port)
    except AddressRefused:
        return False
    return True


@pytest.mark.parametrize(
    ("entry", "host", "address", "port"),
    [
        ("10.0.0.0/8", "erp.internal", "10.255.0.1", 443),
        ("10.0.0.0/8:443", "erp.internal", "10.255.0.1", 443),
        ("192.168.1.7", "192.168.1.7", "192.168.1.7", 80),
        ("192.168.1.7", "printer", "192.168.1.7", 80),
        ("127.0.0.1", "::ffff:7f00:1", "::ffff:127.0.0.1", 80),
        ("fd00::/8", "erp.internal", "fd12::1", 8443),
        ("[fd00::/8]:8443", "erp.internal", "fd12::1", 8443),
        ("::1", "localhost", "::1", 80),
        ("[::1]", "localhost", "::1", 80),
        ("[::1]:2020", "::1", "::1", 2020),
        ("127.0.0.1:2020", "localhost", "127.0.0.1", 2020),
        ("erp.internal", "erp.internal", "10.0.0.5", 80),
        ("erp.internal", "erp.internal", "fd12::1", 80),
        ("ERP.Internal.", "erp.internal", "10.0.0.5", 80),
        ("bücher.internal", "xn--bcher-kva.internal", "10.0.0.5", 80),
        ("erp.internal:8080", "erp.internal", "10.0.0.5", 8080),
        ("  erp.internal ", "erp.internal", "10.0.0.5", 80),
        ("0.0.0.0/0", "metadata", "169.254.169.254", 80),
        ("::/0", "router", "fe80::1", 80),
        ("64:ff9b::/96", "shop.example", "64:ff9b::808:808", 443),
    ],
)
def test_it_allows_what_an_entry_names(entry: str, host: str, address: str, port: int) -> None:
    assert not permits("192.0.2.255", host, address, port)
    assert permits(entry, host, address, port)


@pytest.mark.parametrize(
    ("entry", "host", "address", "port"),
    [
        ("172.16.0.0/13", "erp.internal", "172.24.0.0", 80),
        ("10.0.0.0/8:443", "erp.internal", "10.0.0.1", 80),
        ("127.0.0.1:2020", "127.0.0.1", "127.0.0.1", 2021),
        ("127.0.0.1", "127.0.0.2", "127.0.0.2", 80),
        ("[::1]:2020", "::1", "::1", 2021),
        ("erp.internal", "other.internal", "10.0.0.5", 80),
        ("erp.internal", "10.0.0.5", "10.0.0.5", 80),
        ("erp.internal", "x.erp.internal", "10.0.0.5", 80),
        ("erp.internal:8080", "erp.internal", "10.0.0.5", 80),
        ("0.0.0.0/0", "router", "fe80::1", 80),
        ("::/0", "router", "10.0.0.1", 80),
        ("::/0", "router", "::ffff:10.0.0.1", 80),
        ("::/0", "router", "fe80::1%eth0", 80),
        ("fe80::/10", "router", "fe80::1%eth0", 80),
    ],
)
def test_it_allows_nothing_else(entry: str, host: str, address: str, port: int) -> None:
    assert not permits(entry, host, address, port)


@pytest.mark.parametrize(
    "entry",
    [
        "", " ", "*", "*.internal", "http://erp.internal", "erp.internal/path", "erp internal",
        "erp.internal:", "erp.internal:0", "erp.internal:65536", "erp.internal:http",
        "erp.internal:８０", "erp.internal:80:80", "10.0.0.1/8", "10.0.0.0/33", "10.0.0/8",
        "10.0.0", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "10.0.0.256", "10.0.0.0-9",
        "[10.0.0.1]:80", "[::1", "[::1]2020", "[::1]:", "fe80::1%eth0", "fe80::%eth0/64", "::1/129",
        "::ffff:10.0.0.0/104", "::ffff:10.0.0.1", "-erp.internal", "erp..internal", "user@erp",
        "a" * 64 + ".internal",
    ],
)  # fmt: skip
def test_it_names_the_entry_that_it_cannot_read(entry: str) -> None:
    with pytest.raises(ValueError) as failure:  # noqa: PT011, the message is compared below
        Allowed.parse(["10.0.0.0/8", entry])
    assert str(failure.value).startswith(f"{entry.strip()!r} in the list of allowed destinations")
