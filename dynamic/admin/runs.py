"""Runs: what happened, to read."""

from typing import Any

import orjson
from django.contrib import admin
from django.http import HttpRequest

from dynamic.models import Run


@admin.register(Run)
class RunAdmin(admin.ModelAdmin[Run]):
    list_display = ["id", "pipe", "status", "http_status", "method", "started_at", "duration"]
    list_filter = ["status", "method", "started_at"]
    list_select_related = ["pipe"]
    search_fields = ["id", "request_id", "key_public_id", "pipe__name", "pipe__id", "message"]
    date_hierarchy = "started_at"
    show_full_result_count = False
    fields = readonly_fields = (
        "id",
        "pipe",
        "owner",
        "key_public_id",
        "request_id",
        "address",
        "flow_version",
        "method",
        "status",
        "http_status",
        "message",
        "started_at",
        "duration",
        "shown_input",
        "shown_trace",
        "shown_answer",
    )

    @admin.display(description="ms", ordering="ms")
    def duration(self, run: Run) -> str:
        return f"{run.ms:.1f}"

    @admin.display(description="input")
    def shown_input(self, run: Run) -> str:
        return _pretty(run.input)

    @admin.display(description="steps")
    def shown_trace(self, run: Run) -> str:
        return _pretty(run.trace)

    @admin.display(description="answer")
    def shown_answer(self, run: Run) -> str:
        return _pretty(run.answer)

    # A run is what happened: nobody makes or edits one.
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Run | None = None) -> bool:
        return False


def _pretty(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
