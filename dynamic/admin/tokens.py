"""Tokens that systems issued: when, until when, and never what they are."""

from datetime import UTC, datetime

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from dynamic.models import IssuedToken, System


@admin.register(IssuedToken)
class IssuedTokenAdmin(admin.ModelAdmin[IssuedToken]):
    list_display = ["credential", "system", "obtained", "expires"]
    search_fields = ["credential__name", "credential__system__slug", "credential__system__name"]
    fields = readonly_fields = ("credential", "system", "obtained", "expires")
    actions = ["forget"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[IssuedToken]:
        tokens = super().get_queryset(request)
        return tokens.select_related("credential__system").defer("answer", "credential__values")

    @admin.display(ordering="credential__system")
    def system(self, token: IssuedToken) -> System:
        return token.credential.system

    @admin.display(ordering="obtained_at")
    def obtained(self, token: IssuedToken) -> datetime | None:
        return _time(token.obtained_at)

    @admin.display(ordering="expires_at")
    def expires(self, token: IssuedToken) -> datetime | None:
        return _time(token.expires_at)

    @admin.action(description="Forget selected tokens", permissions=["delete"])
    def forget(self, request: HttpRequest, queryset: QuerySet[IssuedToken]) -> None:
        _, deleted = queryset.delete()
        count = deleted.get("dynamic.IssuedToken", 0)
        messages.success(request, f"{count} tokens forgotten; the next calls obtain new ones.")

    # A system gives a token to a call that needs one: nobody makes or edits one.
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: IssuedToken | None = None) -> bool:
        return False


def _time(seconds: float | None) -> datetime | None:
    """Nothing where none was obtained. No system keeps a promise beyond the year 9999."""
    return datetime.fromtimestamp(min(seconds, 253_402_300_799), UTC) if seconds else None
