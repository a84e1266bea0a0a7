"""The outline of a draft as its page shows it: each step with its problems and where it can go."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.utils.http import urlencode

from dynamic.flow.document import format_path
from dynamic.flow.editing.outline import Branch, Node
from dynamic.flow.problems import Path, Problem
from dynamic.pages.step_forms.kinds import KINDS


@dataclass(frozen=True, slots=True)
class Move:
    title: str
    value: str  # of the button


@dataclass(slots=True)
class Row:
    """One step. Where a move is None, it stands at that end."""

    node: Node
    up: Move | None
    down: Move | None
    into: list[Move]
    before: str  # the query of the URL to add a step before it
    steps: str  # its list, as requests name it
    problems: list[Problem] = field(default_factory=list)
    lists: list["List"] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        return anchor(self.node.place)

    @property
    def title(self) -> str:
        return self.node.title or self.node.summary

    @property
    def lead(self) -> str:
        """The beginning of the title, where it is the kind, which is shown before it anyway."""
        lead = f"{self.kind} "
        return lead if not self.node.title and self.title.startswith(lead) else ""

    @property
    def rest(self) -> str:
        return self.title.removeprefix(self.lead)

    @property
    def at(self) -> str:
        return written(self.node.place)

    @property
    def url(self) -> str:
        return urlencode({"at": self.at})

    @property
    def kind(self) -> str:
        return KINDS[self.node.kind].title if self.node.kind in KINDS else self.node.kind


@dataclass(frozen=True, slots=True)
class List:
    """The steps of a branch, or of the flow itself."""

    title: str
    rows: list[Row]
    end: str  # the query of the URL to add a step at the end
    steps: str
    exists: bool = True


def anchor(place: Path) -> str:
    """The id of a step in the page."""
    return "-".join(map(str, place))


def written(place: Path) -> str:
    return json.dumps(place, separators=(",", ":"))


def add_query(steps: Path, index: int) -> str:
    return urlencode([("into", written(steps)), ("index", str(index))])


def rows_of(nodes: Sequence[Node], steps: Path = ("steps",)) -> list[Row]:
    return [_row(nodes, index, steps) for index in range(len(nodes))]


def put_problems(rows: list[Row], problems: Iterable[Problem]) -> list[Problem]:
    """Give each step its own problems. What belongs to no step is given back."""
    by_path = {format_path(row.node.place): row for row in _all(rows)}
    others = []
    for problem in problems:
        path = _longest(problem.path, by_path)
        if path:
            by_path[path].problems.append(problem)
        else:
            others.append(problem)
    return others


def _longest(path: str, known: dict[str, Row]) -> str:
    """The step that a problem's path leads to, or into: `steps[2]` of `steps[2].with.id`."""
    while path and path not in known:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return path


def _all(rows: list[Row]) -> Iterator[Row]:
    for row in rows:
        yield row
        for inner in row.lists:
            yield from _all(inner.rows)


def _row(nodes: Sequence[Node], index: int, steps: Path) -> Row:
    node = nodes[index]
    row = Row(
        node=node,
        up=_up(node.place, index, steps),
        down=_down(node.place, index, steps, len(nodes)),
        into=_into(nodes, index),
        before=add_query(steps, index),
        steps=written(steps),
    )
    row.lists = [_list(branch) for branch in node.branches]
    return row


def _list(branch: Branch) -> List:
    return List(
        title=branch.title,
        rows=rows_of(branch.nodes, branch.steps),
        end=add_query(branch.steps, len(branch.nodes)),
        steps=written(branch.steps),
        exists=branch.exists,
    )


def _up(place: Path, index: int, steps: Path) -> Move | None:
    if index > 0:
        return _move("Up", place, steps, index - 1)
    around = _around(steps)
    return around and _move("Out, before the step around it", place, *around)


def _down(place: Path, index: int, steps: Path, count: int) -> Move | None:
    if index < count - 1:
        return _move("Down", place, steps, index + 1)
    around = _around(steps)
    return around and _move("Out, after the step around it", place, around[0], around[1] + 1)


def _around(steps: Path) -> tuple[Path, int] | None:
    """The list, and the index in it, of the step that a branch belongs to."""
    for end in range(len(steps) - 1, 1, -1):
        part = steps[end - 1]
        if isinstance(part, int) and steps[end - 2] != "elif":
            return steps[: end - 1], part
    return None


def _into(nodes: Sequence[Node], index: int) -> list[Move]:
    """Into the branches of the neighbours."""
    moves = []
    for word, other in (("above", index - 1), ("below", index + 1)):
        if 0 <= other < len(nodes):
            for branch in nodes[other].branches:
                at = len(branch.nodes) if word == "above" else 0
                title = f"Into “{branch.title}” of the step {word}"
                moves.append(_move(title, nodes[index].place, branch.steps, at))
    return moves


def _move(title: str, place: Path, steps: Path, index: int) -> Move:
    return Move(title, json.dumps(["move", place, steps, index], separators=(",", ":")))
