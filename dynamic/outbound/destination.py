"""One reading of a URL and of a host name, shared by the guard, its allow list and the client.

Where two programs read one URL differently, one of them can be led past the other. So a URL is
read once, strictly, and what is not plain is refused rather than guessed at.
"""

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from yarl import URL

from dynamic.flow.exchange import Refused

# yarl drops line breaks and tabs where others may not.
_SPACE_OR_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f]")

# RFC 1123 section 2.1, and the underscore that real networks use all the same.
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_LONGEST_NAME = 253

# https://url.spec.whatwg.org/#ends-in-a-number-checker: such a host is read as an IPv4 address
# by every resolver (0x7f000001, 2130706433, 127.1), so it can never be a name.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


def destination(url: str) -> URL:
    """The URL to send to: absolute, http or https, its host in canonical form, no fragment.

    Path and query stay byte for byte as they are given.

    Raises `Refused` with a sentence that repeats neither path nor query: they may hold a key.
    """
    parsed = _parsed(url)
    bracketed = parsed.raw_authority.startswith("[")
    try:
        name = parsed.raw_host or ""
        host = f"[{_ipv6(name)}]" if bracketed else canonical_host(name)
    except ValueError as error:
        raise Refused(f"The URL cannot be used: {error}") from None
    port = parsed.explicit_port
    return URL.build(
        scheme=parsed.scheme,
        authority=host if port is None else f"{host}:{port}",
        path=parsed.raw_path,
        query_string=parsed.raw_query_string,
        encoded=True,
    )


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port (RFC 6454 section 4). Raises `Refused`."""
    parsed = destination(url)
    return parsed.scheme, str(parsed.raw_host), parsed.port


def _parsed(url: str) -> URL:
    try:
        parsed = URL(url, encoded=True)
        authority, port = parsed.raw_authority, parsed.explicit_port
    except ValueError:
        raise Refused("The URL cannot be read. It must look like https://host/path.") from None
    if parsed.scheme not in {"http", "https"} or not parsed.raw_host:
        raise Refused("The URL must begin with http:// or https:// and name a host.")
    if "@" in authority:
        raise Refused(
            "The URL holds a user name or password before its host. "
            "Store them as the system's credentials instead."
        )
    # RFC 3986 section 2: all but the host is visible ASCII.
    if _SPACE_OR_CONTROL.search(url) or not parsed.raw_path_qs.isascii():
        raise Refused("The URL holds spaces or other characters that must be percent-encoded.")
    if port == 0:
        raise Refused("The URL names port 0, which nothing can listen on.")
    return parsed


@lru_cache(maxsize=4096)
def canonical_host(text: str) -> str:
    """The one spelling of a host: four numbers with dots, or a lower-case name.

    International names become their ASCII form, fullwidth digits plain ones, and the dot that
    ends a fully qualified name goes.

    Raises ValueError with a sentence, for anything that is neither an IPv4 address nor a name.
    """
    try:
        host = text.lower() if text.isascii() else str(URL(f"http://{text}/").raw_host)
    except ValueError:  # UnicodeError is one: a name that IDNA does not know
        raise ValueError(f"{text!r} is not a host name.") from None
    host = host.removesuffix(".")
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _ipv4(host)
    if len(host) > _LONGEST_NAME or not all(map(_LABEL.fullmatch, labels)):
        raise ValueError(f"{text!r} is not a host name.")
    return host


def _ipv4(host: str) -> str:
    try:
        return str(IPv4Address(host))
    except AddressValueError:
        raise ValueError(
            f"{host!r} is an odd spelling of an address. Write it as four numbers with dots."
        ) from None


def _ipv6(host: str) -> str:
    try:
        address = IPv6Address(host)
    except AddressValueError:
        raise ValueError(f"{host!r} is not an IPv6 address.") from None
    if address.scope_id is not None:
        raise ValueError(f"{host!r} names a network interface, which no outside address does.")
    return str(address)
