"""A flow, its draft, and the immutable versions that pipes run."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from dynamic.flow.problems import DocumentInvalid
from dynamic.flow.program import Program
from dynamic.models.access import Shared, SharedQuerySet
from dynamic.models.call import callable_by
from dynamic.models.checking import refuse_words
from dynamic.models.programs import compile_with_others

NOT_FOR_SLUGS = frozenset({"new"})  # a word of our own URLs


class Flow(Shared, models.Model):
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="flows"
    )
    slug = models.SlugField(max_length=50)
    name = models.CharField(max_length=100)
    draft = models.TextField(help_text="The flow document, YAML or JSON.")
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SharedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "slug"], name="one_flow_slug_per_owner")
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        faults: dict[str, list[str]] = {}
        try:
            refuse_words(self.slug, NOT_FOR_SLUGS)
        except ValueError as error:
            faults["slug"] = [str(error)]
        try:
            self.check_document()
        except DocumentInvalid as error:
            faults["draft"] = [str(problem) for problem in error.problems]
        if faults:
            raise ValidationError(faults)

    def check_document(self) -> Program:
        """Compile the draft against its owner's API calls and flows. Raises DocumentInvalid."""
        apis = {call.full_name for call in callable_by(self.owner_id).defer("sample_response")}
        published = published_sources(self.owner_id)
        return compile_with_others(self.draft, self.slug, apis, published)[0]

    @property
    def latest(self) -> "FlowVersion | None":
        return self.versions.order_by("-number").first()

    def publish(self, note: str = "") -> "FlowVersion":
        """Make the draft the newest version; the same version where nothing changed.

        Raises DocumentInvalid where the draft cannot run.
        """
        self.check_document()
        with transaction.atomic():
            # Locks the flow, so that two who publish at once get two numbers.
            Flow.objects.select_for_update().get(pk=self.pk)
            latest = self.latest
            if latest and latest.source == self.draft:
                return latest
            number = latest.number + 1 if latest else 1
            return self.versions.create(number=number, source=self.draft, note=note)


class FlowVersion(models.Model):
    """What was published: never changed, so a pipe's run can always be explained."""

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    source = models.TextField()
    note = models.CharField(max_length=200, blank=True)
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["flow", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["flow", "number"], name="one_number_per_flow")
        ]

    def __str__(self) -> str:
        return f"{self.flow} v{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("A published version does not change: publish a new one.")
        super().save(*args, **kwargs)


def published_sources(owner_id: int) -> dict[str, str]:
    """The latest version of each of an owner's flows that has one, by slug; of no archived one."""
    newest = FlowVersion.objects.filter(flow=OuterRef("flow")).order_by("-number").values("pk")[:1]
    versions = FlowVersion.objects.filter(
        flow__owner=owner_id, flow__archived_at=None, pk=Subquery(newest)
    )
    return dict(versions.values_list("flow__slug", "source"))
