"""A simulation: one run of a draft by whoever writes it, that may stop between two steps."""

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from dynamic.models.fields import EncryptedJson
from dynamic.models.flow import Flow

MOST_KEPT = 20  # of an owner
KEPT_FOR = timedelta(days=1)


class Simulation(models.Model):
    """See `dynamic.simulating`. It is soon deleted: `forget_old`.

    Encrypted, since what systems answer is kept as it came, secrets and all.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="simulations"
    )
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="simulations")
    created_at = models.DateTimeField(default=timezone.now)
    setup = EncryptedJson()  # a dynamic.simulating.setup.Setup
    progress = EncryptedJson()  # a dynamic.simulating.progress.Progress
    shown = EncryptedJson()  # of the progress, what a page may show: secrets masked
    # Counts the times that it went on; a form that was made before the last one is out of date.
    turn = models.PositiveIntegerField(default=0)
    busy_until = models.DateTimeField(null=True)  # somebody goes on with it just now

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="old_simulations")]

    def __str__(self) -> str:
        return f"Simulation {self.pk} of {self.flow}"


def forget_old(owner_id: int) -> None:
    """Delete whatever has become old, and what an owner has beyond the newest MOST_KEPT.

    Those that are just going on stay: calls that they make must be noted.
    """
    now = timezone.now()
    resting = Simulation.objects.filter(Q(busy_until=None) | Q(busy_until__lt=now))
    resting.filter(created_at__lt=now - KEPT_FOR).delete()
    mine = Simulation.objects.filter(owner=owner_id).order_by("-id")
    kept = list(mine.values_list("pk", flat=True)[:MOST_KEPT])
    resting.filter(owner=owner_id).exclude(pk__in=kept).delete()
