"""A flow document, checked and compiled: all that can be known before a run."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from dynamic.flow.checking import Checking
from dynamic.flow.document import parse
from dynamic.flow.problems import DocumentInvalid
from dynamic.flow.schema import InputSchema, SchemaInvalid
from dynamic.flow.state import Step
from dynamic.flow.steps.parsing import parse_steps

VERSION = 1


@dataclass(frozen=True, slots=True)
class Program:
    """A flow that can run, any number of times, also at the same time."""

    schema: InputSchema | None
    steps: tuple[Step, ...]
    uses: frozenset[tuple[str, str]]  # every "system/call" that a step names, and its credential
    runs: frozenset[str]  # the slugs of other flows that a step names
    answers_early: bool = False  # a `return` has steps after it
    notifies: bool = False  # some step sends a mail
    # By the name of a call or run, the paths of fields that expressions read under its `data`.
    fields_read: Mapping[str, frozenset[tuple[str, ...]]] = field(default_factory=dict)


def compile_flow(
    source: str,
    apis: Collection[str] | None,
    flows: Collection[str] | None = None,
    *,
    check_names: bool = True,
) -> Program:
    """Make a program from a document.

    `apis` are the names of the API calls there are, `flows` the slugs of the flows that may be
    run; None leaves the names unchecked. Without `check_names` an expression may read what nothing
    sets: a version that was published once is to run on. Raises DocumentInvalid with all problems
    at once.
    """
    document = parse(source)
    checking = Checking(document, apis, flows, parse_steps)
    flow = checking.mapping(document.data, (), "A flow")
    checking.known_keys(flow, (), ("version", "input", "steps"))
    _check_version(flow, checking)
    schema = _schema(flow, checking)
    steps = parse_steps(flow.get("steps"), ("steps",), checking)
    if check_names:
        checking.check_names()
    if checking.problems:
        raise DocumentInvalid(checking.problems)
    return Program(
        schema,
        steps,
        frozenset(checking.uses),
        frozenset(checking.runs),
        checking.answers_early,
        checking.notifies,
        {step: frozenset(paths) for step, paths in checking.names.fields.items()},
    )


def _check_version(flow: dict[str, Any], checking: Checking) -> None:
    version = flow.get("version")
    if isinstance(version, bool) or version != VERSION:
        checking.problem(("version",), f"A flow begins with version: {VERSION}.")


def _schema(flow: dict[str, Any], checking: Checking) -> InputSchema | None:
    if "input" not in flow:
        return None
    try:
        return InputSchema(flow["input"])
    except SchemaInvalid as error:
        checking.problem(("input", *error.path), str(error))
        return None
