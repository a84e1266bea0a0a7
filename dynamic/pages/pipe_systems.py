"""Which systems pipes use: those whose API calls their flows make, and the flows that these run."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from accounts.models import User
from dynamic.describing.described import sources_of
from dynamic.flow.problems import DocumentInvalid
from dynamic.flow.program import compile_flow
from dynamic.models import Pipe, System
from dynamic.models.flow import published_sources

_KEPT = 300  # documents: a version does not change


def systems_of(owner: User, pipes: list[Pipe]) -> dict[str, list[System]]:
    """By the ids of these pipes, which must come from `with_version`."""
    sources = sources_of(pipes)
    runs_others = any(_named(source)[1] for source in sources.values())
    published = published_sources(owner.pk) if runs_others else {}
    slugs = {version: _slugs(source, published) for version, source in sources.items()}
    wanted = set().union(*slugs.values())
    systems = {system.slug: system for system in owner.systems.filter(slug__in=wanted)}
    return {
        pipe.pk: _known(slugs.get(getattr(pipe, "version_id", None), set()), systems)
        for pipe in pipes
    }


def _known(slugs: Iterable[str], systems: Mapping[str, System]) -> list[System]:
    return [systems[slug] for slug in sorted(slugs) if slug in systems]


def _slugs(source: str, published: Mapping[str, str]) -> set[str]:
    """Of the systems; a flow that runs itself in the end is looked at once."""
    found: set[str] = set()
    seen: set[str] = set()
    left = [source]
    while left:
        systems, flows = _named(left.pop())
        found |= systems
        left += [published[slug] for slug in flows - seen if slug in published]
        seen |= flows
    return found


@lru_cache(_KEPT)
def _named(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """The slugs of the systems whose calls a document makes, and of the flows that it runs."""
    try:
        program = compile_flow(source, None, check_names=False)
    except DocumentInvalid:  # a bound that was moved since it was published
        return frozenset(), frozenset()
    return frozenset(api.partition("/")[0] for api, _ in program.uses), program.runs
