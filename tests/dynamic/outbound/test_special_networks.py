"""The table of special-purpose networks, held against addresses written out by hand."""

from ipaddress import ip_address, ip_network

import pytest

from dynamic.outbound.guard import AddressRefused, Guard

# The registries' networks, copied here a second time on purpose: a row lost from the table fails.
SPECIAL = """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16 172.16.0.0/12
    192.0.0.0/24 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16
    192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
    255.255.255.255/32
    ::/128 ::1/128 ::/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/32
    2001:1::/32 2001:2::/48 2001:3::/32 2001:4:112::/48 2001:10::/28 2001:20::/28 2001:30::/28
    2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20 5f00::/16 fc00::/7 fe80::/10
    fec0::/10 ff00::/8 ::ffff:0:0:0/96 4000::/3 6000::/3 8000::/3 a000::/3 c000::/3 e000::/4
""".split()  # noqa: SIM905

PUBLIC = """
    1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0
    168.63.129.15 168.63.129.17 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0
    191.255.255.255 192.0.1.0 192.0.3.0 192.88.98.255 192.88.100.0 192.167.255.255 192.169.0.0
    198.17.255.255 198.20.0.0 198.51.99.255 198.51.101.0 203.0.112.255 203.0.114.0
    223.255.255.255
    2000:: 2001:200:: 2001:4860:4860::8888 2001:db7:ffff:ffff:ffff:ffff:ffff:ffff 2001:db9::
    2003:: 2606:4700:4700::1111 2620:4f:7fff:ffff:ffff:ffff:ffff:ffff 2620:4f:8001:: 3ffe::
    3fff:1000::
""".split()  # noqa: SIM905


def first_middle_last(network: str) -> list[str]:
    parsed = ip_network(network)
    places = {0, parsed.num_addresses // 2, parsed.num_addresses - 1}
    return [str(parsed[place]) for place in sorted(places)]


ADDRESSES = [address for network in SPECIAL for address in first_middle_last(network)]


def spellings(address: str) -> list[str]:
    """Every way in which a resolver or a URL may hand over one address."""
    parsed = ip_address(address)
    if parsed.version == 6:
        return [str(parsed), parsed.exploded, parsed.exploded.upper()]
    high, low = int(parsed) >> 16, int(parsed) & 0xFFFF
    return [str(parsed), f"::ffff:{parsed}", f"::FFFF:{parsed}", f"::ffff:{high:x}:{low:x}"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_it_refuses_a_special_address_in_every_spelling(address: str) -> None:
    for spelling in spellings(address):
        with pytest.raises(AddressRefused):
            Guard().check("shop.example", spelling, 443)


@pytest.mark.parametrize("address", PUBLIC)
def test_it_lets_a_public_address_pass_in_every_spelling(address: str) -> None:
    for spelling in spellings(address):
        Guard().check("shop.example", spelling, 443)


@pytest.mark.parametrize(
    "address",
    [
        "64:ff9b::8.8.8.8",  # NAT64
        "2002:808:808::",  # 6to4
        "2001:0:808:808::",  # Teredo
        "::8.8.8.8",  # IPv4-compatible
    ],
)
def test_it_refuses_an_address_that_carries_a_public_ipv4_one_through_a_gateway(
    address: str,
) -> None:
    with pytest.raises(AddressRefused):
        Guard().check("shop.example", address, 443)


@pytest.mark.parametrize(
    "address",
    [
        "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "017700000001", "0177.0.0.1",
        "127.0.0.01", "８.8.8.8", "8.8.8.8 ", "8.8.8.8\x00", "8.8.8.8/32", "localhost", "",
        "[2606:4700::1]", "2606:4700::1%eth0", "fe80::1%eth0", "::ffff:8.8.8.8%1",
    ],
)  # fmt: skip
def test_it_refuses_what_is_not_plainly_an_address(address: str) -> None:
    with pytest.raises(AddressRefused):
        Guard().check("shop.example", address, 443)


def test_it_says_which_network_a_name_leads_to_and_whom_to_ask() -> None:
    with pytest.raises(AddressRefused) as refusal:
        Guard().check("shop.example", "10.0.0.5", 443)
    assert str(refusal.value) == (
        "shop.example stands for 10.0.0.5, a private network (RFC 1918). "
        "Ask the operator to allow it (INTEGRATOR_OUTBOUND_ALLOW)."
    )


def test_it_names_a_literal_address_once() -> None:
    with pytest.raises(AddressRefused, match=r"^169\.254\.169\.254 is a link-local network"):
        Guard().check("169.254.169.254", "169.254.169.254", 80)
