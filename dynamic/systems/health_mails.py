"""Mail owners when a system of theirs is down, and when it is back: each once.

What its owner was told last is in the database, so nothing is forgotten where a mail server
fails: it is tried again, as long as it is still true.
"""

import logging

from django.conf import settings
from django.urls import reverse

from accounts.mailing import mail
from dynamic.models import Health

_AT_ONCE = 500

log = logging.getLogger(__name__)


def send_due() -> int:
    """Send the mails that are due. Returns how many went."""
    rows = Health.objects.filter(system__archived_at=None, system__owner__is_active=True)
    down = rows.filter(is_up=False, told_up=True, system__health_minutes__gt=0)
    back = rows.filter(is_up=True, told_up=False)
    return sum(
        _send(health)
        for found in (down, back)
        for health in found.select_related("system__owner")[:_AT_ONCE]
    )


def _send(health: Health) -> bool:
    told, tell = not health.is_up, bool(health.is_up)
    mine = Health.objects.filter(pk=health.pk, is_up=health.is_up, told_up=told)
    # Taken before it is sent: two processes never send it twice.
    if not mine.update(told_up=tell):
        return False
    system = health.system
    page = settings.SITE_URL + reverse("systems:detail", args=[system.slug])
    about = {"system": system, "health": health, "page": page}
    try:
        mail(system.owner, f"systems/mail/{'back' if tell else 'down'}", about)
    except Exception as error:
        # Whatever went wrong with the mail server, the other mails are wanted, too.
        log.warning("The mail about system %s was not sent yet: %s", system.pk, error)
        Health.objects.filter(pk=health.pk, told_up=tell).update(told_up=told)
        return False
    return True
