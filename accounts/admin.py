"""People in the Django admin: operators make accounts here, since nobody can sign up."""

import allauth.account.admin  # noqa: F401  # registers what is taken out below
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import User


def _change_password(request: HttpRequest, extra_context: object = None) -> HttpResponse:
    return redirect("account_change_password")


# The admin's own pages ask for a password without counting wrong ones; ours count.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign, no-untyped-call]
admin.site.password_change = _change_password  # type: ignore[method-assign, assignment]

admin.site.site_header = admin.site.site_title = "Integrator"
admin.site.index_title = "Administration"

# allauth's table of further addresses: one here would sign in, too, unseen in the list of people.
admin.site.unregister(EmailAddress)


class UserAddForm(AdminUserCreationForm):  # type: ignore[type-arg]  # Django itself has no []
    usable_password = AdminUserCreationForm.create_usable_password_field(
        "Without a password, the person chooses one: by “Forgot your password?” at the sign-in."
    )

    class Meta:
        model = User
        fields = ["email"]


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]
    add_form = UserAddForm
    list_display = ["email", "first_name", "last_name", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "is_staff", "is_superuser", "groups"]
    search_fields = ["email", "first_name", "last_name"]
    ordering = ["email"]
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["email", "password"]}),
        ("Name", {"fields": ["first_name", "last_name"]}),
        ("Rights", {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["email", "usable_password", "password1", "password2"]}),
    ]
    filter_horizontal = ["groups"]
