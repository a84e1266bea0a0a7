"""Keys for operators: who has which, since when, used when; revoking. Never a secret or digest."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from apikeys.models import Key, KeyEvent


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("live", "live"), ("expired", "expired"), ("revoked", "revoked")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Key]) -> QuerySet[Key]:
        if self.value() == "live":
            return queryset.filter(pk__in=Key.objects.live())
        if self.value() == "expired":
            return queryset.filter(revoked_at=None, expires_at__lte=timezone.now())
        if self.value() == "revoked":
            return queryset.exclude(revoked_at=None)
        return queryset


class EventInline(admin.TabularInline[KeyEvent, Key]):
    model = KeyEvent
    fields = readonly_fields = ("at", "kind", "actor", "address")
    can_delete = False
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Key)
class KeyAdmin(admin.ModelAdmin[Key]):
    list_display = ["name", "prefix", "kind", "owner", "created_at", "expires_at", "used", "state"]
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
        "revoked_at",
        "can_read",
        "can_write",
        "pipes",
        "networks",
        "query_allowed",
        "pepper",
        "kid",
        "used",
        "used_from",
    )

    @admin.display(description="last used", ordering="use__last_used_at")
    def used(self, key: Key) -> Any:
        return key.use.last_used_at if hasattr(key, "use") else None

    @admin.display(description="last used from")
    def used_from(self, key: Key) -> str:
        return f"{key.use.address}, in the {key.use.place}" if hasattr(key, "use") else "-"

    @admin.action(description="Revoke selected keys", permissions=["change"])
    def revoke_keys(self, request: HttpRequest, queryset: QuerySet[Key]) -> None:
        address = request.META.get("REMOTE_ADDR", "")
        operator = cast(User, request.user)
        count = sum(key.revoke(operator, address) for key in queryset)
        messages.success(request, f"{count} keys revoked; those revoked before stay so.")

    # A key is made by its owner alone, is never edited, and goes only with its owner.
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Key | None = None) -> bool:
        return False
