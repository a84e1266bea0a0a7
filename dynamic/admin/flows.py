"""Flows, their published versions, and pipes."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from dynamic.admin.archived import ArchivedFilter
from dynamic.admin.owned import OwnedAdmin
from dynamic.flow.problems import DocumentInvalid
from dynamic.models import Flow, FlowVersion, Pipe


class VersionInline(admin.TabularInline[FlowVersion, Flow]):
    model = FlowVersion
    fields = readonly_fields = ("number", "published_at", "note", "source")
    can_delete = False
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Flow)
class FlowAdmin(OwnedAdmin):
    list_display = ["name", "slug", "latest", "owner", "archived_at"]
    list_filter = [ArchivedFilter]
    list_select_related = ["owner"]
    search_fields = ["name", "slug", "owner__email"]
    autocomplete_fields = ["owner"]
    readonly_fields = ["archived_at"]
    inlines = [VersionInline]
    actions = ["publish"]

    @admin.action(description="Publish the drafts of selected flows", permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Flow]) -> None:
        for flow in queryset:
            try:
                messages.success(
                    request, f"Published {flow.publish(note='Published in the admin')}."
                )
            except DocumentInvalid as error:
                messages.error(request, f"{flow} cannot be published: {error}")


@admin.register(Pipe)
class PipeAdmin(OwnedAdmin):
    list_display = ["name", "id", "flow", "enabled", "owner", "archived_at"]
    list_filter = ["enabled", "failure_mode", ArchivedFilter]
    list_select_related = ["flow", "owner"]
    search_fields = ["name", "id", "owner__email", "flow__slug"]
    autocomplete_fields = ["owner", "flow"]
    readonly_fields = ["id", "url", "archived_at"]

    def get_exclude(self, request: HttpRequest, obj: Pipe | None = None) -> list[str]:
        """One that is being made has no id yet, and no address that could be told."""
        return [] if obj else ["id", "url"]
