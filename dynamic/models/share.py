"""Who else may see or change a system, a flow or a pipe."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from dynamic.models.flow import Flow
from dynamic.models.pipe import Pipe
from dynamic.models.system import System


class Role(models.TextChoices):
    VIEWER = "viewer", "Viewer"
    EDITOR = "editor", "Editor"


class Share(models.Model):
    """One thing, made accessible to one other account by its owner."""

    # The thing's: what an owner gives is asked for, and forgotten by workers, by the owner.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shares_given"
    )
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shares"
    )
    role = models.CharField(max_length=10, choices=Role)
    system = models.ForeignKey(System, on_delete=models.CASCADE, null=True, related_name="shares")
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, null=True, related_name="shares")
    pipe = models.ForeignKey(Pipe, on_delete=models.CASCADE, null=True, related_name="shares")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="share_of_one_thing",
                condition=Q(system__isnull=False, flow=None, pipe=None)
                | Q(flow__isnull=False, system=None, pipe=None)
                | Q(pipe__isnull=False, system=None, flow=None),
            ),
            models.UniqueConstraint(
                fields=["account", "system"], name="one_share_per_account_and_system"
            ),
            models.UniqueConstraint(
                fields=["account", "flow"], name="one_share_per_account_and_flow"
            ),
            models.UniqueConstraint(
                fields=["account", "pipe"], name="one_share_per_account_and_pipe"
            ),
        ]

    def __str__(self) -> str:
        return f"share {self.pk}"
