"""One curl command to its options: https://curl.se/docs/manpage.html

Not by argparse: curl takes the next word as an option's value even where it begins with a dash,
as the boundary of a multipart body does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_SHORT = {
    "X": "request",
    "H": "header",
    "d": "data",
    "F": "form",
    "G": "get",
    "u": "user",
    "b": "cookie",
    "I": "head",
    "A": "user-agent",
    "e": "referer",
    "T": "upload-file",
    "k": "insecure",
    "x": "proxy",
    "n": "netrc",
    "E": "cert",
    "K": "config",
    ":": "next",
}
# They say how to fetch and where to put the answer, which is no part of the request.
_SHORT_IGNORED = set("LsSvifOJNgq#46012Rj")
_SHORT_IGNORED_VALUES = set("omwcDryYC")
_TAKING_VALUE = {
    *("request", "header", "data", "data-raw", "data-binary", "data-ascii", "data-urlencode"),
    *("json", "form", "form-string", "user", "oauth2-bearer", "cookie", "user-agent", "referer"),
    *("upload-file", "url", "url-query", "proxy", "cert", "key", "config", "aws-sigv4"),
    *("proxy-user", "proxy-header", "pass", "cert-type", "key-type"),
}
_WITHOUT_VALUE = {
    *("get", "head", "insecure", "next", "digest", "ntlm", "negotiate", "anyauth", "basic"),
    *("netrc", "netrc-optional"),
}
_IGNORED = {
    *("location", "silent", "show-error", "verbose", "include", "fail", "fail-with-body"),
    *("compressed", "globoff", "remote-name", "no-buffer", "http1.1", "http2", "http3", "ipv4"),
    *(
        "http1.0",
        "http2-prior-knowledge",
        "ipv6",
        "progress-bar",
        "no-progress-meter",
        "path-as-is",
    ),
    *("location-trusted", "tlsv1.2", "tlsv1.3", "ssl-no-revoke", "tcp-nodelay", "raw", "disable"),
    *("retry-all-errors", "retry-connrefused", "no-keepalive", "styled-output", "create-dirs"),
}
_IGNORED_VALUES = {
    *("output", "write-out", "max-time", "connect-timeout", "retry", "retry-delay", "cookie-jar"),
    *("retry-max-time", "dump-header", "max-redirs", "cacert", "capath", "limit-rate", "trace"),
    *("trace-ascii", "stderr", "output-dir", "keepalive-time", "speed-limit", "speed-time"),
    *("resolve", "connect-to", "interface", "ciphers", "tls-max", "noproxy", "proto", "range"),
}


@dataclass(slots=True)
class Options:
    """What one transfer was asked for, in the order of the command."""

    urls: list[str] = field(default_factory=list)
    given: list[tuple[str, str]] = field(default_factory=list)  # long name, value
    unknown: list[str] = field(default_factory=list)

    def values(self, *names: str) -> list[str]:
        return [value for name, value in self.given if name in names]

    def last(self, name: str) -> str | None:
        found = self.values(name)
        return found[-1] if found else None

    def has(self, *names: str) -> bool:
        return any(name in names for name, _ in self.given)


def read_options(words: Sequence[str]) -> list[Options]:
    """Sort the words after `curl`; `--next` begins another transfer."""
    transfers = [Options()]
    for name, value in _pairs(iter(words)):
        current = transfers[-1]
        if name == "next":
            transfers.append(Options())
        elif name == "url":
            current.urls.append(value)
        elif name in _TAKING_VALUE or name in _WITHOUT_VALUE:
            current.given.append((name, value))
        elif name not in _IGNORED and name not in _IGNORED_VALUES:
            current.unknown.append(name)
    return transfers


def _pairs(words: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Give the options by their long names; one that is unknown by what was written."""
    for word in words:
        if word == "--":
            yield from (("url", rest) for rest in words)
        elif word.startswith("--"):
            name, _, attached = word[2:].partition("=")
            takes = name in _TAKING_VALUE or name in _IGNORED_VALUES
            known = takes or name in _WITHOUT_VALUE or name in _IGNORED
            value = (attached or next(words, "")) if takes else ""
            yield (name if known else f"--{name[:40]}"), value
        elif word.startswith("-") and len(word) > 1:
            yield from _letters(word[1:], words)
        else:
            yield "url", word


def _letters(letters: str, words: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Read letters written together: `-sSXPOST`. The rest after one with a value is its value."""
    for index, letter in enumerate(letters):
        name = _SHORT.get(letter, "")
        if name in _TAKING_VALUE or letter in _SHORT_IGNORED_VALUES:
            value = letters[index + 1 :] or next(words, "")
            if name:
                yield name, value
            return
        if name:
            yield name, ""
        elif letter not in _SHORT_IGNORED:
            yield f"-{letter}", ""
