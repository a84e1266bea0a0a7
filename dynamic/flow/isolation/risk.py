"""Which expressions run in a process of their own, and what of the scope they are given there.

Inside this process nothing can stop an expression whose value is large only when it is written out,
since it shares its parts: `{"a": $x, "b": $x}`, forty times over, or `lines.($$.lines)`, which the
engine makes of some thousand lines within its time. So it runs where it may be ended, but for those
of which the syntax tree shows that they give little more than they are given (`growth`). Those with
a comment, which two parsers might end in different places, are run apart; and so are regular
expressions with counted repetitions, which can be nested to any size.

Apart costs a tenth of a millisecond, and what it takes to hand over the data that is needed.
"""

import re
from functools import lru_cache

from dynamic.flow.isolation.growth import grows

_COUNTED = re.compile(r"/[^/]*\{\s*\d[^/]*/")

# What can read a whole scope or its context without naming a name of it: the context itself, a
# wildcard where a value is expected, a call that takes the context for an argument that is left
# out, a function with a signature that does so, and a name that is written as a text.
_WHOLE = re.compile(
    r"""
      \$\$(?!\s*\.) | (?<!\$)\$(?![\w$])
    | (?:^|[^\w\s)\]}`]|\b(?:and|or|in)\b)\s*[*%]
    | \$\w+\s*\(\s*\) | \$(?:each|sift|lookup)\b | \)\s*<[^>]*-
    | \.\s*["'] | ["']\s*\.
    """,
    re.VERBOSE,
)


@lru_cache(maxsize=10_000)
def is_risky(text: str) -> bool:
    """Whether an expression has to run in a process of its own."""
    return "/*" in text or _COUNTED.search(text) is not None or grows(text)


def names_needed(text: str) -> frozenset[str] | None:
    """The names that the expression may read of its scope; None where it may read all of it."""
    if _WHOLE.search(text):
        return None
    # Those in texts, too: a few too many.
    return frozenset([*re.findall(r"\w+", text), *re.findall(r"`([^`]*)`", text)])
