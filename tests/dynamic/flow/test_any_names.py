"""Whatever the document: a name that is said to be read in vain is never there in a run."""

import asyncio
import json

from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from dynamic.flow.problems import DocumentInvalid
from dynamic.flow.program import compile_flow
from dynamic.flow.runner import Input, run
from tests.dynamic.flow.test_any_flow import some, upstream
from tests.dynamic.flow.test_runner import APIS

NAMES = st.sampled_from(["a", "b", "error"])
BOOLEANS = st.sampled_from([True, False, "{{ $exists(a) }}", "{{ $exists(steps.c1) }}"])
SIMPLE = st.one_of(
    st.builds(
        lambda name: {"log": f"{{{{ $exists({name}) }}}}"},
        NAMES | st.sampled_from(["steps.c1", "steps.c2", "steps.c3"]),
    ),
    st.builds(lambda names: {"set": dict.fromkeys(names, 1)}, st.lists(NAMES, max_size=2)),
    st.builds(  # an answer of status 500, none, and good ones
        lambda number, goes_on: {
            "call": f"c{number}",
            "api": "shop/get-order",
            "with": {"id": number},
            "on_error": goes_on,
        },
        st.integers(1, 4),
        st.sampled_from(["continue", "fail"]),
    ),
)
ENDS = st.sampled_from([{"fail": "x"}, {"return": None}])
LEAVES = st.sampled_from([{"fail": "x"}, {"break": None}, {"continue": None}])


def nested(inner):
    loop = {"for": NAMES, "in": st.just("{{ [1, 2, 3] }}"), "do": some(inner, LEAVES)}
    body = some(inner, ENDS)
    return st.one_of(
        st.fixed_dictionaries({"if": BOOLEANS, "then": body}, optional={"else": body}),
        st.fixed_dictionaries({"try": body, "catch": body}, optional={"as": NAMES}),
        st.fixed_dictionaries(loop, optional={"parallel": st.integers(1, 3)}),
        st.fixed_dictionaries({**loop, "collect": st.just(1), "as": NAMES}),
    )


STEPS = some(st.recursive(SIMPLE, nested, max_leaves=12), ENDS)


def logs(trace):
    for entry in trace:
        if entry["kind"] == "log":
            yield entry["step"], entry["message"]
        for item in entry.get("items", ()):
            yield from logs(item["steps"])


def read_in_vain(source):
    try:
        compile_flow(source, None)
    except DocumentInvalid as error:
        return {p.path.removesuffix(".log") for p in error.problems if " reads " in p.message}
    return set()


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_it_says_so_of_no_name_that_is_there(steps):
    source = json.dumps({"version": 1, "steps": steps})
    vain = read_in_vain(source)
    if not vain:
        reject()

    async def play():
        deadline = asyncio.get_running_loop().time() + 5
        program = compile_flow(source, None, check_names=False)
        return await run(program, APIS, Input(None), upstream, deadline)

    outcome = asyncio.run(play())
    assert all(message == "false" for step, message in logs(outcome.trace) if step in vain)
