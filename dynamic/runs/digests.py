"""Mail what failed of an account's pipes since the mail before: daily or weekly, as it chose.

How far was told is in the database, so neither a restart nor another process tells it again. What
a server that was off has missed comes with the next mail, and so does what a mail server refused.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.mailing import mail
from accounts.models import User
from dynamic.models import Digest
from dynamic.runs.digest_text import Part, parts_of

HOUR = 6  # of the day, in UTC, up to which is told
# Until a run that ended just before is recorded, or marked as unknown.
SETTLED = timedelta(minutes=5)
MOST_PARTS = 50  # pipes that a mail tells of, those with the most failures

log = logging.getLogger(__name__)


def send_due(now: datetime) -> int:
    """Send the mails that are due. Returns how many went."""
    active = Digest.objects.filter(account__is_active=True).select_related("account")
    sent = 0
    # A week's end is a day's as well.
    for digest in active.filter(told_until__lt=end_of(Digest.Every.DAY, now)):
        until = end_of(digest.every, now)
        if digest.told_until < until:
            try:
                sent += _send(digest, until)
            except Exception:
                # Whatever it was, the others' mails are wanted, too.
                log.exception("Failures of pipes of user %s were not summed up", digest.account_id)
    return sent


def end_of(every: str, now: datetime) -> datetime:
    """The end of the newest day or week that can be told of."""
    settled = now - SETTLED
    end = settled.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if end > settled:
        end -= timedelta(days=1)
    return end if every == Digest.Every.DAY else end - timedelta(days=end.weekday())


def _send(digest: Digest, until: datetime) -> bool:
    parts, all_seen = parts_of(digest.account, digest.told_until, until)
    # Taken before it is sent: two processes never send it twice.
    if not _told(digest, digest.told_until, until) or not parts:
        return False
    try:
        mail(digest.account, "runs/mail/digest", _about(digest, until, parts, all_seen))
    except Exception as error:
        # Whatever went wrong with the mail server, the other mails are wanted, too.
        log.warning("The digest of user %s was not sent yet: %s", digest.account_id, error)
        _told(digest, until, digest.told_until)
        return False
    return True


def _told(digest: Digest, so_far: datetime, until: datetime) -> bool:
    """Note it; False where it is no longer told so far: somebody else was first."""
    mine = Digest.objects.filter(pk=digest.pk, told_until=so_far)
    return bool(mine.update(told_until=until))


def _about(digest: Digest, until: datetime, parts: list[Part], all_seen: bool) -> dict[str, Any]:
    account: User = digest.account
    return {
        "digest": digest,
        "until": until,
        "parts": parts[:MOST_PARTS],
        "further": max(len(parts) - MOST_PARTS, 0),
        "pipes": len(parts),
        "failed": sum(part.failed for part in parts),
        "all_seen": all_seen,
        # Of others than those seen, failures may just not have been looked at.
        "fine": account.pipes.current().count() - len(parts) if all_seen else 0,
        "page": settings.SITE_URL + reverse("runs:digest"),
    }
