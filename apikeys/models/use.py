"""When, from where and for what a key was used."""

from django.db import models
from django.utils import timezone

from apikeys.models.key import Key

MOST_ADDRESSES = 5


class KeyUse(models.Model):
    """Written by `apikeys.usage`, at most once a minute a key.

    Apart from `Key`, whose changes make all workers load it anew.
    """

    key = models.OneToOneField(Key, on_delete=models.CASCADE, related_name="use")
    last_used_at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True)
    place = models.CharField(max_length=8)  # "header" or "query"
    count = models.PositiveBigIntegerField(default=0)  # calls that were let in
    # The last five, newest first: [{"address": …, "place": …, "at": ISO 8601}]
    addresses = models.JSONField(default=list)
    pipes = models.JSONField(default=dict)  # pipe id -> when last called, ISO 8601
    read_at = models.DateTimeField(null=True)  # last called with GET or HEAD
    write_at = models.DateTimeField(null=True)  # last called with another method
    noted_at = models.DateTimeField(default=timezone.now)  # when this row was last written

    def __str__(self) -> str:
        return f"{self.key} at {self.last_used_at}"
