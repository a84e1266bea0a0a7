"""The values of custom fields, which may hold `{{ expressions }}`, as JSONata."""

from collections.abc import Iterator
from typing import Any

from dynamic.flow.expressions import compile_template
from dynamic.flow.mapping.literals import literal
from dynamic.flow.problems import ExpressionInvalid
from dynamic.flow.scanner import split

TEXT = "$text"  # of the functions that `compiling` defines


def value_text(value: Any) -> str:
    """The JSONata of a value. Raises ValueError with a sentence.

    An item of a list cannot be one whole expression: JSONata puts the items of a list among those
    of the list around it.
    """
    try:
        compile_template(value)  # each expression by itself: it cannot reach beyond its braces
    except ExpressionInvalid as error:
        raise ValueError(error.faults[0].message) from None
    return _written(value)


def whole_expression(value: Any) -> str:
    """The JSONata of a text that is one `{{ expression }}`. Raises ValueError with a sentence."""
    pieces = split(value) if isinstance(value, str) and value else []
    if len(pieces) != 1 or isinstance(pieces[0], str):
        raise ValueError("from is one {{ expression }}, which gives an object or a list of them.")
    return value_text(value)


def expressions_in(value: Any) -> Iterator[str]:
    """The text of every expression in a value whose expressions parse."""
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from expressions_in(part)
    elif isinstance(value, str):
        yield from (piece.text for piece in split(value) if not isinstance(piece, str))


def by_itself(text: str) -> str:
    """An expression of a value with `$item` set, as the table sets it."""
    return f"{{{{ ($item := null; ({text})) }}}}"


def _written(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        members = (f"{literal(key)}: {_written(item)}" for key, item in value.items())
        return f"{{{', '.join(members)}}}"
    if isinstance(value, list):
        if any(isinstance(item, str) and _is_expression(item) for item in value):
            raise ValueError("Write a list with expressions as one expression: {{ [a, b] }}.")
        return f"[{', '.join(map(_written, value))}]"
    return literal(value)


def _is_expression(text: str) -> bool:
    pieces = split(text)
    return len(pieces) == 1 and not isinstance(pieces[0], str)


def _text(text: str) -> str:
    pieces = split(text)
    written = [literal(each) if isinstance(each, str) else each.text for each in pieces]
    if len(pieces) <= 1:
        return f"({written[0]})" if _is_expression(text) else literal(text)
    parts = (
        each if isinstance(piece, str) else f"{TEXT}({each})"
        for piece, each in zip(pieces, written, strict=True)
    )
    return f"({' & '.join(parts)})"
