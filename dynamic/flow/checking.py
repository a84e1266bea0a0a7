"""Check the parts of a document, collecting every problem instead of stopping at the first."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from dynamic.flow.document import Document
from dynamic.flow.expressions import Constant, Template, compile_template
from dynamic.flow.headers import CONNECTION_HEADERS, is_token, value_fault
from dynamic.flow.hints import hint
from dynamic.flow.names import (
    IDENTIFIER,
    JSONATA_WORDS,
    RESERVED_NAMES,
    Names,
    disabled_names,
)
from dynamic.flow.problems import ExpressionInvalid, Path, Problem
from dynamic.flow.state import Step

_LISTENERS_OWN = CONNECTION_HEADERS | {
    "content-security-policy",
    "request-id",
    "run-id",
    "run-status",
    "set-cookie",
    "strict-transport-security",
}

ParseSteps = Callable[[Any, Path, "Checking"], tuple[Step, ...]]


class Checking:
    """One document under check. Methods that give None have noted a problem."""

    def __init__(
        self,
        document: Document,
        apis: Collection[str] | None,
        flows: Collection[str] | None,
        parse_steps: "ParseSteps",
    ) -> None:
        self.apis = apis
        self.flows = flows
        self.problems: list[Problem] = []
        self.names = Names()
        self.answer_names: set[str] = set()
        self.uses: set[tuple[str, str]] = set()  # API calls, each with the credential's name
        self.runs: set[str] = set()  # other flows
        self.count = 0  # of steps so far
        self.nesting = 0
        self.answers_early = False  # some `return` has steps after it
        self.notifies = False  # some step sends a mail
        self._loops = 0
        self._parallel = 0
        self._document = document
        self._parse_steps = parse_steps

    def problem(self, path: Path, message: str) -> None:
        self.problems.append(self._document.problem(path, message))

    def arguments(self, value: Any, path: Path) -> Template:
        """Compile arguments by name, or one expression that gives an object of them."""
        if not (isinstance(value, str) and "{{" in value):
            value = self.mapping(value, path, "The arguments")
        return self.template(value, path)

    def mapping(self, value: Any, path: Path, what: str) -> dict[str, Any]:
        """Give the value when it is a mapping, else an empty one."""
        if isinstance(value, dict):
            return value
        self.problem(path, f"{what} must be a mapping.")
        return {}

    def known_keys(self, value: Iterable[str], path: Path, known: Collection[str]) -> None:
        for key in value:
            if key not in known:
                self.problem((*path, key), f"The key {key} is not known here.{hint(key, known)}")

    def name(self, value: Any, path: Path, what: str) -> str:
        """Check a name that expressions use without quotes."""
        name = value if isinstance(value, str) else ""
        if name in JSONATA_WORDS:
            self.problem(path, f"The name {name} is a word of JSONata: choose another one.")
        elif not IDENTIFIER.fullmatch(name):
            self.problem(path, f"{what} needs a name of letters, digits and _ (not first a digit).")
        return name

    def variable(self, value: Any, path: Path, what: str) -> str:
        """Check a name that a step gives to a value of its own."""
        if value in RESERVED_NAMES:
            self.problem(path, f"The name {value} is taken by the run itself.")
        return self.name(value, path, what)

    def number(self, value: Any, path: Path, lowest: int, highest: int) -> int:
        """Check a whole number that is known before the run."""
        if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest:
            return value
        self.problem(path, f"{path[-1]} is a whole number from {lowest} to {highest:,}.")
        return lowest

    def expression(self, value: Any, path: Path, what: str) -> Template:
        """Compile what has to be written: a value, or an expression that gives it."""
        if value is None:
            self.problem(path[:-1], f"{what} is missing: write {path[-1]}.")
        return self.template(value, path)

    def items(self, value: Any, path: Path, what: str) -> list[Any]:
        """Give a list of mappings, or else note a problem and give none."""
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return value
        self.problem(path, f"{what} is a list of mappings.")
        return []

    def steps(self, step: dict[str, Any], key: str, path: Path) -> tuple[Step, ...]:
        """Read the steps that stand inside another one."""
        if key not in step:
            self.problem(path, f"{key} is missing: a list of steps.")
            return ()
        self.nesting += 1
        try:
            return self._parse_steps(step[key], (*path, key), self)
        finally:
            self.nesting -= 1

    @contextmanager
    def alternatives(self, *, apart: bool = True) -> Iterator[Callable[[], None]]:
        """Parts of which one alone is run: a call's name may stand in each of them.

        What it gives is called before each part. Where they are not `apart`, one may be run after
        a part of those before it was, and sees what that has set.
        """
        before, every = set(self.answer_names), set(self.answer_names)
        branches = self.names.branches() if apart else None

        def begin() -> None:
            every.update(self.answer_names)
            self.answer_names = set(before)
            if branches:
                branches.begin()

        yield begin
        self.answer_names |= every
        if branches:
            branches.end()

    @contextmanager
    def loop(self, variable: str, path: Path, *, parallel: bool) -> Iterator[None]:
        """What is done for each item; it may use `break` and `continue`."""
        self._loops += 1
        self._parallel += parallel
        with self.names.each_item(variable, path, parallel=parallel):
            yield
        self._loops -= 1
        self._parallel -= parallel

    def early_answer(self, path: Path) -> None:
        """Note that steps follow an answer. An item that runs on beside others cannot give it."""
        self.answers_early = True
        if self._parallel:
            self.problem((*path, "then"), "A parallel for cannot answer and go on.")

    def require_loop(self, value: Any, path: Path, what: str) -> None:
        if not self._loops:
            self.problem(path, f"{what} stands inside a for only.")
        if value is not None:
            self.problem((*path, what), f"{what} takes nothing: write “- {what}:”.")

    def answer_name(self, value: Any, path: Path, what: str) -> str:
        """Check the name under which expressions find an answer: `steps.<name>`."""
        name = self.name(value, path, what)
        if name in self.answer_names:
            self.problem(path, f"Another call has the name {name} already.")
        self.answer_names.add(name)
        return name

    def flow(self, value: Any, path: Path) -> str:
        """Check a reference to another flow, by its slug."""
        if not isinstance(value, str) or not value:
            self.problem(path, "A run needs flow: the slug of another flow.")
            return ""
        if self.flows is not None and value not in self.flows:
            self.problem(path, f"There is no published flow {value}.{hint(value, self.flows)}")
        self.runs.add(value)
        return value

    def api(self, value: Any, path: Path) -> str:
        """Check a reference to an API call, `system/call`."""
        if not isinstance(value, str) or not value:
            self.problem(path, "A call needs api: the system and the call, as in shop/get-order.")
            return ""
        if self.apis is not None and value not in self.apis:
            self.problem(path, f"There is no API call {value}.{hint(value, self.apis)}")
        return value

    def answer_headers(self, value: Any, path: Path) -> tuple[tuple[str, Template], ...]:
        """Check headers that a flow sets on its own answer."""
        headers = self.mapping(value, path, "The headers")
        seen: set[str] = set()
        for name in headers:
            lower = name.lower()
            if not is_token(name):
                self.problem((*path, name), f"{name!r} is not a header name.")
            elif lower in _LISTENERS_OWN or lower.startswith("access-control-"):
                self.problem((*path, name), f"The header {name} is not for a flow to set.")
            elif lower in seen:
                self.problem((*path, name), f"The header {name} is here twice.")
            seen.add(lower)
        return tuple(
            (name, self._header_value(item, (*path, name))) for name, item in headers.items()
        )

    def _header_value(self, value: Any, path: Path) -> Template:
        if isinstance(value, dict | list):
            self.problem(path, "The value of a header is text.")
        elif isinstance(value, str) and (fault := value_fault(value)):
            self.problem(path, f"The value {fault}.")
        return self.template(value, path)

    def template(self, value: Any, path: Path) -> Template:
        """Compile a value; where it does not parse, note each place and give it as it is.

        Values are to come in the order in which a run evaluates them (see `Names`).
        """
        try:
            template = compile_template(value)
        except ExpressionInvalid as error:
            for fault in error.faults:
                self.problem((*path, *fault.path), fault.message)
            return Constant(value)
        if not isinstance(template, Constant):
            self.names.read(value, path)
        return template

    def check_names(self) -> None:
        """Note what expressions read in vain, once all steps are read.

        Only where nothing else is wrong: else what is wrong may be what should have set a name.
        """
        if self.problems:
            return
        data = self._document.data
        steps = data.get("steps") if isinstance(data, dict) else None
        for path, message in self.names.problems(disabled_names(steps)):
            self.problem(path, message)

    def text(self, value: Any, path: Path, what: str) -> Template:
        if not isinstance(value, str):
            self.problem(path, f"{what} must be text.")
        return self.template(value, path)

    def worded(
        self, value: Any, path: Path, what: str, known: Collection[str]
    ) -> tuple[dict[str, Any], Template]:
        """Read what is a text alone, or a mapping with a `message`. Give the mapping and that."""
        short = isinstance(value, str)
        parts = {"message": value} if short else self.mapping(value, path, f"What {what} holds")
        self.known_keys(parts, path, known)
        if "message" not in parts:
            self.problem(path, f"{what} needs a message.")
        at = path if short else (*path, "message")
        return parts, self.text(parts.get("message", ""), at, "The message")

    def status(self, value: Any, path: Path, allowed: range) -> Template:
        """Compile an HTTP status: an integer, or one expression that gives it."""
        template = self.template(value, path)
        wrong = isinstance(template, Constant) and not is_status(template.value, allowed)
        if wrong and not (isinstance(value, str) and "{{" in value):
            self.problem(path, f"The status must be from {allowed.start} to {allowed.stop - 1}.")
        return template


def is_status(value: Any, allowed: range) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in allowed
