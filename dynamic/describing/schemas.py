"""JSON Schema, Draft 2020-12, as OpenAPI 3.0 writes schemas.

https://spec.openapis.org/oas/v3.0.3#schema-object. What it has no word for is left out, so that
the schema tells rather less than too much; references are written out.
"""

from typing import Any

from dynamic.importing.openapi.references import References
from dynamic.importing.shapes import as_list, as_mapping

MOST_LEVELS = 12
MOST_PARTS = 2000  # of one schema, written out

_SAME = (
    *("title", "description", "default", "format", "pattern", "multipleOf", "maximum", "minimum"),
    *("maxLength", "minLength", "maxItems", "minItems", "uniqueItems", "maxProperties"),
    *("minProperties", "required", "enum", "readOnly", "writeOnly", "deprecated"),
)
_LISTS = ("allOf", "anyOf", "oneOf")
_BOUNDS = {"exclusiveMaximum": "maximum", "exclusiveMinimum": "minimum"}


def as_openapi(schema: Any) -> dict[str, Any]:
    return _Writer(as_mapping(schema)).write(schema, 0)


class _Writer:
    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self._references = References(root)
        self._left = MOST_PARTS

    def write(self, schema: Any, level: int) -> dict[str, Any]:
        self._left -= 1
        if schema is False:
            return {"not": {}}
        if level > MOST_LEVELS or self._left < 0:
            return {}
        given = self._resolved(as_mapping(schema))
        written = {name: given[name] for name in _SAME if name in given}
        written |= _type(given) | _values(given) | _bounds(given)
        for name in _LISTS:
            if parts := as_list(given.get(name)):
                written[name] = [self.write(part, level + 1) for part in parts]
        if "not" in given:
            written["not"] = self.write(given["not"], level + 1)
        return written | self._inside(given, level)

    def _resolved(self, given: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in given:
            return given
        beside = {name: value for name, value in given.items() if name != "$ref"}
        whole = given["$ref"] == "#"
        return (self._root if whole else self._references.resolve(given)) | beside

    def _inside(self, given: dict[str, Any], level: int) -> dict[str, Any]:
        """Schemas of the properties and of the items."""
        written: dict[str, Any] = {}
        if properties := as_mapping(given.get("properties")):
            written["properties"] = {
                name: self.write(part, level + 1) for name, part in properties.items()
            }
        more = given.get("additionalProperties")
        if more is not None:
            written["additionalProperties"] = (
                more if isinstance(more, bool) else self.write(more, level + 1)
            )
        if "items" in given and "prefixItems" not in given:
            written["items"] = self.write(given["items"], level + 1)
        elif "array" in _types(given):
            written["items"] = {}  # OpenAPI wants it
        return written


def _types(given: dict[str, Any]) -> list[str]:
    kind = given.get("type")
    return [kind] if isinstance(kind, str) else [str(each) for each in as_list(kind)]


def _type(given: dict[str, Any]) -> dict[str, Any]:
    types = _types(given)
    named = [kind for kind in types if kind != "null"]
    written: dict[str, Any] = {"nullable": True} if "null" in types else {}
    if len(named) == 1:
        written["type"] = named[0]
    elif not named and types:
        written["enum"] = [None]
    return written  # of several types nothing can be said that all tools read


def _values(given: dict[str, Any]) -> dict[str, Any]:
    written: dict[str, Any] = {}
    if "const" in given:
        written["enum"] = [given["const"]]
    if examples := as_list(given.get("examples")):
        written["example"] = examples[0]
    return written


def _bounds(given: dict[str, Any]) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for name, bound in _BOUNDS.items():
        value = given.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            written |= {bound: value, name: True}
    return written
