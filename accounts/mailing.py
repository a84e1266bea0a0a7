"""Mails to people. Ours are from two templates: `<name>_subject.txt`, `<name>_message.txt`."""

from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from accounts.models import User
from accounts.sealing import require_leave


def mail(person: User, template: str, about: dict[str, Any]) -> None:
    """Send one. Templates also see `site`. Raises what the mail server's library does."""
    mail_to([person.email], template, about)


def mail_to(addresses: list[str], template: str, about: dict[str, Any]) -> None:
    """As `mail`, to addresses that need not be of people whom we know."""
    about = {**about, "site": settings.SITE_URL}
    subject = " ".join(render_to_string(f"{template}_subject.txt", about).split())
    send(subject, render_to_string(f"{template}_message.txt", about), addresses)


def send(subject: str, message: str, to: list[str]) -> None:
    """Send one that is written already. Raises what the mail server's library does."""
    require_leave("A mail")
    send_mail(subject, message, None, to)
