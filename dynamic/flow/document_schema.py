"""The JSON Schema (draft 2020-12) of a flow document, for editors that complete and check it.

It tells the shape of each kind of step. What only a reading of the whole can tell (names that
stand there twice, API calls that do not exist, expressions that do not parse) it leaves to
`compile_flow`, which is what decides.
"""

from typing import Any

from dynamic.flow.mapping.modifiers import MODIFIERS
from dynamic.flow.mapping.table import MOST_FIELDS
from dynamic.flow.names import JSONATA_WORDS, RESERVED_NAMES
from dynamic.flow.program import VERSION
from dynamic.flow.retry import LONGEST_WAIT, MOST_ATTEMPTS
from dynamic.flow.steps.asides import LONGEST_SLEEP
from dynamic.flow.steps.loops import MOST_ITEMS, MOST_PARALLEL
from dynamic.flow.steps.parsing import MAX_STEPS

Schema = dict[str, Any]

_STEPS: Schema = {"$ref": "#/$defs/steps"}
_SLUG = "[A-Za-z0-9_-]+"
_NAME: Schema = {
    "type": "string",
    "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
    "not": {"enum": sorted(JSONATA_WORDS)},
}
_VARIABLE: Schema = {**_NAME, "not": {"enum": sorted(JSONATA_WORDS | RESERVED_NAMES)}}
_EXPRESSION: Schema = {"type": "string", "pattern": r"\{\{"}
# Whatever an expression may stand in or give, but nothing at all.
_WRITTEN: Schema = {"type": ["string", "number", "boolean", "array", "object"]}
_ANY: Schema = {}
_NOTHING: Schema = {"type": "null"}


def _object(properties: Schema, *required: str, **more: Any) -> Schema:
    shape = {"type": "object", "properties": properties, "additionalProperties": False}
    return shape | ({"required": list(required)} if required else {}) | more


def _step(properties: Schema, *required: str, **more: Any) -> Schema:
    return _object({**properties, "disabled": {"type": "boolean"}}, *required, **more)


def _status(lowest: int) -> Schema:
    return {"anyOf": [{"type": "integer", "minimum": lowest, "maximum": 599}, _EXPRESSION]}


_ARGUMENTS: Schema = {
    "anyOf": [{"type": "object"}, _EXPRESSION],
    "description": "Arguments by name; values may be {{ … }}.",
}
_RETRY = _object(
    {
        "attempts": {"type": "integer", "minimum": 1, "maximum": MOST_ATTEMPTS},
        "statuses": {"type": "string", "examples": ["429, 502-504"]},
        "wait": {"type": "number", "minimum": 0, "maximum": LONGEST_WAIT},
        "every_method": {"type": "boolean"},
    },
    "attempts",
)

