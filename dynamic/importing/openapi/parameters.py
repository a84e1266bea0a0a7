"""Parameters of an OpenAPI operation: in the path, the query, the headers, the cookies."""

import re
from typing import Any

from dynamic.importing.arguments import Argument, written
from dynamic.importing.assembling import MAX_ROWS
from dynamic.importing.drafts import Draft
from dynamic.importing.openapi.schema_sample import Schemas
from dynamic.importing.samples import Allowance, sample_of
from dynamic.importing.shapes import as_line, as_list, as_mapping, as_scalar_text

_IN_PATH = re.compile(r"\{([^{}]{1,200})\}")
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_IGNORED_HEADERS = {"accept", "content-type", "authorization"}  # Parameter Object, "name"
_STYLES = {"path": "simple", "query": "form", "header": "simple"}


class Parameters:
    """Puts the parameters of one operation into its draft."""

    def __init__(self, draft: Draft, schemas: Schemas, allowance: Allowance) -> None:
        self._draft = draft
        self._schemas = schemas
        self._allowance = allowance

    def add(self, path: str, of_path: Any, of_operation: Any) -> None:
        """Add them all; one of the operation replaces that of the path with its name and place.

        `path` is the template of the path, with `{name}`.
        """
        parameters: dict[tuple[str, str], dict[str, Any]] = {}
        for raw in [*as_list(of_path)[:MAX_ROWS], *as_list(of_operation)[:MAX_ROWS]]:
            parameter = self._schemas.resolve(raw)
            name, place = parameter.get("name"), parameter.get("in")
            if isinstance(name, str) and name and isinstance(place, str):
                parameters[place, name[:200]] = parameter
        self._draft.path = self._path(path, parameters)
        for (place, name), parameter in parameters.items():
            match place:
                case "query":
                    self._query(name, parameter)
                case "header" if name.lower() not in _IGNORED_HEADERS:
                    value = str(self._argument("header", name, parameter))
                    self._draft.add_parameter("header", name, value, _label(parameter))
                case "cookie":
                    self._draft.note(f"The cookie {name[:60]} was left out: a call has none.")

    def _path(self, path: str, parameters: dict[tuple[str, str], dict[str, Any]]) -> str:
        path, _, query = path.partition("#")[0].partition("?")
        for piece in query.split("&")[:MAX_ROWS] if query else []:
            key, _, value = piece.partition("=")
            self._draft.add_query(key, written([value]))
        pieces: list[str | Argument] = []
        end = 0
        for match in _IN_PATH.finditer(path):
            pieces.append(path[end : match.start()])
            parameter = parameters.get(("path", match[1]), {})
            pieces.append(self._argument("path", match[1], parameter))
            end = match.end()
        return written([piece for piece in [*pieces, path[end:]] if piece != ""])

    def _argument(self, place: str, name: str, parameter: dict[str, Any]) -> Argument:
        style = parameter.get("style", _STYLES[place])
        if style not in ("simple", "form", "deepObject"):
            self._draft.note(f"The style {as_line(style, 30)} of {name[:60]} was not taken over.")
        sample = self._sample(parameter, place)
        if isinstance(sample, list) and (place != "query" or parameter.get("explode") is False):
            sample = ",".join(filter(None, map(as_scalar_text, sample)))
            self._draft.note(f"Give {name[:60]} as one text, its values separated by commas.")
        return self._draft.arguments.take(name, place, sample)

    def _query(self, name: str, parameter: dict[str, Any]) -> None:
        label = _label(parameter)
        if parameter.get("style") == "deepObject":
            self._deep_object(name, parameter, label)
            return
        argument = self._argument("query", name, parameter)
        if as_mapping(parameter.get("content")):  # the value is serialised as that media type
            value = f"{{{{ $string({argument.name}) }}}}"
            self._draft.add_parameter("query", name, value, label)
        else:
            self._draft.add_parameter("query", name, str(argument), label)

    def _deep_object(self, name: str, parameter: dict[str, Any], label: str) -> None:
        properties, _ = self._schemas.properties(parameter.get("schema"))
        argument = self._argument("query", name, parameter)
        for key in list(properties)[:MAX_ROWS]:
            if _PLAIN_NAME.fullmatch(key):
                value = f"{{{{ {argument.name}.`{key}` }}}}"
                self._draft.add_parameter("query", f"{name}[{key}]", value, label)
            else:
                self._draft.note(f"The part {key[:60]} of {name[:60]} was left out.")

    def _sample(self, parameter: dict[str, Any], place: str) -> Any:
        """Give its example, or what its schema states; for one that is required, a made-up one."""
        if parameter.get("example") is not None:
            return sample_of(parameter["example"], self._allowance)
        for example in as_mapping(parameter.get("examples")).values():
            value = self._schemas.resolve(example).get("value")
            if value is not None:
                return sample_of(value, self._allowance)
        schema = parameter.get("schema")
        if schema is None:
            media = next(iter(as_mapping(parameter.get("content")).values()), None)
            schema = as_mapping(media).get("schema")
        if place == "path" or parameter.get("required") is True:
            return self._schemas.sample(schema)
        return self._schemas.stated(schema)


def _label(parameter: dict[str, Any]) -> str:
    return as_line(parameter.get("description"), 100)
