"""API calls."""

from typing import Any

from django.contrib import admin

from dynamic.models import ApiCall


@admin.register(ApiCall)
class ApiCallAdmin(admin.ModelAdmin[ApiCall]):
    list_display = ["full_name", "name", "method", "path", "active", "owner"]
    list_filter = ["active", "method", "body_kind"]
    list_select_related = ["system__owner"]
    search_fields = ["name", "slug", "system__slug", "system__name", "path"]
    autocomplete_fields = ["system"]

    @admin.display(ordering="system__owner")
    def owner(self, call: ApiCall) -> Any:
        return call.system.owner
