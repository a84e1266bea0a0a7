"""The pages of a system's credentials, and of a person's consent to use one."""

from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.requests import SignedInRequest
from dynamic.models import Credential, System
from dynamic.pages.credential_forms import CredentialForm, ValuesForm, value_forms
from dynamic.pages.saving import save
from dynamic.systems import consent


def _system(request: SignedInRequest, slug: str) -> System:
    return get_object_or_404(request.user.systems, slug=slug)


def _credential(request: SignedInRequest, slug: str, pk: int) -> Credential:
    return get_object_or_404(_system(request, slug).credentials, pk=pk)


@sensitive_post_parameters()
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def credential_create(request: SignedInRequest, slug: str) -> HttpResponse:
    system = _system(request, slug)
    is_first = not system.credentials.exists()
    name = "default" if is_first else ""
    return _written(request, Credential(system=system, name=name, is_default=is_first))


@sensitive_post_parameters()
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def credential_edit(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    return _written(request, _credential(request, slug, pk))


def _written(request: SignedInRequest, credential: Credential) -> HttpResponse:
    system, data = credential.system, request.POST if request.method == "POST" else None
    form = CredentialForm(credential, data)
    values = value_forms(system.type, data, stored=credential.values)
    title = f"Change “{credential}”" if credential.pk else "New credential"
    if all([form.is_valid(), values.is_valid()]):
        form.fill(credential)
        credential.values = values.values()
        shown_at = {"values": values} if isinstance(values, ValuesForm) else {}
        if save(credential, form, **shown_at):
            messages.success(request, f"The credential “{credential}” is saved.")
            return redirect("systems:detail", system.slug)
    page = {"system": system, "title": title, "form": form, "values": values}
    return render(request, "systems/credential_form.html", page)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def credential_delete(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Without a default, calls would go out with another credential, to another's account."""
    credential = _credential(request, slug, pk)
    has_others = credential.system.credentials.exclude(pk=pk).exists()
    refused = credential.is_default and has_others
    if request.method != "POST" or refused:
        page = {"system": credential.system, "credential": credential, "refused": refused}
        return render(request, "systems/credential_delete.html", page)
    credential.delete()
    messages.success(request, f"The credential “{credential}” is deleted.")
    return redirect("systems:detail", slug)


@login_required
@require_POST
def credential_default(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    credential = _credential(request, slug, pk)
    with transaction.atomic():
        credential.make_default()
    messages.success(request, f"Calls that name no credential use “{credential}” now.")
    return redirect("systems:detail", slug)


@login_required
@never_cache
@require_POST
def credential_connect(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """A page with a link: forms may send people to our own pages only (CSP form-action)."""
    credential = _credential(request, slug, pk)
    try:
        url = consent.begin(request.user, credential)
    except consent.ConsentFailed as failure:
        messages.error(request, str(failure))
        return redirect("systems:detail", slug)
    page = {"system": credential.system, "credential": credential, "url": url}
    page["host"] = urlsplit(url).netloc
    return render(request, "systems/connect.html", page)


@sensitive_variables()
@never_cache
@require_GET
def oauth_callback(request: HttpRequest) -> HttpResponse:
    """The system sends people back to here; no URL of ours repeats the code that they bring."""
    if not request.user.is_authenticated:
        # Where to go on after the sign-in stands in that page's URL: better nowhere.
        messages.error(request, "You were signed out meanwhile. Sign in and choose Connect again.")
        return redirect("account_login")
    given = {name: request.GET.get(name, "") for name in ("state", "code", "error")}
    try:
        credential = consent.finish(request.user, **given)
    except consent.ConsentFailed as failure:
        messages.error(request, str(failure))
        return redirect("systems:list")
    messages.success(request, f"“{credential}” of “{credential.system}” is connected.")
    return redirect("systems:detail", credential.system.slug)
