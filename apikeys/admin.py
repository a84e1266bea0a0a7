"""Keys for operators: who has which, since when, used when; revoking. Never a secret or digest."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import User
from apikeys import admin_policy  # noqa: F401  # registers its models
from apikeys.models import Key, KeyEvent


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state, state) for state in ("live", "replaced", "retired", "expired", "revoked")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Key]) -> QuerySet[Key]:
        state = self.value()
        return queryset.filter(pk__in=Key.objects.in_state(state)) if state else queryset


class EventInline(admin.TabularInline[KeyEvent, Key]):
    model = KeyEvent
    fields = readonly_fields = ("at", "kind", "actor", "address", "reason", "request_id", "times")
    can_delete = False
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Key)
class KeyAdmin(admin.ModelAdmin[Key]):
    list_display = ["name", "prefix", "kind", "owner", "created_at", "ends_at", "used", "state"]
    list_filter = [StateFilter, "kind", "created_at"]
    list_select_related = ["owner", "use"]
    search_fields = ["name", "public_id", "owner__email"]
    date_hierarchy = "created_at"
    actions = ["revoke_keys"]
    inlines = [EventInline]
    fields = readonly_fields = (
        "name",
        "prefix",
        "kind",
        "owner",
        "created_at",
        "expires_at",
        "grace_ends_at",
        "revoked_at",
        "predecessor",
        "successor",
        "can_read",
        "can_write",
        "pipes",
        "networks",
        "query_allowed",
        "calls_per_minute",
        "pepper",
        "kid",
        "used",
        "used_from",
        "count",
    )

    @admin.display(description="last used", ordering="use__last_used_at")
    def used(self, key: Key) -> Any:
        return key.use.last_used_at if hasattr(key, "use") else None

    @admin.display(description="last used from")
    def used_from(self, key: Key) -> str:
        return f"{key.use.address}, in the {key.use.place}" if hasattr(key, "use") else "-"

    @admin.display(description="calls")
    def count(self, key: Key) -> int:
        return key.use.count if hasattr(key, "use") else 0

    @admin.display(description="replaced by")
    def successor(self, key: Key) -> Any:
        return key.successor if hasattr(key, "successor") else None

    @admin.action(description="Revoke selected keys", permissions=["change"])
    def revoke_keys(self, request: HttpRequest, queryset: QuerySet[Key]) -> None:
        address = request.META.get("REMOTE_ADDR", "")
        operator = cast(User, request.user)
        count = Key.objects.filter(pk__in=queryset).revoke(operator, address)
        messages.success(request, f"{count} keys revoked; those revoked before stay so.")

    # A key is made by its owner alone, is never edited, and goes only with its owner.
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Key | None = None) -> bool:
        return False
