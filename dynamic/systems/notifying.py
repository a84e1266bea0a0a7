"""Send the mails of flows."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from accounts.mailing import send
from accounts.sealing import require_leave
from dynamic.flow.exchange import Mail, Notify, NotSent

# Mail servers are slow: threads of their own, so that nobody else waits for one.
_THREADS = ThreadPoolExecutor(4, "notify")

log = logging.getLogger(__name__)


def notifier(owner_address: str) -> Notify:
    """Give what sends the mails of a flow whose owner has this address."""

    async def notify(mail: Mail) -> None:
        require_leave("A mail")  # the thread that sends it knows nothing of this run's context
        to = mail.to or (owner_address,)
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(_THREADS, send, mail.subject, mail.message, list(to))
        except Exception as error:
            # Whatever went wrong with the mail server, it is the step that failed.
            log.warning("A mail of a flow was not sent: %s", error)
            raise NotSent("The mail server did not take the mail.") from None

    return notify
