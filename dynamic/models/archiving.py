"""Systems, flows and pipes may be put away, which `archived_at` tells (systems/archiving.py)."""

from typing import Any, Self

from django.db import models


class ArchivableQuerySet(models.QuerySet[Any]):
    def current(self) -> Self:
        """Those that are not archived."""
        return self.filter(archived_at=None)

    def archived(self) -> Self:
        return self.exclude(archived_at=None)
