"""Check payloads against input schemas: in place where that is known to be quick, else apart.

References make a small schema large (`allOf` of twice the same `$ref`, twenty times over), and a
long `enum` is compared with each item of a long list. Nothing can stop that inside this process.
"""

from typing import Any

import orjson

from dynamic.flow.isolation.pool import POOL, HelperEnded
from dynamic.flow.problems import StepFailed
from dynamic.flow.schema import InputSchema
from dynamic.flow.state import waited

# Values of a schema, its references written out, times bytes of a payload: some 60 ms at most.
LIGHT = 2_000_000
_FEW = 16  # values of a schema with which any payload that a pipe takes is light


async def problems_of(schema: InputSchema, payload: Any) -> list[dict[str, str]]:
    """What `schema.problems` tells. Raises StepFailed where finding it out takes too much."""
    if schema.size <= _FEW:
        return schema.problems(payload)
    try:
        size = len(orjson.dumps(payload))
    except orjson.JSONEncodeError as error:
        raise StepFailed(f"The payload is one that JSON cannot hold: {error}.") from None
    if schema.size * size <= LIGHT:
        return schema.problems(payload)
    try:
        answer = await waited(POOL.ask, ["schema", schema.text, payload])
    except HelperEnded as error:
        raise StepFailed(f"Checking the payload against the flow's input {error}.") from None
    problems: list[dict[str, str]] = answer["problems"]
    return problems
