"""Bring rows to what a bundle says, and note what that meant for each."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from dynamic.bundle.layout import PLACES
from dynamic.bundle.reading import Item
from dynamic.flow.problems import DocumentInvalid

M = TypeVar("M", bound=models.Model)


@dataclass
class Imported:
    """What an import did, or would do, to things named such as "system shop"."""

    created: list[str] = field(default_factory=list)
    updated: dict[str, list[str]] = field(default_factory=dict)  # with what changed of it
    unchanged: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)  # names the environment lacks (dry run only)


class Saver:
    def __init__(self) -> None:
        self.done = Imported()
        self._last: list[tuple[models.Model, dict[str, Any]]] = []

    def find(self, model: type[M], **lookup: Any) -> M:
        """The row of this identity, or a new one."""
        return model._default_manager.filter(**lookup).first() or model(**lookup)

    def put(
        self,
        row: models.Model,
        values: dict[str, Any],
        item: Item,
        *,
        check: Callable[[], None] | None = None,
        last: dict[str, Any] | None = None,
    ) -> list[str]:
        """Check and save the row; gives the names of what changed.

        `last` is done only when everything else is there: a flow cannot be checked any more once
        a system that it calls, or a flow that it runs, is archived. Raises DocumentInvalid.
        """
        before = {name: getattr(row, name) for name in [*values, *(last or {})]}
        for name, value in values.items():
            if fault := _fault(row, name, value):
                raise item.wrong(fault, *_place(name))
            setattr(row, name, value)
        checked(check or row.full_clean, item)
        changed = [name for name in values if not _same(getattr(row, name), before[name])]
        if row._state.adding or changed:
            row.save()
        if later := {name: to for name, to in (last or {}).items() if to != before[name]}:
            self._last.append((row, later))
        return [*changed, *later]

    def note(self, label: str, changed: Iterable[str], *, is_new: bool) -> None:
        names = list(dict.fromkeys(PLACES.get(name, (name,))[0] for name in changed))
        if is_new:
            self.done.created.append(label)
        elif names:
            self.done.updated[label] = [*self.done.updated.get(label, []), *names]
        else:
            self.done.unchanged.append(label)

    def finish(self) -> None:
        for row, values in self._last:
            for name, value in values.items():
                setattr(row, name, value)
            row.save(update_fields=values)


def checked(check: Callable[[], None], item: Item) -> None:
    """Run a model's check. Raises DocumentInvalid with every fault at its place in the bundle."""
    try:
        check()
    except ValidationError as error:
        raise DocumentInvalid(
            item.document.problem((*item.path, *_place(name)), message)
            for name, messages in error.message_dict.items()
            for message in messages
        ) from None


def _fault(row: models.Model, name: str, value: Any) -> str:
    """What Django lets pass: it makes a text of anything, and takes a null for a blank."""
    field: Any = row._meta.get_field(name)
    if type(field) in {models.CharField, models.TextField} and isinstance(
        value, bool | dict | list
    ):
        return "Write a text, in quotes where it looks like anything else."
    if value is None and not field.null and field.get_default() is not None:
        return "This cannot be null; leave it out for its default."
    return ""


def _place(name: str) -> tuple[str, ...]:
    return () if name == "__all__" else PLACES.get(name, (name,))


def _same(one: Any, other: Any) -> bool:
    """As JSON has it: to Python `1` and `true` are the same."""
    return json.dumps(one, sort_keys=True, default=str) == json.dumps(
        other, sort_keys=True, default=str
    )


def archiving(item: Item, row: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What restores a row at once, and what archives it last, where the bundle wants either."""
    archived = item.flag("archived", otherwise=False)
    if archived == (row.archived_at is not None):
        return {}, {}
    return ({}, {"archived_at": timezone.now()}) if archived else ({"archived_at": None}, {})
