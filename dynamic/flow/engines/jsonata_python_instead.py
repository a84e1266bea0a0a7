"""Functions that the engine has otherwise than https://docs.jsonata.org, or without a bound."""

import functools
from collections.abc import Callable
from typing import Any

from jsonata.functions import Functions
from jsonata.jexception import JException

from dynamic.flow.bounds import MAX_MATCHES
from dynamic.flow.engines.jsonata_python_clock import stop
from dynamic.flow.engines.jsonata_python_patterns import Pattern, filled
from dynamic.flow.engines.jsonata_python_values import is_number
from dynamic.flow.functions.arguments import MAX_CHARACTERS

_MOST_DIGITS = 10**21  # from here on JSON has an exponent


def string(value: Any, prettify: Any = None) -> Any:
    """The engine's, which would write whole numbers of more than 15 digits with an exponent."""
    whole = is_number(value) and abs(value) < _MOST_DIGITS and value == int(value)
    return str(int(value)) if whole else Functions.string(value, prettify)


def _sort(values: Any, comparator: Any = None) -> Any:
    """The engine's, but what the comparator does not put after another stays where it is."""
    if comparator is None or not isinstance(values, list):
        return Functions.sort(values, comparator)

    def compare(left: Any, right: Any) -> int:
        # `sorted` asks only whether the later one, `left`, must come first.
        return -1 if Functions.to_boolean(Functions.func_apply(comparator, [right, left])) else 0

    return sorted(values, key=functools.cmp_to_key(compare))


def _replace(text: Any, pattern: Any = None, new: Any = None, limit: Any = None) -> Any:
    """Bounded; a text is put in as it is for a text, and with its $1 for a regular expression."""
    if text is None:
        return None
    if limit is not None and not is_number(limit):
        raise JException("T0410", -1, 4, "replace")
    most = MAX_MATCHES + 1 if limit is None else int(limit)
    if most < 0:
        raise JException("D3011", -1)
    if isinstance(pattern, Pattern):
        return pattern.sub(_replacer(new), text, most)
    if not all(isinstance(value, str) for value in (text, pattern, new)):
        raise JException("T0410", -1, 2, "replace")
    if not pattern:
        raise JException("D3010", -1)
    count = min(text.count(pattern), most)
    if len(text) + count * (len(new) - len(pattern)) > max(MAX_CHARACTERS, len(text)):
        raise stop(f"$replace makes a text of more than {MAX_CHARACTERS} characters.")
    return text.replace(pattern, new, -1 if limit is None else most)


def _replacer(new: Any) -> Callable[[Any], str]:
    if isinstance(new, str):
        return lambda match: filled(new, match)

    def called(match: Any) -> str:
        found = {"match": match.group(), "start": match.start(), "end": match.end()}
        value = Functions.func_apply(new, [found | {"groups": list(match.groups())}])
        if not isinstance(value, str):
            raise JException("D3012", -1)
        return value

    return called


INSTEAD: dict[str, Callable[..., Any]] = {"string": string, "sort": _sort, "replace": _replace}
