"""All that the database holds encrypted: which keys open it, and encrypting it anew.

The columns are found by their type in the models, so none can be forgotten.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import ExpressionWrapper, F, QuerySet, TextField, Value

from dynamic.models.fields import EncryptedJson, EncryptedText

BATCH = 200  # rows of one transaction


@dataclass(frozen=True, slots=True)
class Column:
    model: type[models.Model]
    field: str

    @property
    def name(self) -> str:
        return f"{self.model._meta.label}.{self.field}"

    def rows(self) -> "QuerySet[Any]":
        """The rows that hold anything, with the `stored` text as the database has it."""
        stored = ExpressionWrapper(F(self.field), output_field=TextField())
        return (
            self.model._base_manager.annotate(stored=stored).exclude(stored=None).exclude(stored="")
        )

    def batches(self) -> Iterator[list[tuple[Any, str]]]:
        """All rows as (primary key, stored text), in the order of their keys."""
        rows = self.rows().order_by("pk").values_list("pk", "stored")
        batch = list(rows[:BATCH])
        while batch:
            yield batch
            batch = list(rows.filter(pk__gt=batch[-1][0])[:BATCH])


def columns() -> list[Column]:
    return [
        Column(model, field.name)
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, EncryptedText | EncryptedJson)
    ]


def position(stored: str) -> int:
    """Which key opens it: 0 for the first, which encrypts; -1 for none."""
    return next((at for at, key in enumerate(settings.ENCRYPTION.keys) if key.opens(stored)), -1)


def count() -> Counter[int]:
    """How many stored values each key opens, by `position`."""
    return Counter(
        position(stored)
        for column in columns()
        for batch in column.batches()
        for _, stored in batch
    )


@dataclass(frozen=True, slots=True)
class Rotated:
    renewed: int
    unopened: int  # no key opens them; they are left as they are


def rotate() -> Rotated:
    """Encrypt with the first key whatever another one encrypted. Safe to repeat and to interrupt.

    Nothing else of a row changes, and a value that somebody else writes meanwhile stays as written.
    """
    renewed = unopened = 0
    for column in columns():
        for batch in column.batches():
            found = [(pk, stored, position(stored)) for pk, stored in batch]
            unopened += sum(at < 0 for _, _, at in found)
            old = [(pk, stored) for pk, stored, at in found if at > 0]
            with transaction.atomic():
                renewed += sum(_renew(column, pk, stored) for pk, stored in old)
    return Rotated(renewed, unopened)


def _renew(column: Column, pk: Any, stored: str) -> int:
    new = settings.ENCRYPTION.rotate(stored.encode()).decode("ascii")
    mine = column.rows().filter(pk=pk, stored=stored)
    # An expression goes into the column as it is; a plain value would be encrypted once more.
    return mine.update(**{column.field: Value(new, output_field=TextField())})
