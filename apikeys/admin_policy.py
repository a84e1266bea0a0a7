"""The audit and the policy, for operators. A policy is shown against live keys, then applied."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.models import User
from apikeys import enforcement
from apikeys.models import KeyEvent, Notice, Policy


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Nothing is added, changed or deleted here, by whoever."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(KeyEvent)
class KeyEventAdmin(ReadOnlyAdmin):
    list_display = ["at", "kind", "public_id", "owner", "actor", "address", "reason", "times"]
    list_filter = ["kind", "at"]
    list_select_related = ["owner", "actor"]
    search_fields = ["public_id", "request_id", "owner__email"]
    date_hierarchy = "at"
    ordering = ["-id"]


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ["made_at", "kind", "key", "sent_at"]
    list_filter = ["kind", "sent_at"]
    list_select_related = ["key"]
    ordering = ["-id"]


class PolicyForm(forms.ModelForm[Policy]):
    class Meta:
        model = Policy
        fields = ["longest_days", "never_allowed", "most_keys", "query_allowed"]


@admin.register(Policy)
class PolicyAdmin(admin.ModelAdmin[Policy]):
    """One page: the form; what it would do; done."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_change_permission(request):
            return cast(HttpResponse, redirect("admin:index"))
        form = PolicyForm(request.POST or None, instance=Policy.current())
        page = {**self.admin_site.each_context(request), "form": form, "opts": self.opts}
        page["title"] = "The policy on keys"
        if not form.is_valid() or "back" in request.POST:
            return render(request, "admin/apikeys/policy/form.html", page)
        policy = form.save(commit=False)
        if "apply" not in request.POST:
            page["affected"] = enforcement.affected(policy)
            return render(request, "admin/apikeys/policy/preview.html", page)
        address = request.META.get("REMOTE_ADDR", "")
        enforcement.apply(policy, cast(User, request.user), address)
        messages.success(request, "The policy holds, within a second on every server.")
        return redirect(reverse("admin:apikeys_policy_changelist"))

    def change_view(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        return redirect("admin:apikeys_policy_changelist")
