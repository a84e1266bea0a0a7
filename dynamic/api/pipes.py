"""An owner's pipes."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets

from apikeys.api.paging import Pages
from dynamic.api.owner import granted, owner
from dynamic.models import Pipe


class PipeSerializer(serializers.ModelSerializer[Pipe]):
    flow = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    pinned_version = serializers.IntegerField(
        source="pinned.number", default=None, read_only=True, allow_null=True
    )
    methods = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Pipe
        fields: ClassVar = [
            "id",
            "name",
            "url",
            "flow",
            "pinned_version",
            "enabled",
            "methods",
            "deadline",
            "body_limit",
        ]


class ByName(Pages):
    ordering = ("name", "id")


@extend_schema(tags=["Pipes"])
class PipeViewSet(viewsets.ReadOnlyModelViewSet[Pipe]):
    """The pipes you own; with a key, those of them that the key may call."""

    queryset = Pipe.objects.none()  # for the OpenAPI description
    lookup_value_regex = "[0-9a-f]{24}"
    serializer_class = PipeSerializer
    pagination_class = ByName

    def get_queryset(self) -> QuerySet[Pipe]:
        pipes = owner(self.request).pipes.select_related("flow", "pinned")
        only = granted(self.request)
        return pipes if only is None else pipes.filter(pk__in=only)
