"""Giving another account access to a system, a flow or a pipe. Only an owner does that."""

import logging

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from limits import RateLimitItemPerHour

from accounts.mailing import mail
from accounts.models import User
from apikeys.limiting import LIMITS
from dynamic.models import Flow, Pipe, System
from dynamic.models.share import Role, Share

Thing = System | Flow | Pipe

# By owner, of all that was tried: each tells whether an address has an account, or sends a mail.
TRIES = RateLimitItemPerHour(60, namespace="shares")

# What a role allows, by kind of thing: for the people who give and get it.
MAY = {
    "system": {
        Role.VIEWER: "sees its settings, API calls and health; never the values of credentials",
        Role.EDITOR: "also changes them, and makes, tries and deletes API calls, with the "
        "system’s credentials; the owner alone changes these, its slug, its base URL and its "
        "authentication",
    },
    "flow": {
        Role.VIEWER: "sees its source, its versions and what differs between them",
        Role.EDITOR: "also changes, simulates and publishes it, and so can make it call any of the "
        "owner’s systems: it runs as the owner, whoever edits it",
    },
    "pipe": {
        Role.VIEWER: "sees its page, its downloads and its runs, with what came in and went out",
        Role.EDITOR: "also changes it, and calls it with keys of their own",
    },
}

log = logging.getLogger(__name__)


class NotShared(Exception):
    """The sentence says why, and what to do."""


def kind_of(thing: Thing) -> str:
    """One of those in MAY; also the name of the field of a share."""
    return str(thing._meta.model_name)


def give(thing: Thing, email: str, role: str) -> Share:
    """Let the active account of this address have the thing. Raises NotShared."""
    window = LIMITS.hit(TRIES, str(thing.owner_id))
    if not window.allowed:
        minutes = window.seconds // 60 + 1
        raise NotShared(f"That was tried too often within an hour. Go on in {minutes} minutes.")
    account = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if account is None:
        raise NotShared("No active account has this address. See how it is spelled.")
    if account.pk == thing.owner_id:
        raise NotShared("That is the owner, who may do everything with it. Give another address.")
    of_thing = {kind_of(thing): thing}
    try:
        with transaction.atomic():
            return Share.objects.create(
                owner_id=thing.owner_id, account=account, role=role, **of_thing
            )
    except IntegrityError:
        raise NotShared(f"{account.email} has access already. Change the role instead.") from None


def tell(share: Share, thing: Thing) -> bool:
    """Mail to the account what it was given. Whether that went."""
    kind = kind_of(thing)
    about = {
        "owner": share.owner,
        "thing": thing,
        "kind": kind,
        "role": share.get_role_display().lower(),
        "may": MAY[kind][Role(share.role)],
        "page": settings.SITE_URL + page_of(thing),
    }
    try:
        mail(share.account, "sharing/mail/given", about)
    except Exception as error:
        # Whatever went wrong with the mail server, it is shared.
        log.warning("The mail about share %s was not sent: %s", share.pk, error)
        return False
    return True


def page_of(thing: Thing) -> str:
    """The path that all who have it can open."""
    ref = thing.pk if isinstance(thing, Pipe) else f"{thing.slug}@{thing.owner_id}"
    return reverse(f"{kind_of(thing)}s:detail", args=[ref])
