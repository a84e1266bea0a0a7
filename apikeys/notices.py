"""Mail owners about their keys: each notice once, by whichever process comes first.

Before a key expires its owner is told 30, 7 and 1 days ahead; if several are due at once, as when
nothing ran for weeks, only the last of them is sent. A key that lives for no longer than that is
not announced so early, and one that was replaced is not announced at all.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.mailing import mail
from apikeys.models import Key, Notice

DAYS_AHEAD = {
    1: Notice.Kind.EXPIRES_1,
    7: Notice.Kind.EXPIRES_7,
    30: Notice.Kind.EXPIRES_30,
}
_AT_ONCE = 500

log = logging.getLogger(__name__)


def send_due() -> int:
    """Make the notices of keys that soon expire, and send all that wait. Returns how many went.

    One that cannot be sent stays, for the next time.
    """
    announce_expiry()
    waiting = Notice.objects.filter(sent_at=None).order_by("pk")[:_AT_ONCE]
    return sum(map(_send, waiting.select_related("key__owner")))


def announce_expiry() -> None:
    now, later = timezone.now(), timedelta(0)
    for days, kind in DAYS_AHEAD.items():
        ahead = timedelta(days=days)
        keys = (
            Key.objects.live()
            .filter(
                successor=None,
                owner__is_active=True,
                expires_at__gt=now + later,
                expires_at__lte=now + ahead,
                created_at__lt=F("expires_at") - ahead,
            )
            .exclude(notices__kind__in=[kind for near, kind in DAYS_AHEAD.items() if near <= days])
        )
        Notice.objects.bulk_create(
            (Notice(key=key, kind=kind) for key in keys), ignore_conflicts=True
        )
        later = ahead


def _send(notice: Notice) -> bool:
    key = notice.key
    mine = Notice.objects.filter(pk=notice.pk, sent_at=None)
    # Taken before it is sent: two processes never send it twice.
    if not mine.update(sent_at=timezone.now()):
        return False
    page = settings.SITE_URL + reverse("apikeys:detail", args=[key.public_id])
    about = {"key": key, "notice": notice, "page": page}
    try:
        mail(key.owner, f"apikeys/mail/{notice.kind}", about)
    except Exception as error:
        # Whatever went wrong with the mail server, the other notices are wanted, too.
        log.warning("The mail %s of %s was not sent yet: %s", notice.kind, key.prefix, error)
        Notice.objects.filter(pk=notice.pk).update(sent_at=None)
        return False
    return True
