"""Which systems pipes use: those whose API calls their flows make, and the flows that these run."""

from collections.abc import Mapping
from functools import lru_cache

from dynamic.describing.described import sources_of
from dynamic.flow.problems import DocumentInvalid
from dynamic.flow.program import compile_flow
from dynamic.models import Pipe, System
from dynamic.models.flow import published_sources

_KEPT = 300  # documents: a version does not change


def systems_of(pipes: list[Pipe]) -> dict[str, list[System]]:
    """By the ids of these pipes, which must come from `with_version`. The systems are those of
    each pipe's owner, whoever may see them."""
    sources = sources_of(pipes)
    documents = {pipe.pk: sources.get(getattr(pipe, "version_id", None), "") for pipe in pipes}
    running_others = {pipe.owner_id for pipe in pipes if _named(documents[pipe.pk])[1]}
    published = {owner: published_sources(owner) for owner in running_others}
    wanted = {
        pipe.pk: _slugs(documents[pipe.pk], published.get(pipe.owner_id, {})) for pipe in pipes
    }
    found = System.objects.filter(
        owner__in={pipe.owner_id for pipe in pipes}, slug__in=set().union(*wanted.values())
    )
    systems = {(system.owner_id, system.slug): system for system in found}
    named = {pipe.pk: [(pipe.owner_id, slug) for slug in sorted(wanted[pipe.pk])] for pipe in pipes}
    return {pk: [systems[name] for name in names if name in systems] for pk, names in named.items()}


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
