"""The networks that are not the public Internet, and what each of them is.

Source: the IANA registries of special-purpose addresses (RFC 6890 and its successors), read in
full:
  https://www.iana.org/assignments/iana-ipv4-special-registry/
  https://www.iana.org/assignments/iana-ipv6-special-registry/
and, because the registries leave it out, multicast. An explicit table and not
`ipaddress.is_global`: that answers differently from one Python to the next.

The descriptions finish the sentence "shop.example stands for 10.0.0.5, ...".
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# A network inside another stands before it: the first match names the address.
_IPV4 = (
    ("0.0.0.0/8", 'an address of "this network", in effect this machine (RFC 791)'),
    ("10.0.0.0/8", "a private network (RFC 1918)"),
    ("100.64.0.0/10", "a network shared behind a carrier's NAT (RFC 6598)"),
    ("127.0.0.0/8", "this machine itself (loopback, RFC 1122)"),
    # Not in the registry, public by its number, but every Azure machine reaches its host there.
    ("168.63.129.16/32", "the Azure host's own address"),
    ("169.254.0.0/16", "a link-local network, where clouds keep their metadata (RFC 3927)"),
    ("172.16.0.0/12", "a private network (RFC 1918)"),
    ("192.0.0.0/24", "a network for protocol assignments (RFC 6890)"),
    ("192.0.2.0/24", "a network for documentation (RFC 5737)"),
    ("192.31.196.0/24", "a network for AS112 name servers (RFC 7535)"),
    ("192.52.193.0/24", "a network for multicast tunnels (AMT, RFC 7450)"),
    ("192.88.99.0/24", "a network for 6to4 relays (RFC 7526)"),
    ("192.168.0.0/16", "a private network (RFC 1918)"),
    ("192.175.48.0/24", "a network for AS112 name servers (RFC 7534)"),
    ("198.18.0.0/15", "a network for benchmarks (RFC 2544)"),
    ("198.51.100.0/24", "a network for documentation (RFC 5737)"),
    ("203.0.113.0/24", "a network for documentation (RFC 5737)"),
    ("224.0.0.0/4", "a multicast group (RFC 5771)"),
    ("255.255.255.255/32", "the broadcast address (RFC 919)"),
    ("240.0.0.0/4", "a reserved network (RFC 1112)"),
)

_IPV6 = (
    ("::/128", "the unspecified address, in effect this machine (RFC 4291)"),
    ("::1/128", "this machine itself (loopback, RFC 4291)"),
    ("::ffff:0:0/96", "an IPv4 address in IPv6 clothes (RFC 4291)"),
    ("::/96", "an IPv4 address in IPv6 clothes (RFC 4291)"),
    ("64:ff9b::/96", "an IPv4 address behind NAT64 (RFC 6052)"),
    ("64:ff9b:1::/48", "an IPv4 address behind a local NAT64 (RFC 8215)"),
    ("100::/64", "a network that discards everything (RFC 6666)"),
    ("100:0:0:1::/64", "a dummy network (RFC 9780)"),
    ("2001::/32", "an IPv4 address in a Teredo tunnel (RFC 4380)"),
    ("2001:2::/48", "a network for benchmarks (RFC 5180)"),
    ("2001:10::/28", "a cryptographic identifier (ORCHID, RFC 4843)"),
    ("2001:20::/28", "a cryptographic identifier (ORCHIDv2, RFC 7343)"),
    ("2001::/23", "a network for protocol assignments (RFC 2928)"),
    ("2001:db8::/32", "a network for documentation (RFC 3849)"),
    ("2002::/16", "an IPv4 address in a 6to4 tunnel (RFC 3056)"),
    ("2620:4f:8000::/48", "a network for AS112 name servers (RFC 7534)"),
    ("3fff::/20", "a network for documentation (RFC 9637)"),
    ("5f00::/16", "a network for segment routing (RFC 9602)"),
    ("fc00::/7", "a private network (unique local, RFC 4193)"),
    ("fe80::/10", "a link-local network (RFC 4291)"),
    ("fec0::/10", "a private network (site-local, RFC 3879)"),
    ("ff00::/8", "a multicast group (RFC 4291)"),
)

SPECIAL_IPV4 = tuple((IPv4Network(network), what) for network, what in _IPV4)
SPECIAL_IPV6 = tuple((IPv6Network(network), what) for network, what in _IPV6)

# All of the public IPv6 Internet lies here; whatever IANA hands out elsewhere is not ours to try.
_GLOBAL_UNICAST = IPv6Network("2000::/3")


def special(address: Address) -> str | None:
    """What kind of special-purpose address this is; None for one of the public Internet.

    An IPv4 address inside an IPv6 one goes through a gateway that we cannot see, so the whole is
    special whatever it carries. Only an IPv4-mapped one can be judged by what it carries: take
    it out first, with `unmapped`.
    """
    if isinstance(address, IPv4Address):
        return next((what for network, what in SPECIAL_IPV4 if address in network), None)
    named = next((what for network, what in SPECIAL_IPV6 if address in network), None)
    if named is None and address not in _GLOBAL_UNICAST:
        return "an address outside the public Internet's 2000::/3 (RFC 4291)"
    return named


def unmapped(address: Address) -> Address:
    """The IPv4 address inside an IPv4-mapped one; any other address as it is.

    The system connects to the former when asked for the latter (RFC 4291 section 2.5.5.2).
    """
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def as_written(texts: Iterable[str]) -> tuple[str, ...]:
    """Addresses and networks, to be shown as they are. Raises ValueError for anything else."""
    written = tuple(texts)
    for text in written:
        ip_network(text, strict=False)
    return written
