"""What went out and what came back when something was tried, as texts for a page."""

from collections.abc import Iterable
from typing import Any

from dynamic.pages.json_field import pretty
from dynamic.systems.trying import Trial

_LONGEST = 20_000  # characters of a body


def trial_page(trial: Trial) -> dict[str, Any]:
    """The context of templates/systems/trial.html; secrets are masked in the trial already."""
    return {
        "trial": trial,
        "request_text": trial.request and request_text(trial.request),
        "response_text": trial.response and response_text(trial.response),
    }


def request_text(request: dict[str, Any], longest: int = _LONGEST) -> str:
    first = f"{request['method']} {request['url']}"
    return _message(first, request["headers"], cut(request["body"] or "", longest))


def response_text(response: dict[str, Any], longest: int = _LONGEST) -> str:
    body = value_text(response["data"], longest)
    return _message(f"HTTP {response['status_code']}", response["headers"].items(), body)


def value_text(value: Any, longest: int = _LONGEST) -> str:
    """A text as it is, nothing for null, anything else as JSON; cut where it is longer."""
    if value is None:
        return ""
    return cut(value if isinstance(value, str) else pretty(value), longest)


def cut(text: str, longest: int) -> str:
    more = len(text) - longest
    return text if more <= 0 else f"{text[:longest]}\n… {more} characters more"


def _message(first: str, headers: Iterable[Any], body: str) -> str:
    return "\n".join([first, *(f"{name}: {value}" for name, value in headers), "", body]).strip()
