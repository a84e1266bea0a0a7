"""The JSON Schema of a flow's input (Draft 2020-12)."""

from itertools import islice
from typing import Any

import jsonschema_rs
import orjson

from dynamic.flow.document import format_path
from dynamic.flow.problems import Path
from dynamic.flow.schema_size import written_out_size

MAX_PROBLEMS = 20
MAX_MESSAGE = 300  # characters; some messages quote a list of allowed values

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class SchemaInvalid(ValueError):
    """The schema itself is wrong at `path`; `str(error)` is the sentence."""

    def __init__(self, message: str, path: Path = ()) -> None:
        super().__init__(message)
        self.path = path


class InputSchema:
    """A compiled schema.

    Patterns run on a linear-time engine, `format` is checked, and no reference is ever fetched:
    a `$ref` to anything outside the schema (but the standard meta-schemas) is invalid.
    """

    def __init__(self, schema: Any) -> None:
        if not isinstance(schema, dict | bool):
            raise SchemaInvalid("A JSON Schema is a mapping.")
        dialect = schema.get("$schema", _DIALECT) if isinstance(schema, dict) else _DIALECT
        if dialect not in (_DIALECT, f"{_DIALECT}#"):
            raise SchemaInvalid(f"Only {_DIALECT} is supported.", ("$schema",))
        try:
            self._validator = jsonschema_rs.Draft202012Validator(
                schema,
                validate_formats=True,
                retriever=_refuse,
                pattern_options=jsonschema_rs.RegexOptions(),
                mask="This value",
            )
        except jsonschema_rs.ValidationError as error:
            raise SchemaInvalid(_sentence(error.message), tuple(error.instance_path)) from None
        except ValueError as error:
            raise SchemaInvalid(_sentence(str(error))) from None
        self.text = orjson.dumps(schema).decode()
        self.size = written_out_size(schema)

    def problems(self, payload: Any) -> list[dict[str, str]]:
        """Tell what is wrong with a payload, at most 20 things. Not bounded in time: see
        `flow.isolation.validation`.

        Each is `{"path": "lines[0].sku", "message": "…"}`; the path of the payload itself is
        empty. Messages never quote the payload.
        """
        return [
            {"path": format_path(tuple(error.instance_path)), "message": _sentence(error.message)}
            for error in islice(self._validator.iter_errors(payload), MAX_PROBLEMS)
        ]


def _refuse(uri: str) -> Any:
    raise ValueError(f"{uri} is outside the schema, and nothing is fetched")


def _sentence(message: str) -> str:
    first_line = message.partition("\n")[0].rstrip(".")
    if len(first_line) > MAX_MESSAGE:
        return f"{first_line[:MAX_MESSAGE]}…"
    return f"{first_line}."
