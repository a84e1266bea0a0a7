"""Whether an account wants a summary of its pipes' failures by mail, and how often."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.requests import SignedInRequest
from dynamic.models import Digest

NEVER = "never"


class DigestForm(forms.Form):
    every = forms.ChoiceField(
        label="Mail me what failed",
        choices=[(NEVER, "Never"), *Digest.Every.choices],
        widget=forms.RadioSelect,
    )

    def save(self, account: User) -> None:
        """What was told already stays told; a new one begins with what comes from now on."""
        every = self.cleaned_data["every"]
        if every == NEVER:
            Digest.objects.filter(account=account).delete()
            return
        Digest.objects.update_or_create(
            account=account,
            defaults={"every": every},
            create_defaults={"every": every, "told_until": timezone.now()},
        )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def digest(request: SignedInRequest) -> HttpResponse:
    chosen = Digest.objects.filter(account=request.user).first()
    data = request.POST if request.method == "POST" else None
    form = DigestForm(data, initial={"every": chosen.every if chosen else NEVER})
    if form.is_valid():
        form.save(request.user)
        messages.success(request, "Your choice is saved.")
        return redirect("runs:digest")
    return render(request, "runs/digest.html", {"form": form})
