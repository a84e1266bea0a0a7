"""Nothing leaves the machine: whoever sends asks here first.

A flow that is simulated with mocks must reach nobody, whatever mistake our code may hold. The one
place that connects to systems (dynamic/outbound/connector.py) and the one that sends mails
(mailing.py) refuse all that is asked of them from inside of `nothing_leaves`: by a context
variable, so in this task, in those that it begins, and in no other.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_HELD: ContextVar[bool] = ContextVar("nothing_leaves", default=False)


class NothingLeaves(RuntimeError):
    """Something was about to be sent from where nothing may be: a defect of ours."""


@contextmanager
def nothing_leaves() -> Iterator[None]:
    token = _HELD.set(True)
    try:
        yield
    finally:
        _HELD.reset(token)


def require_leave(what: str) -> None:
    """Raises NothingLeaves, saying `what` was refused, inside of `nothing_leaves`."""
    if _HELD.get():
        raise NothingLeaves(f"{what} was refused: nothing leaves the machine from here.")
