"""An engine that has risky expressions evaluated by a helper, and all others where it stands."""

from typing import Any

import orjson

from dynamic.flow.engines.seam import Engine, EngineError, Program
from dynamic.flow.isolation.pool import POOL, HelperEnded
from dynamic.flow.isolation.risk import is_risky, names_needed
from dynamic.flow.values import MISSING


class Isolating:
    def __init__(self, engine: Engine) -> None:
        self.name = engine.name
        self.engine = engine  # the same without a helper, for texts that are known to be harmless

    def compile(self, text: str, names: frozenset[str]) -> Program:
        program = self.engine.compile(text, names)
        return Apart(self.name, text, names) if is_risky(text) else program


class Apart:
    """A program that is evaluated by a helper. It blocks the thread that waits for it."""

    __slots__ = ("_engine", "_mentions", "_needed", "_text")
    waits = True

    def __init__(self, engine: str, text: str, mentions: frozenset[str]) -> None:
        self._engine = engine
        self._text = text
        self._mentions = sorted(mentions)
        self._needed = names_needed(text)
        POOL.make_ready()

    def evaluate(self, scope: Any) -> Any:
        if self._needed is not None:
            scope = {name: scope[name] for name in self._needed & scope.keys()}
        try:
            answer = POOL.ask(["expression", self._engine, self._text, self._mentions, scope])
        except HelperEnded as error:
            raise EngineError(str(error)) from None
        except orjson.JSONEncodeError as error:  # too deep, or not valid Unicode
            raise EngineError(f"is given a value that JSON cannot hold: {error}") from None
        if "reason" in answer:
            raise EngineError(answer["reason"], answer["code"])
        return answer.get("value", MISSING)
