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
        "request_text": trial.request and _request(trial.request),
        "response_text": trial.response and _response(trial.response),
    }


def _request(request: dict[str, Any]) -> str:
    first = f"{request['method']} {request['url']}"
    return _message(first, request["headers"], request["body"])


def _response(response: dict[str, Any]) -> str:
    data = response["data"]
    body = data if isinstance(data, str) or data is None else pretty(data)
    return _message(f"HTTP {response['status_code']}", response["headers"].items(), body)


def _message(first: str, headers: Iterable[Any], body: str | None) -> str:
    head = [first, *(f"{name}: {value}" for name, value in headers)]
    text = body or ""
    cut = f"\n… {len(text) - _LONGEST} characters more" if len(text) > _LONGEST else ""
    return "\n".join([*head, "", text[:_LONGEST] + cut]).strip()
