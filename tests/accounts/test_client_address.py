"""Whose address a request comes from: spoofed headers change nothing."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.client_address import Proxies

PEER, CALLER = "10.0.0.1", "203.0.113.7"
XFF = Proxies.parse(["10.0.0.0/8", "2001:db8::/32"])
RFC7239 = XFF.written_in("Forwarded")


def by_xff(*lines, peer=PEER, proxies=XFF):
    return proxies.client_address(peer, [(b"x-forwarded-for", line.encode()) for line in lines])


def by_forwarded(*lines, peer=PEER):
    return RFC7239.client_address(peer, [(b"forwarded", line.encode()) for line in lines])


@pytest.mark.parametrize(
    ("lines", "address"),
    [
        ([], PEER),
        ([CALLER], CALLER),
        ([f"{CALLER}, 10.1.1.1"], CALLER),
        ([CALLER, "10.1.1.1"], CALLER),
        ([f"198.51.100.1, {CALLER}"], CALLER),  # the first, its caller wrote itself
        ([f"10.9.9.9, {CALLER}"], CALLER),
        (["10.3.3.3, 10.2.2.2"], "10.3.3.3"),  # a caller within
        ([f"{CALLER}:4711"], CALLER),
        (["[2a00::1]:443"], "2a00::1"),
        (["2a00::1"], "2a00::1"),
        ([f"::ffff:{CALLER}"], CALLER),
        (["garbage"], PEER),
        ([f"{CALLER}, unknown"], PEER),
        ([f"{CALLER}, , 10.1.1.1"], "10.1.1.1"),
        (["fe80::1%eth0"], PEER),
        ([", ".join([CALLER] * 1000)], CALLER),
    ],
)
def test_it_reads_x_forwarded_for_from_right_to_left(lines, address):
    assert by_xff(*lines) == address


@pytest.mark.parametrize(
    ("lines", "address"),
    [
        ([f"for={CALLER}"], CALLER),
        ([f'FOR="{CALLER}:80";proto=https;by=10.0.0.1'], CALLER),
        (['proto=https;for="[2a00::1]:443"'], "2a00::1"),
        ([f"for={CALLER}, for=10.1.1.1"], CALLER),
        ([f'for="x, for=198.51.100.9", for={CALLER}'], CALLER),
        ([f"for={CALLER}, for=_hidden"], PEER),
        ([f"for={CALLER}, for=unknown"], PEER),
        (["proto=https"], PEER),
    ],
)
def test_it_reads_forwarded(lines, address):
    assert by_forwarded(*lines) == address


def test_it_lets_no_open_quote_of_the_caller_swallow_what_the_proxy_wrote():
    for spoofed in ('for="x, for=198.51.100.9', 'for="', 'for=198.51.100.9;x="', 'for=1, "'):
        assert by_forwarded(spoofed, f'for="{CALLER}"') == CALLER
        assert by_forwarded(f'{spoofed}, for="{CALLER}:80";proto=https') == CALLER


def test_it_takes_the_word_of_no_other_peer():
    assert by_xff(CALLER, peer="198.51.100.1") == "198.51.100.1"
    assert by_xff(CALLER, peer="198.51.100.1", proxies=Proxies()) == "198.51.100.1"
    assert by_xff(CALLER, proxies=Proxies()) == PEER


def test_it_reads_one_header_and_no_other():
    assert XFF.client_address(PEER, [(b"forwarded", b"for=198.51.100.9")]) == PEER
    assert RFC7239.client_address(PEER, [(b"x-forwarded-for", b"198.51.100.9")]) == PEER
    assert XFF.client_address(PEER, [(b"x-real-ip", b"198.51.100.9")]) == PEER


def test_it_knows_a_trusted_proxy_in_ipv6s_clothes():
    assert by_xff(CALLER, peer=f"::ffff:{PEER}") == CALLER


@pytest.mark.parametrize("peer", ["", "unix:", "/run/socket"])
def test_it_has_none_where_the_connection_has_none(peer):
    assert by_xff(CALLER, peer=peer) == ""


@pytest.mark.parametrize("header", ["x-real-ip", ""])
def test_it_refuses_to_read_another_header(header):
    with pytest.raises(ValueError, match="is none of forwarded, x-forwarded-for"):
        Proxies().written_in(header)


def test_it_refuses_what_is_no_network():
    with pytest.raises(ValueError, match="host bits"):
        Proxies.parse(["10.0.0.1/8"])


@given(st.binary(max_size=200), st.booleans())
def test_it_gives_an_address_whatever_the_header_says(value, by_rfc):
    proxies, name = (RFC7239, b"forwarded") if by_rfc else (XFF, b"x-forwarded-for")
    ipaddress.ip_address(proxies.client_address(PEER, [(name, value)]))
    assert proxies.client_address("198.51.100.1", [(name, value)]) == "198.51.100.1"
