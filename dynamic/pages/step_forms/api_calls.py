"""An owner's API calls as a step's form offers them: to choose from, with their arguments."""

from collections.abc import Iterator
from functools import cached_property
from itertools import groupby
from typing import Any

from dynamic.flow.problems import ExpressionInvalid
from dynamic.flow.reading import read
from dynamic.flow.scanner import split
from dynamic.models import ApiCall
from dynamic.models.call import callable_by

Choice = tuple[str, Any]


class ApiCalls:
    """Those that a flow of this owner can make."""

    def __init__(self, owner_id: int) -> None:
        self._owner_id = owner_id

    @cached_property
    def all(self) -> list[ApiCall]:
        return list(
            callable_by(self._owner_id)
            .defer("sample_response")
            .order_by("system__name", "system_id", "name", "id")
        )

    def by_system(self) -> list[tuple[str, list[ApiCall]]]:
        grouped = groupby(self.all, key=lambda call: call.system)
        return [(system.name, list(calls)) for system, calls in grouped]

    def choices(self, chosen: str) -> list[Choice]:
        """For a select: by system. One that is chosen and is not there is told as such."""
        groups: list[Choice] = [
            (name, [(call.full_name, f"{call.name} ({call.full_name})") for call in calls])
            for name, calls in self.by_system()
        ]
        lost = chosen and self._get(chosen) is None
        first: list[Choice] = [(chosen, f"{chosen} (is not there)")] if lost else []
        return [("", "Choose one"), *first, *groups]

    def credentials(self, api: str, chosen: str) -> list[Choice]:
        """Those of the API call's system."""
        call = self._get(api)
        names = list(call.system.credentials.values_list("name", flat=True)) if call else []
        lost = [(chosen, f"{chosen} (is not there)")] if chosen and chosen not in names else []
        return [("", "The system’s default"), *lost, *((name, name) for name in names)]

    def arguments(self, api: str) -> list[str]:
        """The names that the API call's expressions see, in the order of the request."""
        call = self._get(api)
        found = [name for text in _texts(call) for name in _names(text)] if call else []
        return list(dict.fromkeys(found))

    def _get(self, api: str) -> ApiCall | None:
        return next((call for call in self.all if call.full_name == api), None)


def _texts(call: ApiCall) -> Iterator[str]:
    yield call.path
    for part in (call.query, call.headers, call.body):
        yield from _strings(part)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)


def _names(text: str) -> list[str]:
    try:
        sources = [piece.text for piece in split(text) if not isinstance(piece, str)]
    except ExpressionInvalid:
        return []
    return [found.name for source in sources for found in read(source).names]
