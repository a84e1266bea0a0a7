"""`?wait=`: an answer that waits for a run to end, for as long as whoever asks has patience."""

import threading
import time

from django.db import connection
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from dynamic.models import Run
from dynamic.models.run import NOT_ENDED

LONGEST = 30  # seconds
MOST = 50  # who wait at once in a process; more are answered at once
_EVERY = 0.3  # seconds

WAIT = OpenApiParameter(
    "wait",
    {"type": "integer", "minimum": 0, "maximum": LONGEST},
    description="Seconds to wait for the run to end. It is answered as soon as that is so; at once "
    "where too many wait already.",
)

_places = threading.BoundedSemaphore(MOST)


def wait_for_end(request: Request, runs: "QuerySet[Run]") -> None:
    """Return when none of these runs is under way, or when the time that is asked for is over.

    Raises ValidationError. Who sleeps holds no connection: other requests need it more.
    """
    until = time.monotonic() + _seconds(request)
    under_way = runs.filter(status__in=NOT_ENDED)
    if not _places.acquire(blocking=False):
        return
    try:
        while (left := until - time.monotonic()) > 0 and under_way.exists():
            connection.close()
            time.sleep(min(_EVERY, left))
    finally:
        _places.release()


def _seconds(request: Request) -> int:
    text = request.query_params.get("wait", "0")
    if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) <= LONGEST):
        raise ValidationError({"wait": [f"It is a number of seconds, 0 to {LONGEST}."]})
    return int(text)
