"""Parameters of a URL's query, put in place of any of the same name; the rest stays as it is."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit


def with_parameters(url: str, given: Mapping[str, str]) -> str:
    if not given:
        return url
    parts = urlsplit(url)
    kept = [pair for pair in parts.query.split("&") if pair and _name(pair) not in given]
    pairs = [f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in given.items()]
    return urlunsplit(parts._replace(query="&".join([*kept, *pairs])))


def _name(pair: str) -> str:
    return next((name for name, _ in parse_qsl(pair, keep_blank_values=True)), "")
