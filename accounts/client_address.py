"""Whose address a request comes from, where proxies stand in between.

The connection's, unless it is that of a trusted proxy: then the proxy's header is read from right
to left, past each trusted proxy, to the first address that is not one. What stands left of it,
the caller may have written. One header is read and no other: a proxy that sets the one lets the
other pass as the caller sent it.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

HEADERS = {"x-forwarded-for", "forwarded"}
MOST_HOPS = 50

_PLAIN = re.compile(r"[0-9.]{7,15}", re.ASCII)
_PORT = re.compile(r"\[([^\]]*)\](?::\d{1,5})?|([^:]*)(?::\d{1,5})?", re.ASCII)
# RFC 7239 section 4; a comma within quotes separates nothing.
_ELEMENTS = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^",])+')
_FOR = re.compile(r'(?:^|;)\s*for=(?:"((?:[^"\\]|\\.)*)"|([^;,"\s]+))', re.IGNORECASE)


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
        return cls(tuple(ipaddress.ip_network(word) for word in words))

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

    def _elements(self, headers: Iterable[tuple[bytes, bytes]]) -> list[str]:
        """What the proxies wrote, the nearest first."""
        lines = [value.decode("latin-1") for name, value in headers if name == self.header.encode()]
        if self.header == "x-forwarded-for":
            elements = ",".join(lines).rsplit(",", MOST_HOPS)[-MOST_HOPS:]
        else:
            found = [element for line in lines for element in _ELEMENTS.findall(line)]
            elements = [_for(element) for element in found[-MOST_HOPS:]]
        return [element.strip() for element in reversed(elements)] if lines else []


def _for(element: str) -> str:
    match = _FOR.search(element)
    return (match[1] or match[2] or "") if match else ""


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
