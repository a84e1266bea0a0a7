"""What workers forget by."""

from django.db import models


class Change(models.Model):
    """One row says: something of this owner changed.

    Rows are written by database triggers alone (`apikeys.changes`), so no writer can forget to.
    """

    owner_id = models.BigIntegerField(null=True)  # null: it could be anybody's
    at = models.BigIntegerField()  # Unix seconds

    def __str__(self) -> str:
        return f"change {self.pk}, owner {self.owner_id}"
