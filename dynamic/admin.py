"""Systems, API calls, flows, pipes and runs for operators. A credential can be set, never seen."""

from typing import Any

import orjson
from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from dynamic.flow.problems import DocumentInvalid
from dynamic.models import ApiCall, Credential, Flow, FlowVersion, Pipe, Run, System


class OwnedAdmin(admin.ModelAdmin[Any]):
    """What somebody owns stays theirs: keys and pipes elsewhere rely on it."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return [*fields, "owner"] if obj else fields


class CredentialForm(forms.ModelForm[Credential]):
    """An empty secret keeps the stored one, which is never sent to the browser."""

    secret = forms.CharField(
        label="Key or password",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Never shown again. Leave it empty to keep the stored one.",
    )

    class Meta:
        model = Credential
        fields = ["name", "is_default", "base_url"]


class CredentialInline(admin.StackedInline[Credential, System]):
    model = Credential
    form = CredentialForm
    extra = 0
    max_num = 1


class ApiCallInline(admin.TabularInline[ApiCall, System]):
    model = ApiCall
    fields = ["slug", "name", "method", "path"]
    show_change_link = True
    extra = 0


@admin.register(System)
class SystemAdmin(OwnedAdmin):
    list_display = ["name", "slug", "base_url", "auth_type", "owner"]
    list_filter = ["auth_type"]
    list_select_related = ["owner"]
    search_fields = ["name", "slug", "base_url", "owner__email"]
    autocomplete_fields = ["owner"]
    inlines = [CredentialInline, ApiCallInline]


@admin.register(ApiCall)
class ApiCallAdmin(admin.ModelAdmin[ApiCall]):
    list_display = ["full_name", "name", "method", "path", "owner"]
    list_filter = ["method", "body_kind"]
    list_select_related = ["system__owner"]
    search_fields = ["name", "slug", "system__slug", "system__name", "path"]
    autocomplete_fields = ["system"]

    @admin.display(ordering="system__owner")
    def owner(self, call: ApiCall) -> Any:
        return call.system.owner


class VersionInline(admin.TabularInline[FlowVersion, Flow]):
    model = FlowVersion
    fields = readonly_fields = ("number", "published_at", "note", "source")
    can_delete = False
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Flow)
class FlowAdmin(OwnedAdmin):
    list_display = ["name", "slug", "latest", "owner"]
    list_select_related = ["owner"]
    search_fields = ["name", "slug", "owner__email"]
    autocomplete_fields = ["owner"]
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
    list_display = ["name", "id", "flow", "enabled", "owner"]
    list_filter = ["enabled"]
    list_select_related = ["flow", "owner"]
    search_fields = ["name", "id", "owner__email", "flow__slug"]
    autocomplete_fields = ["owner", "flow"]
    readonly_fields = ["id", "url"]


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
