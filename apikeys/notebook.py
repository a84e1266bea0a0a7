"""What a process has noted of calls and not yet written: uses, denials, digests to renew.

Calls only add to it. `write_due` is called each second by the server's background task, and by
each REST request for itself.
"""

from django.db import Error
from django.utils import timezone

from apikeys import denials, rehash, usage
from apikeys.denials import Denials
from apikeys.rehash import Rehashes
from apikeys.usage import Usage


class Notebook:
    def __init__(self) -> None:
        self.usage = Usage()
        self.denials = Denials()
        self.rehashes = Rehashes()

    def write_due(self, *, everything: bool = False) -> None:
        """Write what is due; with `everything`, as at shutdown, all of it.

        Raises `django.db.Error`; what could not be written then is kept, and written later.
        """
        self._write_uses(everything=everything)
        self._write_denials(everything=everything)
        # Not kept: the next use of such a key notes it again.
        rehash.write(self.rehashes.take())

    def _write_uses(self, *, everything: bool) -> None:
        due = self.usage.take(everything=everything)
        if not due:
            return
        try:
            waiting = usage.write(due, now=timezone.now(), everything=everything)
        except Error:
            for use in due:
                self.usage.give_back(use)
            raise
        for use in due:
            if use.public_id in waiting:
                self.usage.give_back(use, waiting[use.public_id])

    def _write_denials(self, *, everything: bool) -> None:
        noted = self.denials.take(everything=everything)
        if not noted:
            return
        try:
            denials.write(noted)
        except Error:
            self.denials.give_back(noted)
            raise


NOTEBOOK = Notebook()
