"""JSON values as literals of JSONata: whatever they hold, they give exactly themselves."""

import json
import re
from typing import Any

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# The engine takes `undefined` for nothing, which the language does not.
_WORDS = frozenset({"and", "or", "in", "true", "false", "null", "function", "undefined"})
_UNQUOTABLE = re.compile(r"[`\x00-\x1f]")


def literal(value: Any) -> str:
    """Write a JSON value so that JSONata gives it back.

    JSONata reads the strings of JSON with all their escapes, and lists and objects that hold
    literals only keep their form.
    """
    if isinstance(value, dict):
        members = (f"{literal(key)}: {literal(item)}" for key, item in value.items())
        return f"{{{', '.join(members)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def name(text: str) -> str:
    """Write the name of a field as a step of a path."""
    if _NAME.fullmatch(text) and text not in _WORDS:
        return text
    # In backticks nothing is escaped; a string in a path is a name, too.
    return literal(text) if _UNQUOTABLE.search(text) else f"`{text}`"
