"""Which addresses may be connected to.

The public Internet may; every special-purpose network (networks.py) may not, unless the operator
allows it. Ports are free. The guard judges an address, never a name: a name is looked up once,
and the very address that comes of it is judged and connected to, so a name that changes its mind
in between changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address, ip_network

from dynamic.outbound.destination import canonical_host
from dynamic.outbound.networks import Address, Network, special, unmapped

_HIGHEST_PORT = 65535


class AddressRefused(OSError):
    """Raised in place of opening a socket; `str()` is the sentence for the flow's owner.

    An OSError, because that is what aiohttp expects a socket factory to raise.
    """


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of the operator's allow list: a network or a name, on one port or on all."""

    network: Network | None
    name: str | None
    port: int | None

    def permits(self, host: str, address: Address, port: int) -> bool:
        if self.port not in (None, port):
            return False
        return host == self.name if self.network is None else address in self.network

    def names(self, host: str, port: int) -> bool:
        if self.network is not None:
            try:
                return self.permits(host, unmapped(ip_address(host)), port)
            except ValueError:  # a name
                return False
        return host == self.name and self.port in (None, port)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the operator allows beyond the public Internet."""

    entries: tuple[_Entry, ...] = ()

    @classmethod
    def parse(cls, entries: Iterable[str]) -> "Allowed":
        """Read an allow list.

        An entry is a network (`10.0.0.0/8`, `fd00::/8`), an address (`192.168.1.7`, `::1`) or a
        host name (`erp.internal`), each optionally with a port: `127.0.0.1:2020`,
        `10.0.0.0/8:443`, `[::1]:2020`, `erp.internal:8080`. A host name allows whatever that
        name stands for when it is asked for by that name; another name for the same address
        is still refused. `0.0.0.0/0` and `::/0` switch the guard off for IPv4 and for IPv6.

        Raises ValueError, naming the entry, for anything else.
        """
        return cls(tuple(_parse_entry(entry.strip()) for entry in entries))

    def permits(self, host: str, address: Address, port: int) -> bool:
        """Whether an entry covers this address, asked for under this canonical host name."""
        return any(entry.permits(host, address, port) for entry in self.entries)

    def names(self, host: str, port: int) -> bool:
        """Whether an entry covers this canonical host as it is written, a name or an address.

        A name that merely stands for an allowed address is not named: whose it is, is not known.
        """
        return any(entry.names(host, port) for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Guard:
    """The one check of every address, whatever name or literal led to it."""

    allowed: Allowed = Allowed()

    def check(self, host: str, address: str, port: int) -> None:
        """Return when `address` may be connected to for a request to `host`.

        Raises `AddressRefused`. An address that cannot be read is refused: `getaddrinfo` and
        `connect` know spellings (`127.1`, `0x7f.1`) that nobody here has judged.
        """
        try:
            literal = ip_address(address)
        except ValueError:
            raise AddressRefused(f"{host} stands for {address!r}, not an IP address.") from None
        if isinstance(literal, IPv6Address) and literal.scope_id is not None:
            # No allow list entry can mean it: a network has no interface.
            raise AddressRefused(f"{host} stands for {address}, bound to a network interface.")
        parsed = unmapped(literal)
        what = special(parsed)
        if what is None or self.allowed.permits(host, parsed, port):
            return
        subject = f"{host} is" if host == str(parsed) else f"{host} stands for {parsed},"
        raise AddressRefused(
            f"{subject} {what}. Ask the operator to allow it (INTEGRATOR_OUTBOUND_ALLOW)."
        )


def _parse_entry(entry: str) -> _Entry:
    target, port = _split_port(entry)
    try:
        if target[:1].isdigit() or ":" in target or "/" in target:
            return _Entry(_parse_network(target), None, _parse_port(port))
        return _Entry(None, canonical_host(target), _parse_port(port))
    except ValueError as error:
        raise ValueError(
            f"{entry!r} in the list of allowed destinations is neither a network, an address "
            f"nor a host name, with or without a port: {error}"
        ) from None


def _split_port(entry: str) -> tuple[str, str | None]:
    """The entry's target and its port's text; only brackets part an IPv6 address from a port."""
    if entry.startswith("["):
        target, closed, rest = entry[1:].partition("]")
        if closed and ":" in target and (not rest or rest.startswith(":")):
            return target, rest[1:] if rest else None
        return entry, None
    if entry.count(":") == 1:
        target, _, port = entry.partition(":")
        return target, port
    return entry, None


def _parse_network(text: str) -> Network:
    network = ip_network(text)
    if isinstance(network, IPv6Network):
        if network.network_address.scope_id is not None:
            raise ValueError("it names a network interface")
        if network.prefixlen >= 96 and network.network_address.ipv4_mapped is not None:
            raise ValueError("an IPv4-mapped address is judged as its IPv4 address; write that")
    return network


def _parse_port(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _HIGHEST_PORT):
        raise ValueError(f"{text!r} is not a port between 1 and {_HIGHEST_PORT}")
    return int(text)
