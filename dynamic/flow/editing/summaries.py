"""Say in one line what a step does. It takes any value: a step is shown before it is right."""

import json
from collections.abc import Callable
from typing import Any

_LONGEST = 80  # characters of one value

Step = dict[str, Any]


def title_of(kind: str, step: Any) -> str:
    """Give the name that a step gives to what it makes; "" for kinds that have none."""
    return shortened(step[kind]) if kind in ("call", "run", "map") else ""


def summary_of(kind: str, step: Any) -> str:
    """Give one sentence without a full stop."""
    if kind in _SUMMARIES:
        return " ".join(_SUMMARIES[kind](step).split())
    if isinstance(step, dict) and step:
        return f"Not a step of one kind: {', '.join(map(shortened, step))}"
    return f"Not a step: {shortened(step) or 'nothing'}"


def shortened(value: Any) -> str:
    """Give a value in one line of at most 80 characters."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text[: 10 * _LONGEST].split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _set(step: Step) -> str:
    names = step["set"]
    if not isinstance(names, dict):
        return f"Set {shortened(names)}"
    return f"Set {shortened(', '.join(names)) or 'nothing'}"


def _map(step: Step) -> str:
    fields = step.get("fields")
    count = len(fields) if isinstance(fields, list) else 0
    what = "1 field" if count == 1 else f"{count} fields"
    return f"Map {what} from {shortened(step.get('from'))}"


def _for(step: Step) -> str:
    text = f"For each {shortened(step['for'])} in {shortened(step.get('in'))}"
    parallel = step.get("parallel", 1)
    return text if parallel == 1 else f"{text}, {shortened(parallel)} at a time"


def _try(step: Step) -> str:
    return f"Try, and catch what fails as {shortened(step.get('as', 'error'))}"


def _log(step: Step) -> str:
    note = step["log"]
    if not isinstance(note, dict):
        return f"Log {shortened(note)}"
    what = "Log an error:" if note.get("level") == "error" else "Log"
    return f"{what} {shortened(note.get('message'))}"


def _notify(step: Step) -> str:
    mail = step["notify"]
    if not isinstance(mail, dict):
        return f"Mail the owner: {shortened(mail)}"
    to = mail.get("to") or "the owner"
    if isinstance(to, list):
        to = ", ".join(map(shortened, to))
    return f"Mail {shortened(to)}: {shortened(mail.get('subject') or mail.get('message'))}"


def _sleep(step: Step) -> str:
    unit = "second" if step["sleep"] in (1, "1") else "seconds"
    return f"Wait {shortened(step['sleep'])} {unit}"


def _return(step: Step) -> str:
    answer = step["return"]
    status = answer.get("status", 200) if isinstance(answer, dict) else 200
    return f"Return {shortened(status)}"


def _fail(step: Step) -> str:
    failure = step["fail"]
    if not isinstance(failure, dict):
        return f"Fail with 422: {shortened(failure)}"
    return f"Fail with {shortened(failure.get('status', 422))}: {shortened(failure.get('message'))}"


_SUMMARIES: dict[str, Callable[[Step], str]] = {
    "call": lambda step: f"Call {shortened(step.get('api'))}",
    "run": lambda step: f"Run {shortened(step.get('flow'))}",
    "set": _set,
    "map": _map,
    "if": lambda step: f"If {shortened(step['if'])}",
    "for": _for,
    "break": lambda step: "Leave the loop",
    "continue": lambda step: "Go on with the next item",
    "try": _try,
    "log": _log,
    "notify": _notify,
    "sleep": _sleep,
    "return": _return,
    "fail": _fail,
}
