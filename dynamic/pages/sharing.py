"""The page of who else has a system, a flow or a pipe: its owner gives, others see theirs."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from dynamic.models import Flow, Pipe, System
from dynamic.models.share import Role, Share
from dynamic.systems.sharing import MAY, NotShared, Thing, give, kind_of, tell

PER_PAGE = 50


class GiveForm(forms.Form):
    email = forms.EmailField(
        label="E-mail address",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text="Of the account that is to have it. It gets a mail.",
    )
    role = forms.ChoiceField(label="Role", widget=forms.RadioSelect, initial=Role.VIEWER)

    def __init__(self, kind: str, data: Any = None) -> None:
        super().__init__(data)
        role: Any = self.fields["role"]
        role.choices = [(role, f"{role.label}: {may}") for role, may in MAY[kind].items()]


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def share_system(request: SignedInRequest, ref: str) -> HttpResponse:
    return _page(request, System.objects.visible_to(request.user).named(ref))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def share_flow(request: SignedInRequest, ref: str) -> HttpResponse:
    return _page(request, Flow.objects.visible_to(request.user).named(ref))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def share_pipe(request: SignedInRequest, pipe_id: str) -> HttpResponse:
    return _page(request, Pipe.objects.visible_to(request.user).filter(pk=pipe_id))


def _page(request: SignedInRequest, found: Any) -> HttpResponse:
    thing = get_object_or_404(found.select_related("owner"))
    if not thing.is_own:
        return _of_another(request, thing)
    data = request.POST if request.POST.get("do") == "give" else None
    form = GiveForm(kind_of(thing), data)
    is_done = _is_given(request, thing, form) if data is not None else _is_changed(request, thing)
    if is_done:
        return redirect(request.path)
    shares = _shares(thing).select_related("account").order_by("account__email")
    page = {"form": form, "shares": Paginator(shares, PER_PAGE).get_page(request.GET.get("page"))}
    return render(request, "sharing/page.html", _around(thing) | page)


def _around(thing: Thing) -> dict[str, Any]:
    kind = kind_of(thing)
    ref = thing.pk if isinstance(thing, Pipe) else thing.ref
    return {
        "thing": thing,
        "kind": kind,
        "title": f"{kind}s".title(),
        "list_page": reverse(f"{kind}s:list"),
        "own_page": reverse(f"{kind}s:detail", args=[ref]),
    }


def _shares(thing: Thing) -> Any:
    return Share.objects.filter(**{kind_of(thing): thing})


def _is_given(request: SignedInRequest, thing: Thing, form: GiveForm) -> bool:
    if not form.is_valid():
        return False
    try:
        share = give(thing, form.cleaned_data["email"], form.cleaned_data["role"])
    except NotShared as error:
        form.add_error("email", str(error))
        return False
    told = f"{share.account.email} has “{thing}” now, as {_named(share.role)}"
    if tell(share, thing):
        messages.success(request, f"{told}, and is told by mail.")
    else:
        messages.warning(request, f"{told}. The mail about it could not be sent: tell them.")
    return True


def _is_changed(request: SignedInRequest, thing: Thing) -> bool:
    """Change one's role, or take it away. Raises Http404 where there is no such share."""
    if request.method != "POST":
        return False
    pk, do = request.POST.get("share", ""), request.POST.get("do")
    if not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
        raise Http404
    share = get_object_or_404(_shares(thing).select_related("account"), pk=pk)
    if do == "withdraw":
        share.delete()
        messages.success(request, f"{share.account.email} has “{thing}” no more.")
    elif do in Role.values:
        share.role = do
        share.save(update_fields=["role"])
        messages.success(request, f"{share.account.email} is {_named(do)} now.")
    else:
        raise Http404
    return True


def _named(role: str) -> str:
    return "an editor" if role == Role.EDITOR else "a viewer"


def _of_another(request: SignedInRequest, thing: Any) -> HttpResponse:
    """What the one who has it from somebody else may do; it can be given back. Raises Http404 where
    something else is asked for."""
    page = _around(thing)
    if request.method == "POST":
        if request.POST.get("do") != "leave":
            raise Http404
        _shares(thing).filter(account=request.user).delete()
        messages.success(request, f"You left “{thing}” of {thing.owner.email}.")
        return redirect(page["list_page"])
    role = Role(thing.role)
    page |= {"named": _named(role), "may": MAY[page["kind"]]}
    return render(request, "sharing/page.html", page)
