"""`{{variables}}`, in Postman's sense: placeholders that a collection may give values for."""

import re
from typing import Any

from dynamic.importing.arguments import Argument, Arguments, written
from dynamic.importing.credentials import is_secret
from dynamic.importing.parsing import parse_json
from dynamic.importing.proposal import SourceInvalid
from dynamic.importing.samples import LONGEST_TEXT
from dynamic.importing.shapes import as_list, as_mapping, as_scalar_text

MOST_STEPS = 10
LONGEST_RESOLVED = 500
_VARIABLE = re.compile(r"\{\{([^{}]{1,200})\}\}")
# What Postman's own converters and documentation write for a value that one has to fill in.
_PLACEHOLDER = re.compile(r"<([A-Za-z][A-Za-z0-9 _-]{0,30})>")
_PLACEHOLDER_SAMPLES = {"integer": 1, "long": 1, "number": 1, "boolean": True, "string": "text"}
# A string of JSON, to its end even where it is not closed; or a variable outside of one.
_STRING_OR_VARIABLE = re.compile(
    r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|\{\{\s*([^{}"\\]{1,200}?)\s*\}\}', re.DOTALL
)


class Variables:
    """The variables of a collection with their values, secret ones without."""

    def __init__(self, rows: Any) -> None:
        self._values: dict[str, str] = {}
        self._secret: set[str] = set()
        for row in map(as_mapping, as_list(rows)):
            name, value = row.get("key", row.get("id")), as_scalar_text(row.get("value"))
            if not isinstance(name, str) or value is None or row.get("disabled") is True:
                continue
            self._values[name] = value
            if row.get("type") == "secret" or is_secret(name):
                self._secret.add(name)
        self._resolved: dict[str, str | None] = {}

    def sample(self, name: str) -> str | None:
        """Give the value of a variable for a sample argument; None for none, and for a secret."""
        value = self._values.get(name)
        if not value or name in self._secret or len(value) > LONGEST_TEXT:
            return None
        return None if _VARIABLE.search(value) else value

    def resolve(self, text: str) -> str | None:
        """Put in the values of all variables; None when one has none, or there is no end."""
        return self._resolve(text, 0)

    def _resolve(self, text: str, level: int) -> str | None:
        pieces, end = [], 0
        for match in _VARIABLE.finditer(text[: LONGEST_RESOLVED + 1]):
            value = self._value(match[1].strip(), level)
            if value is None:
                return None
            pieces += [text[end : match.start()], value]
            end = match.end()
        whole = "".join([*pieces, text[end:]])
        return whole if len(whole) <= LONGEST_RESOLVED else None

    def _value(self, name: str, level: int) -> str | None:
        if name not in self._resolved:
            self._resolved[name] = None  # also while it is being resolved, so circles end
            value = self._values.get(name)
            if value is not None and level < MOST_STEPS and name not in self._secret:
                self._resolved[name] = self._resolve(value, level + 1)
        return self._resolved[name]


class Templates:
    """Makes the texts of one request into templates."""

    def __init__(self, variables: Variables, arguments: Arguments) -> None:
        self._variables = variables
        self._arguments = arguments

    def text(self, text: str, field: str = "", place: str = "") -> str:
        """Make each `{{variable}}` an argument; all else is literal.

        A text that is only a placeholder, such as `<string>`, becomes an argument with the name
        of its field; `place` tells fields of the same name apart.
        """
        placeholder = _PLACEHOLDER.fullmatch(text) if field else None
        if placeholder:
            kind = placeholder[1].lower()
            return str(self._arguments.take(field, place, _PLACEHOLDER_SAMPLES.get(kind)))
        pieces: list[str | Argument] = []
        end = 0
        for match in _VARIABLE.finditer(text):
            pieces += [text[end : match.start()], self.variable(match[1].strip())]
            end = match.end()
        return written([piece for piece in [*pieces, text[end:]] if piece != ""])

    def variable(self, name: str) -> Argument:
        """Give the argument of a variable; `$guid` and its like are named without the $."""
        return self._arguments.take(name, "variable", self._variables.sample(name))

    def json(self, text: str) -> Any:
        """Read a JSON text in which variables may stand for values. Raises SourceInvalid."""
        bare: set[str] = set()

        def quote(match: re.Match[str]) -> str:
            if match[1] is None:
                return match[0]
            bare.add(match[1])
            return f'"{{{{{match[1]}}}}}"'

        data = parse_json(_STRING_OR_VARIABLE.sub(quote, text))
        made = self._made(data, "body", "body")
        for name in bare:
            self._retype(name)
        return made

    def _retype(self, name: str) -> None:
        """A variable outside of quotes stands for a number or the like, not for a text."""
        argument = self.variable(name)
        sample = self._arguments.samples.get(argument.name)
        if isinstance(sample, str):
            try:
                self._arguments.samples[argument.name] = parse_json(sample)
            except SourceInvalid:
                return

    def _made(self, value: Any, field: str, place: str) -> Any:
        if isinstance(value, str):
            return self.text(value, field, place)
        if isinstance(value, dict):
            inside = f"{place}_{field}"[-100:] if place != field else place
            return {key: self._made(item, key or "value", inside) for key, item in value.items()}
        if isinstance(value, list):
            return [self._made(item, field, place) for item in value]
        return value


def fill_in(value: Any) -> Any:
    """Copy an answer with a sample in the place of each placeholder, such as `<integer>`."""
    if isinstance(value, str):
        placeholder = _PLACEHOLDER.fullmatch(value)
        return _PLACEHOLDER_SAMPLES.get(placeholder[1].lower(), value) if placeholder else value
    if isinstance(value, dict):
        return {key: fill_in(item) for key, item in value.items()}
    return [fill_in(item) for item in value] if isinstance(value, list) else value
