"""The helper: answers one question after the other, and may be ended by any of them.

It is asked `["expression", engine, expression, the $names in it, scope]`, and answers
`{"value": …}`, `{}` for nothing, or `{"reason": …, "code": …}` of an EngineError; or it is asked
`["schema", JSON text, payload]`, and answers `{"problems": …}` of an InputSchema. The limits are
the operating system's, so they hold whatever is done to answer: processor time for each question,
after which the signal's default action ends the process, and memory for all.
"""

import resource
import signal
import sys
from functools import lru_cache
from typing import Any

import orjson

from dynamic.flow.engines.choice import engine_named
from dynamic.flow.engines.fitness import fit
from dynamic.flow.engines.seam import EngineError, Program
from dynamic.flow.isolation import wire
from dynamic.flow.isolation.limits import MEMORY, SECONDS
from dynamic.flow.schema import InputSchema
from dynamic.flow.values import MISSING

_engine = lru_cache(engine_named)


@lru_cache(maxsize=1000)
def _program(engine: str, text: str, mentions: tuple[str, ...]) -> Program:
    return _engine(engine).compile(text, frozenset(mentions))


@lru_cache(maxsize=100)
def _schema(text: str) -> InputSchema:
    return InputSchema(orjson.loads(text))


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to the whole group
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while (asked := wire.read(sys.stdin.buffer)) is not None:
        kind, *given = orjson.loads(asked)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        answer = _written(_checked(*given) if kind == "schema" else _evaluated(*given))
        signal.setitimer(signal.ITIMER_PROF, 0)
        wire.write(sys.stdout.buffer, answer)


def _evaluated(engine: str, text: str, mentions: list[str], scope: Any) -> dict[str, Any]:
    try:
        value = fit(_program(engine, text, tuple(mentions)).evaluate(scope))
    except EngineError as error:
        return {"reason": error.reason, "code": error.code}
    return {} if value is MISSING else {"value": value}


def _checked(text: str, payload: Any) -> dict[str, Any]:
    return {"problems": _schema(text).problems(payload)}


def _written(answer: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(answer)
    except orjson.JSONEncodeError as error:  # the value fits, but not one level deeper
        reason = f"gives a value that JSON cannot hold: {error}"
        return orjson.dumps({"reason": reason, "code": None})


if __name__ == "__main__":
    main()
