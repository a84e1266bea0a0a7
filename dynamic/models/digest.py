"""Who wants a summary of the failures of his pipes by mail, and when the last one went."""

from django.conf import settings
from django.db import models


class Digest(models.Model):
    class Every(models.TextChoices):
        DAY = "day", "Every day"
        WEEK = "week", "Every Monday"

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="digest"
    )
    every = models.CharField(max_length=10, choices=Every)
    told_until = models.DateTimeField()  # the end of the time that was told of last

    def __str__(self) -> str:
        return f"digest {self.pk}"
