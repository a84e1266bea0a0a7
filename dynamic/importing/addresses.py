"""URLs as sources write them: origin and the rest, and what is below a base URL."""

import re

LONGEST_BASE = 500  # what a system's base URL may have
_ABSOLUTE = re.compile(r"(https?)://([^/?#\\\s]*)", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def has_scheme(url: str) -> bool:
    return _SCHEME.match(url) is not None


def user_of(url: str) -> str | None:
    """Give the `user:password` that an URL holds before its host, or None."""
    match = _ABSOLUTE.match(url)
    return match[2].rpartition("@")[0] if match and "@" in match[2] else None


def split_origin(url: str) -> tuple[str, str]:
    """Cut an http(s) URL into its origin, in one spelling and without a user, and the rest.

    The origin of anything else is empty.
    """
    match = _ABSOLUTE.match(url)
    if match is None:
        return "", url
    scheme = match[1].lower()
    host = match[2].rpartition("@")[2].lower().removesuffix(_DEFAULT_PORTS[scheme])
    return (f"{scheme}://{host}", url[match.end() :]) if host else ("", url)


def joined(base: str, path: str) -> str:
    """Join a base URL and a path by one slash."""
    return f"{base.rstrip('/')}/{path.lstrip('/')}"


def below(url: str, base: str) -> str | None:
    """Give the path of an URL below a base URL, beginning with a slash; None if it is elsewhere."""
    origin, rest = split_origin(url)
    base_origin, base_path = split_origin(base)
    base_path = base_path.rstrip("/")
    if origin != base_origin or not f"{rest}/".startswith(f"{base_path}/"):
        return None
    return "/" + rest[len(base_path) :].lstrip("/")
