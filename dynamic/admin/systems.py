"""Systems, with their credentials, calls and health."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from dynamic.admin.archived import ArchivedFilter
from dynamic.admin.credentials import CredentialInline
from dynamic.admin.owned import OwnedAdmin
from dynamic.models import ApiCall, Health, System


class ApiCallInline(admin.TabularInline[ApiCall, System]):
    model = ApiCall
    fields = ["slug", "name", "method", "path", "active"]
    show_change_link = True
    extra = 0


class HealthInline(admin.TabularInline[Health, System]):
    model = Health
    fields = readonly_fields = ("is_up", "message", "since", "checked_at", "due_at")
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(System)
class SystemAdmin(OwnedAdmin):
    list_display = ["name", "slug", "base_url", "auth_type", "owner", "archived_at"]
    list_filter = ["auth_type", ArchivedFilter]
    list_select_related = ["owner"]
    search_fields = ["name", "slug", "base_url", "owner__email"]
    autocomplete_fields = ["owner"]
    readonly_fields = ["archived_at"]
    inlines = [CredentialInline, ApiCallInline, HealthInline]
