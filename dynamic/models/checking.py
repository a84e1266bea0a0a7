"""Check a model's fields, collecting every fault instead of stopping at the first."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from django.core.exceptions import ValidationError

from dynamic.flow.expressions import ExpressionInvalid

Checks = Mapping[str, Callable[[], object]]


def run_checks(checks: Checks, fields: frozenset[str] = frozenset()) -> None:
    """Run the check of each field. An expression's fault stands at the field that it names, where
    that is one of `fields`, and else at the field that was checked.

    Raises ValidationError by field, with every fault.
    """
    faults: dict[str, list[str]] = {}
    for field, check in checks.items():
        try:
            check()
        except ExpressionInvalid as error:
            for fault in error.faults:
                named = str(fault.path[0]).partition("[")[0] if fault.path else ""
                at = named if named in fields else field
                faults.setdefault(at, []).append(fault.message.removeprefix(f"{named}: "))
        except ValueError as error:
            faults.setdefault(field, []).append(str(error))
    if faults:
        raise ValidationError(faults)


def require_storable(value: Any) -> None:
    """Raise ValueError for JSON that no database takes: a NUL, half of a surrogate pair, 10^30."""
    try:
        text = orjson.dumps(value)
    except orjson.JSONEncodeError as error:
        raise ValueError(f"It holds what cannot be kept: {error}.") from None
    if b"\\u0000" in text:
        raise ValueError("It holds a NUL character.")


def refuse_words(slug: str, words: frozenset[str]) -> None:
    """Raise ValueError where the slug is a word of our own URLs."""
    if slug in words:
        raise ValueError(f"“{slug}” is a word of our own URLs: choose another one.")
