"""Who has what from whom. Operators change a role and take access away; owners give it."""

from django.contrib import admin
from django.http import HttpRequest

from dynamic.models import Flow, Pipe, Share, System


@admin.register(Share)
class ShareAdmin(admin.ModelAdmin[Share]):
    list_display = ["thing", "kind", "owner", "account", "role", "created_at"]
    list_filter = ["role", "created_at"]
    list_select_related = ["owner", "account", "system", "flow", "pipe"]
    search_fields = [
        "owner__email",
        "account__email",
        "system__name",
        "system__slug",
        "flow__name",
        "flow__slug",
        "pipe__name",
        "pipe__id",
    ]
    date_hierarchy = "created_at"
    fields = ("thing", "kind", "owner", "account", "role", "created_at")
    readonly_fields = ("thing", "kind", "owner", "account", "created_at")

    @admin.display
    def thing(self, share: Share) -> System | Flow | Pipe | None:
        return share.system or share.flow or share.pipe

    @admin.display
    def kind(self, share: Share) -> str:
        return "system" if share.system else "flow" if share.flow else "pipe"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
