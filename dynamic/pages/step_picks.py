"""Values that a step can use, to be picked: expressions, each with a sample where one is known."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dynamic.flow.document import Document
from dynamic.flow.problems import Path
from dynamic.models import ApiCall, Flow
from dynamic.pages.step_scope import Scope, scope_at
from dynamic.pages.trial_text import cut

MOST_FIELDS = 60  # of one value
MOST_LEVELS = 5
MOST_PICKS = 500
_LONGEST_SAMPLE = 40
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS = frozenset({"and", "or", "in", "true", "false", "null", "function"})


@dataclass(frozen=True, slots=True)
class Pick:
    path: str
    sample: str

    @property
    def text(self) -> str:
        """What is inserted."""
        return f"{{{{ {self.path} }}}}"


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    picks: list[Pick]


def scope_of(flow: Flow, document: Document | None, steps: Path, index: int) -> Scope:
    """For a step that stands at this index of this list of steps: what it sees."""
    named = _apis(document.data) if document else set()
    calls = ApiCall.objects.filter(system__owner=flow.owner_id, slug__in={api[1] for api in named})
    responses = {
        call.full_name: call.sample_response
        for call in calls.select_related("system")
        if (call.system.slug, call.slug) in named
    }
    return scope_at(document and document.data, steps, index, responses)


def groups_of(scope: Scope) -> list[Group]:
    """Nearest first."""
    groups = [
        Group("Variables", list(_of_all(scope.variables))),
        *(
            Group(f"Answer of {name}", list(_of_answer(name, answer)))
            for name, answer in reversed(scope.answers.items())
        ),
        Group("What the caller sent", [*_fields("payload", scope.payload), *_CALL]),
    ]
    return list(_bounded(groups))


def _bounded(groups: list[Group]) -> Iterator[Group]:
    left = MOST_PICKS
    for group in groups:
        if picks := group.picks[:left]:
            yield Group(group.title, picks)
        left -= len(picks)


_CALL = [
    Pick("query", "of the URL"),
    Pick("headers", "in lower case"),
    Pick("method", "GET, POST, …"),
]


def _of_all(variables: dict[str, Any]) -> Iterator[Pick]:
    for name, value in reversed(variables.items()):
        yield from _fields(_word(name), value)


def _of_answer(name: str, answer: dict[str, Any]) -> Iterator[Pick]:
    root = f"steps.{_word(name)}"
    yield from _fields(f"{root}.data", answer["data"])
    yield Pick(f"{root}.status", "true where it went well")
    yield Pick(f"{root}.status_code", "200")
    yield Pick(f"{root}.headers", "")


def _fields(path: str, value: Any) -> Iterator[Pick]:
    """The value itself and its fields, in their order; of a list, those of its items."""
    found = 0
    waiting = [(path, value, 0)]
    while waiting and found < MOST_FIELDS:
        path, value, level = waiting.pop(0)
        yield Pick(path, _sample(value))
        found += 1
        item = value[0] if isinstance(value, list) and value else value
        if isinstance(item, dict) and level < MOST_LEVELS:
            named = [(key, held) for key, held in item.items() if "`" not in key]
            waiting[:0] = [
                (f"{path}.{_word(key)}", held, level + 1) for key, held in named[:MOST_FIELDS]
            ]


def _word(name: str) -> str:
    return name if _PLAIN.fullmatch(name) and name not in _WORDS else f"`{name}`"


def _sample(value: Any) -> str:
    match value:
        case None:
            return ""
        case list():
            return f"list of {len(value)}"
        case dict():
            return "object"
        case bool():
            return str(value).lower()
    return cut(str(value), _LONGEST_SAMPLE).partition("\n")[0]


def _apis(value: Any) -> set[tuple[str, str]]:
    """Every API call that stands somewhere in the document, as the slugs of system and call."""
    if isinstance(value, list):
        return {api for part in value for api in _apis(part)}
    if not isinstance(value, dict):
        return set()
    inner = {api for part in value.values() for api in _apis(part)}
    system, _, call = str(value.get("api", "")).partition("/")
    return inner | {(system, call)} if "call" in value and call else inner
