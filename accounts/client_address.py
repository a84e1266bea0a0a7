"""Whose address a request comes from, where proxies stand in between.

The connection's, unless it is that of a trusted proxy: then the proxy's header is read from right
to left, past each trusted proxy, to the first address that is not one. What stands left of it,
the caller may have written. One header is read and no other: a proxy that sets the one lets the
other pass as the caller sent it.
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

HEADERS = {"x-forwarded-for", "forwarded"}
MOST_HOPS = 50

_PLAIN = re.compile(r"[0-9.]{7,15}", re.ASCII)
_PORT = re.compile(r"\[([^\]]*)\](?::\d{1,5})?|([^:]*)(?::\d{1,5})?", re.ASCII)
# An element of Forwarded, read backwards: its end is the proxy's own, but a quote that the caller
# has left open reaches from its beginning into what the proxy wrote. Within quotes a comma
# separates nothing. Each of these patterns takes time in proportion to the text, whatever it is.
_BACKWARDS = re.compile(r'((?:"(?:[^"]|"(?=\\))*(?:"|$)|[^",])*)(?:,|$)')
_PAIR = re.compile(r'[\s;]*([^\s",;=]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s",;]+))[\s;]*')


@dataclass(frozen=True)
class Proxies:
    """The proxies whose word is taken, and the header that they write it in."""

    networks: tuple[Network, ...] = ()
    header: str = "x-forwarded-for"

    def __post_init__(self) -> None:
        if self.header not in HEADERS:
            raise ValueError(f"{self.header!r} is none of {', '.join(sorted(HEADERS))}.")

    @classmethod
    def parse(cls, words: Iterable[str]) -> "Proxies":
        """Raises ValueError for what is no address or network."""
        return cls(tuple(_network(word) for word in words))

    def written_in(self, header: str) -> "Proxies":
        """The same proxies, which write into this header. Raises ValueError for another."""
        return replace(self, header=header.lower())

    def trusts(self, peer: str) -> bool:
        ip = _address(peer)
        return ip is not None and self._trusts(ip)

    def client_address(self, peer: str, headers: Iterable[tuple[bytes, bytes]]) -> str:
        """The caller's address; `headers` as ASGI gives them, `peer` that of the connection.

        Empty where the connection has none, as on a Unix socket.
        """
        if not self.networks and _PLAIN.fullmatch(peer):
            return peer  # the common case, on the hot path
        caller = _address(peer)
        if caller is None:
            return ""
        if self._trusts(caller):
            for element in self._elements(headers):
                ip = _address(element)
                if ip is None:
                    break  # what nobody can read, nobody can vouch for
                caller = ip
                if not self._trusts(ip):
                    break
        return str(caller)

    def _trusts(self, ip: Address) -> bool:
        return any(ip in network for network in self.networks if network.version == ip.version)

    def _elements(self, headers: Iterable[tuple[bytes, bytes]]) -> Iterator[str]:
        """What the proxies wrote, the nearest first."""
        lines = [value.decode("latin-1") for name, value in headers if name == self.header.encode()]
        written = ",".join(lines)
        if self.header == "forwarded":
            backwards = islice(_BACKWARDS.finditer(written[::-1]), MOST_HOPS)
            return (_for(match[1][::-1]) for match in backwards)
        return (
            element.strip() for element in reversed(written.rsplit(",", MOST_HOPS)[-MOST_HOPS:])
        )


def _for(element: str) -> str:
    """The one `for` of an element (RFC 7239 section 4), or nothing where it is not well formed."""
    found, position = [], 0
    while position < len(element):
        pair = _PAIR.match(element, position)
        if pair is None:
            return ""
        if pair[1].lower() == "for":
            found.append(pair[3] or re.sub(r"\\(.)", r"\1", pair[2]))
        position = pair.end()
    return found[0] if len(found) == 1 else ""


def _network(word: str) -> Network:
    network = ipaddress.ip_network(word)
    if isinstance(network, ipaddress.IPv6Network) and network.prefixlen >= 96:
        mapped = network.network_address.ipv4_mapped
        if mapped:
            return ipaddress.IPv4Network((mapped, network.prefixlen - 96))
    return network


def _address(text: str) -> Address | None:
    """An address with or without port; IPv4 where it is one in IPv6's clothes."""
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        match = _PORT.fullmatch(text)
        if match is None:
            return None
        try:
            ip = ipaddress.ip_address(match[1] or match[2] or "")
        except ValueError:
            return None
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.scope_id:
            return None
        return ip.ipv4_mapped or ip
    return ip
