"""Translate a value by a table: country codes, states of an order, units."""

from typing import Any

from dynamic.flow.functions.arguments import MAX_ROWS, kind_of
from dynamic.flow.values import as_text

Scalar = str | int | float | bool


def lookup_table(table: Any = None, key: Any = None, default: Any = None, *_: Any) -> Any:
    """Give what stands beside a key, or the default; a key of nothing or null is in no table.

    An object's keys are text, so a number or boolean finds the key that is written like it. In a
    list of pairs 1, "1" and true are three keys, and the first pair counts.
    """
    if not isinstance(table, dict | list):
        kind = kind_of(table)
        raise ValueError(f"The table must be an object or a list of pairs, not {kind}")
    if key is None:
        return default
    if not isinstance(key, Scalar):
        raise ValueError(f"The key must be text, a number or a boolean, not {kind_of(key)}")
    if isinstance(table, dict):
        return table.get(as_text(key), default)
    return _in_pairs(table, key, default)


def _in_pairs(table: list[Any], key: Scalar, default: Any) -> Any:
    if len(table) > MAX_ROWS:
        raise ValueError(f"The table has more than {MAX_ROWS:,} pairs")
    kind = kind_of(key)
    for index, pair in enumerate(table):
        if not isinstance(pair, list) or len(pair) != 2:
            raise ValueError(f"Item {index} of the table is no pair [key, value]")
        if pair[0] == key and kind_of(pair[0]) == kind:  # to Python 1 is True
            return pair[1]
    return default
