"""How many runs a server has answered and not stored yet, kept where a kill -9 leaves it.

Each server process maps a small file into its memory and writes two counts there, which costs no
system call: the pages are the kernel's, and outlive the process. (They do not outlive a loss of
power.) It holds a lock on the file as long as it lives. A file whose lock is free belongs to a
server that is gone: whoever finds it first tells of what that one had not stored, and removes it.
"""

import contextlib
import fcntl
import logging
import mmap
import os
import secrets
import struct
import time
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

_QUEUED = struct.Struct("<Qd")  # how many in all, and when the last one was
_SETTLED = struct.Struct("<Q")  # of them, those that are stored, or were told of as lost
_SETTLED_AT = _QUEUED.size
_SIZE = _QUEUED.size + _SETTLED.size

log = logging.getLogger(__name__)


class Unrecorded:
    """One a recorder. Without a file it counts for this process alone."""

    def __init__(self) -> None:
        self.queued = 0
        self.settled = 0
        self._counts: bytearray | mmap.mmap = bytearray(_SIZE)
        self._lock: int | None = None
        self._path = Path()

    def open(self) -> None:
        """Make the file. Where that cannot be done, say so: the server is to work all the same."""
        try:
            self._lock, self._path = _locked_file(_folder())
            self._counts = mmap.mmap(self._lock, _SIZE)
        except OSError as error:
            log.warning(
                "Should this server be killed, nobody will know how many runs it had not recorded "
                "yet: %s",
                error,
            )

    def add(self) -> None:
        self.queued += 1
        _QUEUED.pack_into(self._counts, 0, self.queued, time.time())

    def settle(self, settled: int) -> None:
        """So many of all that were added are stored. Safe to repeat, on any thread."""
        self.settled = settled
        _SETTLED.pack_into(self._counts, _SETTLED_AT, settled)

    def close(self) -> None:
        """Nothing is to be told of this server."""
        counts, self._counts = self._counts, bytearray(_SIZE)
        if isinstance(counts, mmap.mmap):
            counts.close()
        if self._lock is not None:
            with contextlib.suppress(OSError):  # removed by somebody else
                self._path.unlink()
            os.close(self._lock)
            self._lock = None


def tell_of_the_gone() -> None:
    """Log how many runs servers that are gone had not stored, each once."""
    for path in _folder().glob("*.count"):
        try:
            file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except OSError:  # another server was first, or it is not ours
            continue
        try:
            if _is_lockable(file):
                _tell(os.pread(file, _SIZE, 0))
                os.ftruncate(file, 0)  # where it cannot be removed, it is told once all the same
                with contextlib.suppress(OSError):
                    path.unlink()
        finally:
            os.close(file)


def owed(counts: bytes) -> int:
    """How many runs a server has still to store, by what stands in its file."""
    if len(counts) < _SIZE:
        return 0  # it has only just begun
    queued, _ = _QUEUED.unpack_from(counts)
    (settled,) = _SETTLED.unpack_from(counts, _SETTLED_AT)
    return int(queued - settled)


def _tell(counts: bytes) -> None:
    if (missing := owed(counts)) > 0:
        _, last = _QUEUED.unpack_from(counts)
        log.warning(
            "A server that stopped at about %s UTC had %d runs of reads that it had not recorded "
            "yet: they are missing from the history.",
            f"{datetime.fromtimestamp(last, UTC):%Y-%m-%d %H:%M:%S}",
            missing,
        )


def _folder() -> Path:
    return Path(settings.DATA) / "recorders"


def _locked_file(folder: Path) -> tuple[int, Path]:
    """A new file that is ours. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    while True:
        path = folder / f"{os.getpid()}-{secrets.token_hex(4)}.count"
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        if _is_lockable(file):
            os.write(file, bytes(_SIZE))  # so that a full disk is met here, and not in the mapping
            return file, path
        os.close(file)  # somebody took it for one of the gone


def _is_lockable(file: int) -> bool:
    """Lock it, unless another process has it or it was removed meanwhile."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return os.fstat(file).st_nlink > 0
