"""A sample value of a schema, as OpenAPI 3.0 and 3.1 write them (JSON Schema 2020-12).

What the schema's author gives as example, default or enum is preferred to what could be made up.
"""

from typing import Any

from dynamic.importing.openapi.references import References
from dynamic.importing.samples import Allowance, sample_of
from dynamic.importing.shapes import as_list, as_mapping

MOST_LEVELS = 8
MOST_VALUES = 500  # of one sample
_BY_FORMAT = {
    "date-time": "2026-01-31T12:00:00Z",
    "date": "2026-01-31",
    "time": "12:00:00Z",
    "uuid": "123e4567-e89b-12d3-a456-426614174000",
    "email": "alice@example.com",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "binary": "content of the file",
    "byte": "dGV4dA==",
}


class Schemas:
    """Reads the schemas of one document."""

    def __init__(self, references: References, allowance: Allowance) -> None:
        self._references = references
        self._allowance = allowance
        self._left = 0

    def sample(self, schema: Any, *, hidden: str = "") -> Any:
        """Make a sample, without the properties marked `hidden` ("readOnly", "writeOnly")."""
        self._left = MOST_VALUES
        return self._value(schema, hidden, 0)

    def stated(self, schema: Any) -> Any:
        """Give a copy of the example or the default that a schema states, or None."""
        mapping = self._references.resolve(schema)
        value = mapping.get("example", mapping.get("default"))
        return None if value is None else sample_of(value, self._allowance)

    def properties(self, schema: Any, *, hidden: str = "") -> tuple[dict[str, Any], bool]:
        """Give the properties of an object in all its forms: allOf, oneOf and anyOf together.

        The second tells that there are forms to choose from.
        """
        self._left = MOST_VALUES
        found: dict[str, Any] = {}
        has_forms = self._collect(schema, hidden, found, 0)
        return found, has_forms

    def type_of(self, schema: Any) -> str:
        """Give the type of a schema, the first but null where there are several."""
        mapping = self._references.resolve(schema)
        kind = mapping.get("type")
        if isinstance(kind, list):
            kind = next((item for item in kind if item != "null"), "")
        if isinstance(kind, str):
            return kind
        return "object" if as_mapping(mapping.get("properties")) else ""

    def resolve(self, schema: Any) -> dict[str, Any]:
        return self._references.resolve(schema)

    def _collect(self, schema: Any, hidden: str, found: dict[str, Any], level: int) -> bool:
        self._left -= 1
        if level > MOST_LEVELS or self._left < 0 or not self._allowance.spend(values=1):
            return False
        mapping = self._references.resolve(schema)
        forms = [*as_list(mapping.get("oneOf")), *as_list(mapping.get("anyOf"))]
        has_forms = len(forms) > 1
        for part in [*as_list(mapping.get("allOf")), *forms]:
            has_forms |= self._collect(part, hidden, found, level + 1)
        for name, property_schema in as_mapping(mapping.get("properties")).items():
            self._left -= 1
            if self._left < 0 or not self._allowance.spend(values=1, characters=len(name)):
                break
            if not (hidden and self._references.resolve(property_schema).get(hidden) is True):
                found.setdefault(name, property_schema)
        return has_forms

    def _value(self, schema: Any, hidden: str, level: int) -> Any:
        self._left -= 1
        if level > MOST_LEVELS or self._left < 0 or not self._allowance.spend(values=1):
            return None
        mapping = self._references.resolve(schema)
        given = self._given(mapping)
        if given is not None:
            return sample_of(given, self._allowance)
        if as_list(mapping.get("allOf")):
            return self._merged(mapping, hidden, level)
        for key in ("oneOf", "anyOf"):
            forms = [f for f in as_list(mapping.get(key)) if as_mapping(f).get("type") != "null"]
            if forms and not as_mapping(mapping.get("properties")):
                return self._value(forms[0], hidden, level + 1)
            if forms:
                return self._merged({**mapping, "allOf": forms[:1]}, hidden, level)
        return self._by_type(mapping, hidden, level)

    def _given(self, mapping: dict[str, Any]) -> Any:
        examples, choices = mapping.get("examples"), mapping.get("enum")
        candidates = [
            mapping.get("const"),
            mapping.get("example"),
            examples[0] if isinstance(examples, list) and examples else None,
            mapping.get("default"),
            choices[0] if isinstance(choices, list) and choices else None,
        ]
        return next((value for value in candidates if value is not None), None)

    def _merged(self, mapping: dict[str, Any], hidden: str, level: int) -> Any:
        merged: dict[str, Any] = {}
        other: Any = None
        for part in as_list(mapping["allOf"]):
            value = self._value(part, hidden, level + 1)
            if isinstance(value, dict):
                merged.update(value)
            elif value is not None:
                other = value
        if as_mapping(mapping.get("properties")):
            merged.update(self._object(mapping, hidden, level))
        return merged or other

    def _by_type(self, mapping: dict[str, Any], hidden: str, level: int) -> Any:
        match self.type_of(mapping):
            case "object":
                return self._object(mapping, hidden, level)
            case "array":
                item = self._value(mapping.get("items"), hidden, level + 1)
                return [] if item is None else [item]
            case "string":
                return _BY_FORMAT.get(str(mapping.get("format"))[:20], "text")
            case "integer" | "number":
                least = mapping.get("minimum")
                return least if isinstance(least, int | float) else 1
            case "boolean":
                return True
        return None

    def _object(self, mapping: dict[str, Any], hidden: str, level: int) -> dict[str, Any]:
        sample = {}
        for name, schema in as_mapping(mapping.get("properties")).items():
            if self._left < 0 or not self._allowance.spend(characters=len(name)):
                break
            if not (hidden and self._references.resolve(schema).get(hidden) is True):
                sample[name] = self._value(schema, hidden, level + 1)
        return sample
