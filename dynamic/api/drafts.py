"""Flows and their drafts, as the REST API reads and writes them."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apikeys.api.serializers import StrictSerializer
from dynamic.api.checked import require_free
from dynamic.api.owner import owner
from dynamic.api.roles import REF_AND_ROLE, RefFields
from dynamic.flow.document import MAX_BYTES
from dynamic.models import Flow
from dynamic.models.checking import refuse_words
from dynamic.models.flow import NOT_FOR_SLUGS
from dynamic.systems.drafts import problems_of


class DraftProblemSerializer(serializers.Serializer[Any]):
    """For the OpenAPI description: what `dynamic.flow.problems.Problem` holds."""

    line = serializers.IntegerField(help_text="Counts from 1, as `column`.")
    column = serializers.IntegerField()
    path = serializers.CharField(help_text="Such as `steps[2].api`.")
    message = serializers.CharField()


class ProblemsSerializer(serializers.Serializer[Any]):
    problems = DraftProblemSerializer(many=True)


class DocumentField(serializers.CharField):
    """A document, kept as it was sent: neither stripped nor checked for whether it runs."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            trim_whitespace=False,
            max_length=MAX_BYTES,
            help_text="The flow document, YAML or JSON. Comments are kept.",
            **kwargs,
        )

    def to_internal_value(self, data: Any) -> str:
        # As the pages keep it: else the same draft would be another one after it was saved there.
        return str(super().to_internal_value(data)).replace("\r\n", "\n")


class FlowRowSerializer(RefFields, serializers.ModelSerializer[Flow]):
    """A flow in the list; of `with_state`."""

    latest_version = serializers.IntegerField(source="latest_number", allow_null=True)
    is_published = serializers.BooleanField()

    class Meta:
        model = Flow
        fields: ClassVar = [
            "slug",
            "name",
            "latest_version",
            "is_published",
            "archived_at",
            *REF_AND_ROLE,
        ]


class FlowSerializer(RefFields, StrictSerializer, serializers.ModelSerializer[Flow]):
    draft = DocumentField()
    problems = serializers.SerializerMethodField(
        help_text="Why the draft cannot run; [] where it can."
    )
    latest_version = serializers.SerializerMethodField(
        help_text="The number of the version that was published last; null before the first one."
    )
    is_published = serializers.SerializerMethodField(
        help_text="The draft is the latest version as it is."
    )

    class Meta:
        model = Flow
        fields: ClassVar = [
            "slug",
            "name",
            "draft",
            "problems",
            "latest_version",
            "is_published",
            "archived_at",
            *REF_AND_ROLE,
        ]
        read_only_fields: ClassVar = ["archived_at"]

    def validate_slug(self, slug: str) -> str:
        if self.instance:
            if slug != self.instance.slug:
                raise serializers.ValidationError("It stays: other flows run it by this slug.")
            return slug
        try:
            refuse_words(slug, NOT_FOR_SLUGS)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None
        require_free(self, owner(self.context["request"]).flows, "slug", slug)
        return slug

    @extend_schema_field(DraftProblemSerializer(many=True))
    def get_problems(self, flow: Flow) -> list[dict[str, Any]]:
        return [problem.as_dict() for problem in problems_of(flow)]

    def get_latest_version(self, flow: Flow) -> int | None:
        latest = flow.latest
        return latest.number if latest else None

    def get_is_published(self, flow: Flow) -> bool:
        latest = flow.latest
        return latest is not None and latest.source == flow.draft


class CheckSerializer(StrictSerializer):
    draft = DocumentField()


class PublishSerializer(StrictSerializer):
    note = serializers.CharField(
        max_length=200,
        default="",
        allow_blank=True,
        help_text="What is new in it, for the history.",
    )
