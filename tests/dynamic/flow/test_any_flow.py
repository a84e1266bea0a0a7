"""Whatever document passes the check runs to an outcome, whatever comes in: no defect of ours."""

import asyncio
import json

from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from dynamic.flow.exchange import NotSent, Response, Unusable
from dynamic.flow.outcome import Outcome
from dynamic.flow.problems import DocumentInvalid
from dynamic.flow.program import compile_flow
from dynamic.flow.runner import Hooks, Input, run
from tests.dynamic.flow.test_runner import APIS

NAMES = st.sampled_from(["a", "b", "item"])
EXPRESSIONS = st.sampled_from(
    [
        "{{ payload }}",
        "{{ payload.list }}",
        "{{ a }}",
        "{{ item * 2 }}",
        "{{ steps.c1.data }}",
        "{{ $sum(payload.list) }}",
        "{{ nothing }}",
        "{{ [1..5] }}",
        "{{ {} }}",
        "text {{ a }} text",
    ]
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 700)
    | st.floats(-1, 9)
    | st.text("xyz", max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=4,
)
VALUES = EXPRESSIONS | JSON
STATUSES = st.sampled_from([404, 500, "{{ a }}", "{{ 409 }}"])
CALLS = st.builds(
    lambda number, more: {"call": f"c{number}", "api": "shop/get-order", **more},
    st.integers(1, 5000),  # a name may stand in a flow once
    st.fixed_dictionaries(
        {"with": st.fixed_dictionaries({"id": VALUES})},
        optional={"on_error": st.sampled_from(["continue", "fail"])},
    ),
)
SIMPLE = st.one_of(
    CALLS,
    st.builds(lambda values: {"set": values}, st.dictionaries(NAMES, VALUES, max_size=3)),
    st.builds(
        lambda name, source, value: {
            "map": name,
            "from": source,
            "fields": [{"to": "a", "from": "a"}, {"to": "b.c", "value": value}],
        },
        NAMES,
        EXPRESSIONS,
        EXPRESSIONS,
    ),
    st.builds(lambda value: {"log": value}, EXPRESSIONS),
    st.builds(lambda value: {"notify": {"to": value, "message": value}}, EXPRESSIONS),
    st.builds(lambda value: {"log": value, "disabled": True}, VALUES),
    st.builds(lambda value: {"sleep": value}, st.sampled_from([0, 0.001, "{{ 0 }}", "{{ a }}"])),
)
ENDS = st.one_of(
    st.builds(lambda body: {"return": {"body": body}}, VALUES),
    st.builds(lambda status: {"return": {"status": status}}, STATUSES),
    st.builds(lambda body, step: {"return": {"body": body}, "then": [step]}, VALUES, SIMPLE),
    st.builds(
        lambda text, status: {"fail": {"message": text, "status": status, "data": 1}},
        EXPRESSIONS,
        STATUSES,
    ),
)


def some(step, end=ENDS):
    """A list of steps, of which the last may end them."""
    return st.builds(
        lambda steps, last: steps + last,
        st.lists(step, min_size=1, max_size=3),
        st.lists(end, max_size=1),
    )


def nested(inner):
    in_loop = some(inner, ENDS | st.sampled_from([{"break": None}, {"continue": None}]))
    return st.one_of(
        st.fixed_dictionaries({"if": VALUES, "then": some(inner)}, optional={"else": some(inner)}),
        st.fixed_dictionaries({"try": some(inner), "catch": some(inner)}),
        st.fixed_dictionaries(
            {"for": NAMES, "in": EXPRESSIONS, "do": in_loop},
            optional={"parallel": st.integers(1, 4), "most": st.integers(1, 6)},
        ),
        st.fixed_dictionaries(
            {"for": NAMES, "in": EXPRESSIONS, "do": in_loop, "collect": VALUES, "as": NAMES}
        ),
    )


STEPS = some(st.recursive(SIMPLE, nested, max_leaves=8))


async def upstream(request, attempts):
    await asyncio.sleep(0)
    if request.url.endswith("2"):
        raise Unusable("An answer that is of no use.")
    return Response(500 if request.url.endswith("3") else 200, {}, {"url": request.url}, 1.0)


async def post(mail):
    if len(mail.message) > 5:
        raise NotSent("The mail server did not take the mail.")


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS, JSON)
def test_it_runs_whatever_passes_the_check(steps, payload):
    source = json.dumps({"version": 1, "steps": steps})
    try:
        # Published versions run whatever names they read, so theirs are not checked here.
        program = compile_flow(source, {name for name, _ in APIS}, check_names=False)
    except DocumentInvalid:
        reject()  # such as one name for two calls, which others test

    answers = []

    async def play():
        deadline = asyncio.get_running_loop().time() + 5
        hooks = Hooks(notify=post, answered=answers.append)
        return await run(program, APIS, Input(payload), upstream, deadline, hooks=hooks)

    outcome = asyncio.run(play())
    assert isinstance(outcome, Outcome)
    assert [answer.body for answer in answers] in ([], [outcome.body])  # one, and it stays
    json.dumps(outcome.trace, allow_nan=False)
