"""What a server does for its keys beside its calls: write what they noted, mail what is due."""

import logging
from functools import partial

from apikeys import notices
from apikeys.notebook import NOTEBOOK
from apikeys.rounds import Rounds
from apikeys.store import Store

WRITE_EVERY = 1.0  # seconds
MAIL_EVERY = 60.0

log = logging.getLogger(__name__)


class Background:
    """One a server process. Mail waits on a thread of its own: a mail server may take its time."""

    def __init__(self) -> None:
        self._writing = Store("notebook")
        self._mailing = Store("notices", longest_wait=None)
        write = partial(self._writing.run, NOTEBOOK.write_due)
        send = partial(self._mailing.run, notices.send_due)
        self._rounds = [
            Rounds(WRITE_EVERY, write, "The uses of keys are not noted"),
            Rounds(MAIL_EVERY, send, "Mails about keys are not sent"),
        ]

    def open(self) -> None:
        for each in self._rounds:
            each.open()

    async def close(self) -> None:
        for each in self._rounds:
            await each.close()
        try:
            await self._writing.run(NOTEBOOK.write_due, everything=True)
        except Exception:
            # Whatever it was, the rest of the server is to be closed, too.
            log.exception("The last uses of keys were not noted")
        self._writing.close()
        self._mailing.close()