_CALL = _step(
    {
        "call": {**_NAME, "description": "The answer's name: steps.<name>."},
        "api": {"type": "string", "pattern": f"^{_SLUG}/{_SLUG}$", "examples": ["shop/get-order"]},
        "with": _ARGUMENTS,
        "on_error": {"enum": ["fail", "continue"], "default": "fail"},
        "credential": {"type": "string", "not": _EXPRESSION},
        "retry": {"anyOf": [_NOTHING, _RETRY]},
    },
    "call",
    "api",
    description="Makes an API call and keeps its answer.",
)
_RUN = _step(
    {
        "run": {**_NAME, "description": "The answer's name: steps.<name>."},
        "flow": {"type": "string", "pattern": f"^{_SLUG}$", "description": "A flow's slug."},
        "with": {"description": "The payload of that flow."},
    },
    "run",
    "flow",
    description="Runs another flow of yours.",
)
_SET = _step(
    {"set": {"type": "object", "propertyNames": _VARIABLE}},
    "set",
    description="Variables, each seeing those before it.",
)
_MODIFIER: Schema = {
    "anyOf": [
        {"enum": list(MODIFIERS)},
        {
            "type": "object",
            "propertyNames": {"enum": list(MODIFIERS)},
            "minProperties": 1,
            "maxProperties": 1,
        },
    ]
}
_FIELD = _object(
    {
        "to": {"type": "string", "minLength": 1, "description": "The field to make: a.b"},
        "from": {"type": "string", "minLength": 1, "description": "Its path: items[0].sku"},
        "value": {"description": "In place of from: what it has, or {{ … }} gives."},
        "use": {"type": "array", "items": _MODIFIER, "description": "Modifiers, left to right."},
        "default": {"description": "In place of nothing and null."},
        "fields": {"$ref": "#/$defs/fields"},
    },
    "to",
    oneOf=[{"required": ["from"]}, {"required": ["value"]}],
)
_FIELDS: Schema = {"type": "array", "minItems": 1, "maxItems": MOST_FIELDS, "items": _FIELD}
_MAP = _step(
    {
        "map": {**_VARIABLE, "description": "The name of what is made."},
        "from": {**_EXPRESSION, "description": "An object, or a list of them."},
        "fields": {"$ref": "#/$defs/fields"},
    },
    "map",
    "from",
    "fields",
    description="Makes an object or a list out of another one, by a table.",
)
_BRANCH: Schema = {"if": {**_WRITTEN, "description": "The condition."}, "then": _STEPS}
_IF = _step(
    {
        **_BRANCH,
        "elif": {"type": "array", "items": _object(_BRANCH, "if", "then")},
        "else": _STEPS,
    },
    "if",
    "then",
    description="Decides which steps are run.",
)
_FOR = _step(
    {
        "for": {**_VARIABLE, "description": "The item's name."},
        "in": {**_WRITTEN, "description": "The list."},
        "do": _STEPS,
        "collect": {"description": "What to keep of each item."},
        "as": {**_VARIABLE, "description": "The name of what was kept."},
        "parallel": {"type": "integer", "minimum": 1, "maximum": MOST_PARALLEL, "default": 1},
        "most": {"type": "integer", "minimum": 1, "maximum": MOST_ITEMS, "default": 1000},
    },
    "for",
    "in",
    "do",
    dependentRequired={"collect": ["as"], "as": ["collect"]},
    description="Runs the steps for each item of a list.",
)
_BREAK = _step({"break": _NOTHING}, "break", description="Ends the loop around it.")
_CONTINUE = _step({"continue": _NOTHING}, "continue", description="Goes on with the next item.")
_TRY = _step(
    {"try": _STEPS, "catch": _STEPS, "as": {**_VARIABLE, "default": "error"}},
    "try",
    "catch",
    description="What would end the flow badly runs the steps of catch instead.",
)
_NOTE = {"level": {"enum": ["detail", "error"]}, "message": {"type": "string"}, "data": _ANY}
_LOG = _step(
    {"log": {"anyOf": [{"type": "string"}, _object(_NOTE, "message")]}},
    "log",
    description="A note in the run's trace.",
)
_ADDRESSES: Schema = {"type": ["string", "array"], "description": "One address or several."}
_MAIL = {"to": _ADDRESSES, "subject": {"type": "string"}, "message": {"type": "string"}}
_NOTIFY = _step(
    {"notify": {"anyOf": [{"type": "string"}, _object(_MAIL, "message")]}},
    "notify",
    description="Sends a mail, without an address to the flow's owner.",
)
_SECONDS: Schema = {"type": "number", "minimum": 0, "maximum": LONGEST_SLEEP}
_SLEEP = _step(
    {"sleep": {"anyOf": [_SECONDS, _EXPRESSION]}}, "sleep", description="Waits, in seconds."
)
_HEADERS: Schema = {
    "type": "object",
    "propertyNames": {"pattern": "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"},  # RFC 9110 section 5.6.2
    "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
}
_ANSWER = _object({"status": _status(200), "headers": _HEADERS, "body": _ANY})
_RETURN = _step(
    {
        "return": {"anyOf": [_NOTHING, _ANSWER]},
        "then": {**_STEPS, "description": "Run once the caller has the answer."},
    },
    "return",
    description="Ends the flow well.",
)
_FAILURE = {"status": _status(400), "message": {"type": "string"}, "data": _ANY}
_FAIL = _step(
    {"fail": {"anyOf": [{"type": "string"}, _object(_FAILURE, "message")]}},
    "fail",
    description="Ends the flow as failed.",
)

STEPS: dict[str, Schema] = {
    "call": _CALL,
    "run": _RUN,
    "set": _SET,
    "map": _MAP,
    "if": _IF,
    "for": _FOR,
    "break": _BREAK,
    "continue": _CONTINUE,
    "try": _TRY,
    "log": _LOG,
    "notify": _NOTIFY,
    "sleep": _SLEEP,
    "return": _RETURN,
    "fail": _FAIL,
}

DOCUMENT_SCHEMA: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A flow of the Integrator",
    **_object(
        {
            "version": {"const": VERSION},
            "input": {"type": ["object", "boolean"], "description": "JSON Schema of the payload."},
            "steps": _STEPS,
        },
        "version",
        "steps",
    ),
    "$defs": {
        "steps": {
            "type": "array",
            "minItems": 1,
            "maxItems": MAX_STEPS,
            "items": {
                "anyOf": [
                    {"oneOf": [{"$ref": f"#/$defs/{kind}"} for kind in STEPS]},
                    {"$ref": "#/$defs/disabled"},
                ]
            },
        },
        "disabled": {
            "type": "object",
            "properties": {"disabled": {"const": True}},
            "required": ["disabled"],
            "description": "A step that is left out, finished or not.",
        },
        "fields": _FIELDS,
        **STEPS,
    },
}
