"""What a key may do, as its owner writes it: read, checked, and put into one form.

pipes       list of ids of pipes that the owner may call; None for all, [] for none
networks    list of CIDR networks; None for anywhere, [] for nowhere
"""

import ipaddress
from collections.abc import Iterable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MOST_NETWORKS = 100
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")


def networks(written: Iterable[str]) -> list[str]:
    """The networks in their one spelling, each once. Raises ValueError, naming the bad one."""
    found = list(dict.fromkeys(str(_network(text)) for text in written))
    if len(found) > MOST_NETWORKS:
        raise ValueError(f"These are {len(found)} networks; a key takes at most {MOST_NETWORKS}.")
    return found


def _network(text: str) -> Network:
    try:
        if "%" in text:
            raise ValueError("a zone names a network card of one machine")
        loose = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(
            f"{text!r} is not a network: write one such as 203.0.113.0/24, 2001:db8::/32 "
            "or a single address."
        ) from None
    if loose.network_address != ipaddress.ip_interface(text).ip:
        raise ValueError(f"{text} has bits set beyond its prefix; did you mean {loose}?")
    if isinstance(loose, ipaddress.IPv6Network) and loose.subnet_of(_MAPPED):
        # Callers from there are known by their IPv4 address.
        start = int(loose.network_address) & 0xFFFF_FFFF
        return ipaddress.ip_network((start, loose.prefixlen - 96))
    return loose
