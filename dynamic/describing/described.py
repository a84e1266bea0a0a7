"""A pipe with what a caller must know of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from dynamic.describing.schemas import as_openapi
from dynamic.flow.document import parse
from dynamic.flow.problems import DocumentInvalid
from dynamic.importing.openapi.references import References
from dynamic.importing.openapi.schema_sample import Schemas
from dynamic.importing.samples import Allowance
from dynamic.importing.shapes import as_list
from dynamic.models import FlowVersion, Pipe
from dynamic.models.pipe import METHODS, FailureMode

_READS = ("GET",)


@dataclass(frozen=True, slots=True)
class Described:
    """`schema` is what the flow says of its input, as OpenAPI 3.0 has it; None where it says
    nothing. `sample` is an input of that kind.
    """

    id: str
    name: str
    url: str
    methods: tuple[str, ...]  # in our order; HEAD comes with GET
    compat: bool
    deadline: int  # seconds
    schema: dict[str, Any] | None
    sample: Any

    @property
    def method(self) -> str:
        """The one to show: a write rather than a read, since it can take any input."""
        return next((each for each in self.methods if each not in _READS), self.methods[0])

    @property
    def query(self) -> list[tuple[str, str]]:
        """The sample as the parameters of a read, where it can be."""
        sample = self.sample if isinstance(self.sample, dict) else {}
        return [(name, as_text(value)) for name, value in sample.items() if is_flat(value)]


def is_flat(value: Any) -> bool:
    return isinstance(value, str | int | float)


def as_text(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def describe(pipe: Pipe, source: str | None) -> Described:
    """`source` is the document of the version that it runs; None where there is none."""
    given = _input(source)
    return Described(
        id=pipe.id,
        name=pipe.name,
        url=pipe.url,
        methods=tuple(method for method in METHODS if method in pipe.methods),
        compat=pipe.failure_mode == FailureMode.COMPAT,
        deadline=pipe.deadline,
        schema=None if given is None else as_openapi(given),
        sample={} if given is None else _sample(given),
    )


def _sample(schema: dict[str, Any]) -> Any:
    sample = Schemas(References(schema), Allowance()).sample(schema)
    if sample is None and "required" in schema:
        sample = {}
    if isinstance(sample, dict):  # of what it wants and says no more about
        for name in as_list(schema.get("required")):
            sample.setdefault(str(name), "text")
    return sample


def _input(source: str | None) -> dict[str, Any] | None:
    if source is None:
        return None
    try:
        data = parse(source).data
    except DocumentInvalid:  # a bound that was moved since it was published
        return None
    found = data.get("input") if isinstance(data, dict) else None
    return found if isinstance(found, dict) else None


def describe_one(pipe: Pipe) -> Described:
    version = pipe.pinned or pipe.flow.latest
    return describe(pipe, version.source if version else None)


def describe_all(owner: User) -> list[Described]:
    """Those that are on and not archived, by name."""
    pipes = list(with_version(owner.pipes.current().filter(enabled=True)).order_by("name", "id"))
    sources = sources_of(pipes)
    return [describe(pipe, sources.get(pipe.version_id)) for pipe in pipes]


def with_version(pipes: Any) -> Any:
    """Pipes with `version_id`, of the version that each runs, or None."""
    latest = FlowVersion.objects.filter(flow=OuterRef("flow")).order_by("-number").values("pk")[:1]
    return pipes.annotate(version_id=Coalesce("pinned_id", Subquery(latest)))


def sources_of(pipes: Iterable[Any]) -> dict[int | None, str]:
    """The documents of their versions, by `version_id`."""
    ids = {pipe.version_id for pipe in pipes if pipe.version_id}
    return dict(FlowVersion.objects.filter(pk__in=ids).values_list("pk", "source"))
