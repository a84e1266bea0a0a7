"""What somebody owns stays theirs: keys and pipes elsewhere rely on it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class OwnedAdmin(admin.ModelAdmin[Any]):
    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return [*fields, "owner"] if obj else fields
