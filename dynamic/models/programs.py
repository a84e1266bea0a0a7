"""A flow's document compiled together with the flows that it runs."""

from collections.abc import Collection, Mapping

from dynamic.flow.problems import DocumentInvalid, Problem
from dynamic.flow.program import Program, compile_flow


def compile_with_others(
    source: str,
    slug: str,
    apis: Collection[str],
    published: Mapping[str, str],
    *,
    check_names: bool = True,
) -> tuple[Program, dict[str, Program]]:
    """The program of the flow `slug`, and those of all flows that it runs, by slug.

    `published` are the sources of the owner's published flows; `check_names` is as for
    `compile_flow`, and for the source alone. Raises DocumentInvalid, also for a
    flow that runs itself, however far around.
    """
    programs: dict[str, Program] = {}

    def add(name: str, way: tuple[str, ...]) -> None:
        if name in way:
            round_trip = " → ".join([*way[way.index(name) :], name])
            raise DocumentInvalid([Problem(1, 1, "", f"A flow cannot run itself: {round_trip}.")])
        if name not in programs:
            programs[name] = compile_flow(
                published[name], apis, published.keys(), check_names=False
            )
        for inner in programs[name].runs:
            add(inner, (*way, name))

    program = compile_flow(source, apis, published.keys(), check_names=check_names)
    for name in program.runs:
        add(name, (slug,))
    return program, programs
