"""The forms of people: allauth's in our words, and the profile."""

from typing import Any

from allauth.account import forms as allauth
from allauth.core import context
from django import forms

from accounts import passwords
from accounts.adapter import AccountAdapter
from accounts.models import User


def _say(form: forms.BaseForm, **labels: str) -> None:
    """Name the fields, and take away placeholders: they only repeat the names."""
    for name, label in labels.items():
        form.fields[name].label = label
        form.fields[name].widget.attrs.pop("placeholder", None)


class LoginForm(allauth.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, login="E-mail address", password="Password")  # noqa: S106
        self.fields["remember"].label = "Stay signed in on this device"


class ChangePasswordForm(allauth.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(
            self,
            oldpassword="Current password",
            password1="New password",
            password2="New password, again",
        )

    def clean_oldpassword(self) -> str:
        # allauth only compares here. Guesses count together with those at the sign-in instead.
        password: str = self.cleaned_data["oldpassword"]
        try:
            right = passwords.confirm(context.request, password)
        except passwords.LockedOut as locked:
            raise forms.ValidationError(str(locked)) from None
        if not right:
            raise AccountAdapter().validation_error("enter_current_password")
        return password


class ResetPasswordForm(allauth.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, email="E-mail address")


class ResetPasswordKeyForm(allauth.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, password1="New password", password2="New password, again")

    def save(self) -> None:
        super().save()
        AccountAdapter().forget_failures(self.user)


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # Django itself has no []
    class Meta:
        model = User
        fields = ["first_name", "last_name", "email"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first_name"].widget.attrs["autocomplete"] = "given-name"
        self.fields["last_name"].widget.attrs["autocomplete"] = "family-name"
        email = self.fields["email"]
        email.disabled = True
        email.help_text = "You sign in with it. The people who run this Integrator can change it."
