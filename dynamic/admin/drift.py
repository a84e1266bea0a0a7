"""Drift: fields that live responses lacked, to read."""

from django.contrib import admin
from django.http import HttpRequest

from dynamic.models import Drift


@admin.register(Drift)
class DriftAdmin(admin.ModelAdmin[Drift]):
    list_display = ["call", "shown_path", "flow", "seen_at", "dismissed_at"]
    list_filter = ["seen_at"]
    list_select_related = ["call__system", "flow"]
    search_fields = ["path", "flow__slug", "call__slug", "call__system__slug", "run_id"]
    fields = readonly_fields = ("flow", "call", "shown_path", "seen_at", "run_id", "dismissed_at")

    # It is what happened: nobody makes or edits one.
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Drift | None = None) -> bool:
        return False
