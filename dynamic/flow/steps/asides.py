"""`log`, `notify` and `sleep`: what a flow does besides its work."""

import re
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from dynamic.flow.checking import Checking
from dynamic.flow.document import format_path
from dynamic.flow.exchange import Mail, NotSent
from dynamic.flow.expressions import MISSING, Constant, Template, as_text
from dynamic.flow.problems import Path, StepFailed
from dynamic.flow.state import Ending, Entry, State

_LEVELS = ("detail", "error")
LONGEST_SLEEP = 3600.0  # seconds; the run's deadline ends it sooner
MOST_MAILS = 20  # of one run
_MOST_ADDRESSES = 10  # of one mail
_MOST_TEXT = 100_000  # characters of one mail
_SUBJECT = 150  # characters; RFC 5322 section 2.1.1 wants lines below 998
_ADDRESS = re.compile(r"[^@\s,;<>\x00-\x1f]+@[^@\s,;<>\x00-\x1f]+")


@dataclass(frozen=True, slots=True)
class Log:
    """`log: text` or `log: {level: detail | error, message: …, data: …}`: a note in the run."""

    kind: ClassVar[str] = "log"
    keys: ClassVar[frozenset[str]] = frozenset({"log"})
    label: str
    level: str
    message: Template
    data: Template

    @classmethod
    def parse(cls, step: dict[str, Any], path: Path, checking: Checking) -> Self:
        here = (*path, "log")
        note, message = checking.worded(step["log"], here, "log", ("level", "message", "data"))
        level = note.get("level", "detail")
        if level not in _LEVELS:
            checking.problem((*here, "level"), "The level is detail or error.")
        return cls(
            format_path(path),
            level,
            message,
            checking.template(note.get("data"), (*here, "data")),
        )

    async def run(self, state: State, entry: Entry) -> Ending | None:
        entry["level"] = self.level
        entry["message"] = as_text(await state.value(self.message))
        data = await state.value(self.data)
        if data is not MISSING and data is not None:
            entry["data"] = data
        return None


@dataclass(frozen=True, slots=True)
class Notify:
    """`notify: text` or `notify: {to: …, subject: …, message: …}`: a mail.

    `to` is an address or a list of them; without it the mail goes to the flow's owner. Without a
    `subject` the message's first line is it.
    """

    kind: ClassVar[str] = "notify"
    keys: ClassVar[frozenset[str]] = frozenset({"notify"})
    label: str
    to: Template
    subject: Template
    message: Template

    @classmethod
    def parse(cls, step: dict[str, Any], path: Path, checking: Checking) -> Self:
        checking.notifies = True
        here = (*path, "notify")
        known = ("to", "subject", "message")
        mail, message = checking.worded(step["notify"], here, "notify", known)
        to = checking.template(mail.get("to", []), (*here, "to"))
        if isinstance(to, Constant) and (fault := _addresses_fault(to.value)):
            checking.problem((*here, "to"), fault)
        subject = checking.text(mail.get("subject", ""), (*here, "subject"), "The subject")
        return cls(format_path(path), to, subject, message)

    async def run(self, state: State, entry: Entry) -> Ending | None:
        mail = await self._mail(state)
        entry["mail"] = {"to": list(mail.to), "subject": mail.subject, "message": mail.message}
        if state.hooks.notify is None:
            raise StepFailed("No mail can be sent from here.")
        if state.tally.mails == MOST_MAILS:
            raise StepFailed(f"A run sends at most {MOST_MAILS} mails.")
        state.tally.mails += 1
        try:
            await state.hooks.notify(mail)
        except NotSent as error:
            raise StepFailed(str(error)) from error
        return None

    async def _mail(self, state: State) -> Mail:
        to = await state.value(self.to)
        if fault := _addresses_fault(to):
            raise StepFailed(fault)
        message = as_text(await state.value(self.message))
        if len(message) > _MOST_TEXT:
            raise StepFailed(f"A mail has at most {_MOST_TEXT:,} characters.")
        subject = as_text(await state.value(self.subject)) or message.strip().partition("\n")[0]
        subject = " ".join(subject.split())
        if len(subject) > _SUBJECT:
            subject = subject[: _SUBJECT - 1] + "…"
        return Mail((to,) if isinstance(to, str) else tuple(to), subject, message)


def _addresses_fault(to: Any) -> str:
    """What is wrong with the addresses of a mail: one, or a list of them; "" where nothing is."""
    addresses = [to] if isinstance(to, str) else to
    if not isinstance(addresses, list) or len(addresses) > _MOST_ADDRESSES:
        return f"to is a mail address, or a list of at most {_MOST_ADDRESSES}."
    for address in addresses:
        if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
            return f"{address!r:.80} is not a mail address."
    return ""


@dataclass(frozen=True, slots=True)
class Sleep:
    """`sleep: 1.5`, in seconds. It counts against the run's deadline."""

    kind: ClassVar[str] = "sleep"
    keys: ClassVar[frozenset[str]] = frozenset({"sleep"})
    label: str
    seconds: Template

    @classmethod
    def parse(cls, step: dict[str, Any], path: Path, checking: Checking) -> Self:
        value = step["sleep"]
        if not _is_time(value) and not (isinstance(value, str) and "{{" in value):
            checking.problem((*path, "sleep"), f"sleep takes seconds, 0 to {LONGEST_SLEEP:g}.")
        return cls(format_path(path), checking.template(value, (*path, "sleep")))

    async def run(self, state: State, entry: Entry) -> Ending | None:
        seconds = await state.value(self.seconds)
        if not _is_time(seconds):
            raise StepFailed(
                f"sleep takes seconds, 0 to {LONGEST_SLEEP:g}, and they are {seconds!r:.40}."
            )
        await state.hooks.sleep(seconds)
        return None


def _is_time(value: Any) -> bool:
    return (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and 0 <= value <= LONGEST_SLEEP
    )
