"""The steps of two runs, each beside the one that it corresponds to."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice
from typing import Any

MOST_COMPARED = 500  # steps of a run


@dataclass(frozen=True, slots=True)
class Step:
    """A step as it went; its place are the labels of those around it, items of loops by number."""

    place: tuple[str, ...]
    outcome: str
    ms: float | None


@dataclass(frozen=True, slots=True)
class Pair:
    """A step of either run; None where only the other has it."""

    one: Step | None
    other: Step | None

    @property
    def place(self) -> tuple[str, ...]:
        step = self.one or self.other
        return step.place if step else ()

    @property
    def differs(self) -> bool:
        """Whether it went otherwise; that it took longer is no difference."""
        return self.one is None or self.other is None or self.one.outcome != self.other.outcome


def side_by_side(one: list[Any], other: list[Any]) -> list[Pair]:
    """Of two traces; the first MOST_COMPARED steps of each."""
    a, b = _first(one), _first(other)
    matcher = SequenceMatcher(None, _places(a), _places(b), autojunk=False)
    return [pair for code in matcher.get_opcodes() for pair in _pairs(code, a, b)]


def _pairs(code: tuple[str, int, int, int, int], a: list[Step], b: list[Step]) -> Iterator[Pair]:
    tag, from_a, to_a, from_b, to_b = code
    if tag == "equal":
        for one, other in zip(a[from_a:to_a], b[from_b:to_b], strict=True):
            yield Pair(one, other)
    else:
        yield from (Pair(step, None) for step in a[from_a:to_a])
        yield from (Pair(None, step) for step in b[from_b:to_b])


def _first(trace: list[Any]) -> list[Step]:
    return list(islice(_steps(trace, ()), MOST_COMPARED))


def _places(steps: list[Step]) -> list[tuple[str, ...]]:
    return [step.place for step in steps]


def _steps(trace: Any, around: tuple[str, ...]) -> Iterator[Step]:
    for entry in trace:
        if not isinstance(entry, dict):  # "… and 20 more", where the record of a run was cut
            continue
        place = (*around, str(entry["step"]))
        yield Step(place, _outcome(entry), entry.get("ms"))
        for item in entry.get("items", ()):
            if isinstance(item, dict):
                yield from _steps(item["steps"], (*place, f"item {item['item'] + 1}"))
        for inner in ("steps", "then"):
            yield from _steps(entry.get(inner, ()), place)


def _outcome(entry: dict[str, Any]) -> str:
    response = entry.get("response")
    if isinstance(response, dict):
        return f"HTTP {response['status_code']}"
    if error := entry.get("error"):
        return str(error)
    if "ms" not in entry:
        return "did not end"
    if "taken" in entry:
        return f"branch: {entry['taken'] or 'none'}"
    if "count" in entry:
        return f"{entry['count']} item{'' if entry['count'] == 1 else 's'}"
    return "done"
