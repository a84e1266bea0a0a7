"""The pages on which a system is made and changed."""

from copy import copy
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from dynamic.models import Credential, System
from dynamic.models.auth_types import AUTH_TYPES, AuthType
from dynamic.pages.auth_forms import AuthForm
from dynamic.pages.credential_forms import NamedValues, ValuesForm, value_forms
from dynamic.pages.retyping import retype
from dynamic.pages.saving import save
from dynamic.pages.system_forms import CallingForm, CommonFieldsForm, GeneralForm, HealthForm
from dynamic.systems.standing import standing


@sensitive_post_parameters()
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def system_create(request: SignedInRequest) -> HttpResponse:
    """First the kind of authentication, as `?type=`; then all the rest at once."""
    type_ = AUTH_TYPES.get(request.GET.get("type", ""))
    if type_ is None:
        return render(request, "systems/choose_type.html", {"types": AUTH_TYPES.values()})
    data = request.POST if request.method == "POST" else None
    general, auth = GeneralForm(request.user, data), AuthForm(type_, data)
    values = value_forms(type_, data) if type_.wants_credential else None
    if values is not None and "add_call" in request.POST:
        retype(general)
        auth.add_call()
        values.retype()
    elif _all_right(general, auth, values):
        system = System(owner=request.user, auth_type=type_.value, auth=auth.settings())
        if _made(system, general, auth, values):
            messages.success(request, f"“{system}” is made. Test its connection next.")
            return redirect("systems:detail", system.slug)
    page = {"type": type_, "general": general, "auth": auth, "values": values}
    return render(request, "systems/create.html", page)


def _all_right(*forms: Any) -> bool:
    """Each is asked, so that each tells what is wrong with it."""
    right = [form.is_valid() for form in forms if form is not None]
    return all(right)


def _made(
    system: System, general: GeneralForm, auth: AuthForm, values: ValuesForm | NamedValues | None
) -> bool:
    """Whether it and its first credential are saved: both, or neither."""
    general.fill(system)
    with transaction.atomic():
        made = save(system, general, auth=auth)
        base_url = general.own_base_url()
        if made and (values is not None or base_url):
            credential = Credential(system=system, base_url=base_url)
            credential.values = values.values() if values is not None else {}
            shown_at = {"values": values} if isinstance(values, ValuesForm) else {}
            made = save(credential, general, **shown_at)
        transaction.set_rollback(not made)
    return made


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def system_edit(request: SignedInRequest, ref: str) -> HttpResponse:
    system = get_object_or_404(System.objects.editable_by(request.user).named(ref))
    data = request.POST if request.method == "POST" else None
    general = GeneralForm(system.owner, data, system=system)
    forms = [general, *(form(system, data) for form in (CallingForm, HealthForm, CommonFieldsForm))]
    stored = copy(system)
    if _all_right(*forms):
        for form in forms:
            form.fill(system)
        if save(system, *forms):
            if stored.base_url and not system.base_url:  # calls go on to where they went
                system.credentials.filter(base_url="").update(base_url=stored.base_url)
            messages.success(request, f"“{system}” is saved. Calls heed it within a second.")
            return redirect("systems:detail", system.ref)
    titles = ("General", "How calls are made", "Health check", "Common fields")
    page = {"system": stored, "parts": list(zip(titles, forms, strict=True))}
    return render(request, "systems/edit.html", page)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def system_authentication(request: SignedInRequest, slug: str) -> HttpResponse:
    """Another kind is chosen as `?type=`, and takes hold when its settings are saved."""
    system = get_object_or_404(request.user.systems, slug=slug)
    type_ = AUTH_TYPES.get(request.GET.get("type", ""), system.type)
    data = request.POST if request.method == "POST" else None
    auth = AuthForm(type_, data, settings=_settings_for(type_, system))
    page = {"system": system, "was": system.type, "type": type_, "auth": auth}
    if "add_call" in request.POST:
        auth.add_call()
    elif auth.is_valid():
        system.auth_type, system.auth = type_.value, auth.settings()
        if save(system, auth):
            messages.success(request, f"The authentication of “{system}” is saved.")
            _tell_what_no_longer_fits(request, system)
            return redirect("systems:detail", slug)
    page |= {"types": AUTH_TYPES.values(), "has_credentials": system.credentials.exists()}
    return render(request, "systems/authentication.html", page)


def _settings_for(type_: AuthType, system: System) -> dict[str, Any]:
    """Of another type's settings, those that mean the same."""
    shared = {entry.name for entry in set(type_.settings) & set(system.type.settings)}
    return {name: value for name, value in system.auth.items() if name in shared}


def _tell_what_no_longer_fits(request: SignedInRequest, system: System) -> None:
    credentials = list(system.credentials.select_related("token"))
    misfits = [one.name for one in credentials if not standing(one).fits]
    if misfits:
        shown = ", ".join(f"“{name}”" for name in misfits[:5])
        more = f" and {len(misfits) - 5} more" if len(misfits) > 5 else ""
        messages.warning(request, f"Enter the values of {shown}{more} anew: they do not fit.")
    elif system.type.wants_credential and not credentials:
        messages.warning(request, "Add a credential: calls need one now.")
