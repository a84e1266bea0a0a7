"""The edits of a document's data, and whether they can be: what its text must say afterwards."""

import json
from dataclasses import dataclass
from typing import Any

from dynamic.flow.editing.structure import Place, part, without_list


class EditImpossible(ValueError):
    """A document cannot be edited so. `str(error)` is a sentence that says why."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a step goes to another place: it is put in first and taken out then."""

    stays: bool
    index: int  # where it is put in
    old: Place  # where it is taken out, with the other one there already
    new: Place  # where it stands in the end


def step_at(data: Any, place: Place) -> Any:
    try:
        step = part(data, place)
    except LookupError:
        step, place = None, ()
    if not place or not isinstance(place[-1], int):
        raise EditImpossible("This step is not there (any more): load the flow again.")
    return step


def inserted(data: Any, steps: Place, index: int, step: Any) -> Any:
    data = _own(data)
    present = _list(data, steps)
    if not 0 <= index <= len(present):
        raise EditImpossible("The list of steps is shorter than that: load the flow again.")
    present.insert(index, _own(step))
    return data


def replaced(data: Any, place: Place, step: Any) -> Any:
    step_at(data, place)
    data = _own(data)
    part(data, place[:-1])[place[-1]] = _own(step)
    return data


def removed(data: Any, place: Place) -> Any:
    step_at(data, place)
    data, steps = _own(data), place[:-1]
    if len(part(data, steps)) > 1:
        part(data, steps).pop(place[-1])
        return data
    rest = without_list(data, steps)
    if rest is None:
        raise EditImpossible("This is the only step here, and there has to be one: disable it.")
    return replaced(data, *rest)


def way(data: Any, place: Place, steps: Place, index: int) -> Way:
    """Find the way of a step into a list, to this index in the end."""
    step_at(data, place)
    if steps[: len(place)] == place:
        raise EditImpossible("A step cannot be moved into itself.")
    within = steps == place[:-1]
    if within and index == place[-1]:
        return Way(True, index, place, place)
    before = index + (within and index > int(place[-1]))
    at = (*steps, before)
    old = _stepped(place, at, 1) if _at_or_behind(place, at) else place
    gone = old
    if len(part(data, place[:-1])) == 1 and place[-4:-3] == ("elif",):
        gone = old[:-2]  # the part of `elif` goes with its only step
    new = _stepped(at, gone, -1) if _at_or_behind(at, gone) else at
    return Way(False, before, old, new)


def moved(data: Any, place: Place, steps: Place, way: Way) -> Any:
    data = inserted(data, steps, way.index, step_at(data, place))
    return removed(data, way.old)


def _at_or_behind(place: Place, other: Place) -> bool:
    """Whether a place is in the list that another one is in, at it or behind it."""
    depth = len(other) - 1
    if len(place) <= depth or place[:depth] != other[:depth]:
        return False
    index, least = place[depth], other[depth]
    return isinstance(index, int) and isinstance(least, int) and index >= least


def _stepped(place: Place, other: Place, by: int) -> Place:
    depth = len(other) - 1
    return (*place[:depth], int(place[depth]) + by, *place[depth + 1 :])


def _list(data: Any, steps: Place) -> list[Any]:
    """Give the list of steps at a place; make it, where it is absent or empty."""
    try:
        around = part(data, steps[:-1])
    except LookupError:
        around = None
    if not isinstance(around, dict) or not around or not isinstance(steps[-1], str):
        raise EditImpossible("This step is not there (any more): load the flow again.")
    if around.get(steps[-1]) is None:
        around[steps[-1]] = []
    present = around[steps[-1]]
    if not isinstance(present, list):
        raise EditImpossible(
            f"What stands under {steps[-1]} is not a list of steps: edit it as text."
        )
    return present


def _own(data: Any) -> Any:
    return json.loads(json.dumps(data))
