"""`Prefer` (RFC 7240): what a caller would like, in so far as we can."""

import re

RESPOND_ASYNC = "respond-async"

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_PAIR = rf"(?P<name>{_WORD})(?:[ \t]*=[ \t]*(?P<value>{_WORD}|{_QUOTED}))?"
_PARAMETER = rf"[ \t]*;(?:[ \t]*{_WORD}(?:[ \t]*=[ \t]*(?:{_WORD}|{_QUOTED}))?)?"
_PREFERENCE = re.compile(rf"[ \t]*{_PAIR}(?:{_PARAMETER})*[ \t]*")
# Of a list. A comma in quotes is none; quotes that are not closed take all that follows, so that
# nothing is looked at twice.
_ELEMENT = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*+"?+\\?+)++')


def preferences(header: str) -> dict[str, str]:
    """Each preference's value, "" for none; names in lower case, of several the first counts.

    What is not written as section 2 has it is left out: a server ignores what it does not know.
    """
    found: dict[str, str] = {}
    for element in _ELEMENT.findall(header):
        if match := _PREFERENCE.fullmatch(element):
            value = match["value"] or ""
            if value.startswith('"'):
                value = re.sub(r"\\(.)", r"\1", value[1:-1])
            found.setdefault(match["name"].lower(), value)
    return found


def asks_not_to_wait(header: str) -> bool:
    """Whether `respond-async` is among them; section 4.1 gives it no value."""
    return preferences(header).get(RESPOND_ASYNC) == ""
