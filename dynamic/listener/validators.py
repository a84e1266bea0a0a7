"""What HTTP says about answers that may be given again: RFC 9110 sections 8.8 and 13, RFC 9111."""

import hashlib
import re

import orjson

from dynamic.listener.answer import Answer

# RFC 9110 section 8.8.3. The weakness is outside of the group: 13.1.2 compares weakly.
_ETAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')

# RFC 9110 section 15.4.5, and what is ours.
_OF_304 = frozenset(
    {
        *("Cache-Control", "Content-Location", "Date", "ETag", "Expires", "Vary"),
        *("Age", "Run-Id", "Run-Status"),
    }
)
_OF_THE_RUN = frozenset({"Run-Id", "Run-Status"})


def directives(cache_control: str) -> frozenset[str]:
    """Those of a Cache-Control field, in lower case, an argument behind its `=`."""
    return frozenset(part.strip().lower() for part in cache_control.split(","))


def add_validators(answer: Answer, seconds: int, names: tuple[str, ...]) -> None:
    """Let the caller keep the answer for so long, and ask then whether it is still the same.

    `names` are the request's headers that make another answer. What the flow itself says of its
    answer stays. `private`, whatever callers share with each other: a proxy would give the answer
    to people without a key.
    """
    headers = answer.headers
    own = headers.pop("Etag", None)  # as a flow's headers are spelled
    headers["ETag"] = own or _etag(answer)
    headers.setdefault("Cache-Control", f"private, max-age={seconds}")
    vary = ("Authorization", "Access-Token", *(name.title() for name in names))
    headers["Vary"] = ", ".join((headers["Vary"], *vary) if "Vary" in headers else vary)


def unchanged(answer: Answer, if_none_match: str | None) -> Answer:
    """304 in place of an answer that the caller has already; any other as it is.

    For reads, and for answers that `add_validators` knows: section 13.2.1 has the condition
    ignored where the answer without it would not be 2xx.
    """
    etag = answer.headers.get("ETag")
    if if_none_match is None or etag is None or not _matches(if_none_match, etag):
        return answer
    return Answer(304, headers={k: v for k, v in answer.headers.items() if k in _OF_304})


def _etag(answer: Answer) -> str:
    """Strong: the same only for the same bytes, described in the same way, on every server."""
    headers = {k: v for k, v in answer.headers.items() if k not in _OF_THE_RUN}
    described = orjson.dumps([answer.status, answer.content_type, sorted(headers.items())])
    return f'"{hashlib.sha256(described + b" " + answer.body).hexdigest()[:32]}"'


def _matches(if_none_match: str, etag: str) -> bool:
    if if_none_match.strip() == "*":
        return True
    return etag.removeprefix("W/") in _ETAG.findall(if_none_match)
