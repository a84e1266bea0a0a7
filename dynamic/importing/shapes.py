"""A value as what it should have been: sources are written by people, and wrong in every way."""

from typing import Any


def as_mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def as_line(value: Any, longest: int = 200) -> str:
    """Give a text on one line, cut; nothing for anything but a text."""
    if not isinstance(value, str):
        return ""
    line = " ".join(value[: 4 * longest].split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def as_prose(value: Any, longest: int = 2000) -> str:
    """Give a description, cut; nothing for anything but a text."""
    if not isinstance(value, str):
        return ""
    prose = value[: 2 * longest].strip()
    return prose if len(prose) <= longest else prose[: longest - 1] + "…"


def as_scalar_text(value: Any) -> str | None:
    """Write a text, number or boolean as JSON would inside a text; None for all else."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
    return None
