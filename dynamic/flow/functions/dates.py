"""Dates between the forms that systems write them in, in the time zones they live in.

The formats are those of `strptime` (POSIX), as far as each code means the same everywhere: names
of months and days are English, and no code takes a width. Zones are IANA names, from the
database of the operating system. Null gives null: upstreams send it for a date that is not set.

An hour that comes twice when clocks go back is its first; one that clocks leave out is read with
the offset from before.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from dynamic.flow.functions.arguments import kind_of, quoted, text_of

MAX_DATE = 100  # characters of a date, and of a format
MAX_ZONE = 50

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZONE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")
_CODE = re.compile(r"%(:?.?)", re.DOTALL)

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December")  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# Written here, not by strftime: the C library takes widths (%999999999Y) and the server's locale.
_WRITERS: dict[str, Callable[[datetime], str]] = {
    "Y": lambda moment: f"{moment.year:04}",
    "y": lambda moment: f"{moment.year % 100:02}",
    "m": lambda moment: f"{moment.month:02}",
    "B": lambda moment: MONTHS[moment.month - 1],
    "b": lambda moment: MONTHS[moment.month - 1][:3],
    "d": lambda moment: f"{moment.day:02}",
    "j": lambda moment: f"{moment.timetuple().tm_yday:03}",
    "A": lambda moment: DAYS[moment.weekday()],
    "a": lambda moment: DAYS[moment.weekday()][:3],
    "u": lambda moment: str(moment.isoweekday()),
    "G": lambda moment: f"{moment.isocalendar().year:04}",
    "V": lambda moment: f"{moment.isocalendar().week:02}",
    "H": lambda moment: f"{moment.hour:02}",
    "I": lambda moment: f"{moment.hour % 12 or 12:02}",
    "p": lambda moment: "AM" if moment.hour < 12 else "PM",
    "M": lambda moment: f"{moment.minute:02}",
    "S": lambda moment: f"{moment.second:02}",
    "f": lambda moment: f"{moment.microsecond:06}",
    "z": lambda moment: _offset(moment).replace(":", ""),
    ":z": lambda moment: _offset(moment),
    "Z": lambda moment: moment.tzname() or "",
    "%": lambda moment: "%",
}
_READ = frozenset("YymBbdjAauGVHIpMSfz%")


def parse_date(text: Any = None, format: Any = None, zone: Any = None, *_: Any) -> str | None:
    """Give the moment of a date in UTC, written like `$now()`: 2024-05-01T08:00:00.000Z."""
    if text is None:
        return None
    moment = _read(text_of(text, "date", MAX_DATE), format, _zone(zone))
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def format_date(date: Any = None, format: Any = None, zone: Any = None, *_: Any) -> str | None:
    """Write a moment, ISO 8601 text or milliseconds since 1970, in a format and a time zone."""
    if date is None:
        return None
    picture = text_of(format, "format", MAX_DATE)
    local = _in_zone(_moment(date), _zone(zone))

    def write(code: re.Match[str]) -> str:
        if (writer := _WRITERS.get(code[1])) is None:
            raise ValueError(f"The format has no code {quoted(code[0])}. Write %% for a %")
        return writer(local)

    return _CODE.sub(write, picture)


def _read(text: str, format: Any, zone: tzinfo) -> datetime:
    if format is None:
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError:
            raise ValueError(f"The date {quoted(text)} is not ISO 8601. Give its format") from None
    else:
        moment = _read_as(text, text_of(format, "format", MAX_DATE))
    return _in_zone(moment if moment.tzinfo else moment.replace(tzinfo=zone), UTC)


def _read_as(text: str, format: str) -> datetime:
    codes = [code[1] for code in _CODE.finditer(format) if code[1] != "%"]
    for code in codes:
        if code not in _READ:
            raise ValueError(f"A date cannot be read with the code {quoted('%' + code)}")
    if len(codes) != len(set(codes)):
        raise ValueError(f"The format {quoted(format)} has the same code twice")
    try:
        return datetime.strptime(text, format)
    except (ValueError, re.error):
        raise ValueError(f"The date {quoted(text)} is not of the format {quoted(format)}") from None


def _moment(date: Any) -> datetime:
    if isinstance(date, str):
        return _read(text_of(date, "date", MAX_DATE), None, UTC)
    if isinstance(date, bool) or not isinstance(date, int | float):
        raise ValueError(f"The date must be text or milliseconds since 1970, not {kind_of(date)}")
    try:
        return EPOCH + timedelta(milliseconds=date)
    except (OverflowError, ValueError):
        raise ValueError("The date is outside of the years 1 to 9999") from None


def _in_zone(moment: datetime, zone: tzinfo) -> datetime:
    try:
        return moment.astimezone(zone)
    except OverflowError:
        raise ValueError("The date is outside of the years 1 to 9999") from None


def _zone(name: Any) -> tzinfo:
    return UTC if name is None else _known_zone(text_of(name, "time zone", MAX_ZONE))


@lru_cache(maxsize=1000)
def _known_zone(name: str) -> tzinfo:
    # A name that begins with a letter and has no dot leads to no file outside of the database.
    if name != "UTC":
        try:
            if _ZONE_NAME.fullmatch(name):
                return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            pass  # not in the database, no zone's file, a folder
        raise ValueError(f"There is no time zone {quoted(name)}. Write it like Europe/Berlin")
    return UTC


def _offset(moment: datetime) -> str:
    seconds = int((moment.utcoffset() or timedelta()).total_seconds())
    minutes = abs(seconds) // 60
    return f"{'-' if seconds < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"
