"""A flow walked through step by step, each time from its beginning."""

import asyncio

import orjson

from dynamic.flow.api_call import ApiCall
from dynamic.flow.exchange import Response, Unreachable
from dynamic.flow.program import compile_flow
from dynamic.flow.runner import Input
from dynamic.simulating.documents import Documents, Steps
from dynamic.simulating.progress import Progress
from dynamic.simulating.stops import Stop
from dynamic.simulating.walking import Flow, Way, walk

NEXT, END = Stop(at_next=True), Stop()

BRANCHES = """
version: 1
steps:
  - set: {n: "{{ payload.n }}"}
  - if: "{{ n > 1 }}"
    then:
      - call: many
        api: shop/get
        with: {a: "{{ n }}"}
    else:
      - set: {few: true}
  - for: x
    in: "{{ [1, 2] }}"
    parallel: 2
    do:
      - call: one
        api: shop/get
        with: {a: "{{ x }}"}
    collect: "{{ steps.one.data }}"
    as: all
  - return: {body: {all: "{{ all }}", n: "{{ n }}"}}
"""


class World:
    """What a flow reaches: it notes all that really happens."""

    def __init__(self, answer=None):
        self.sent, self.mails, self.slept = [], [], []
        self._answer = answer

    async def send(self, request, attempts):
        self.sent.append(request.url)
        if self._answer:
            return self._answer(request)
        return Response(200, {}, {"number": len(self.sent)}, 1.5)

    async def notify(self, mail):
        self.mails.append(mail.subject)

    async def sleep(self, seconds):
        self.slept.append(seconds)


class Walker:
    """Walks as the pages do: between two walks only JSON is kept."""

    def __init__(self, source, payload=None, answer=None, flows=()):
        call = ApiCall.compile(
            name="shop/get", method="GET", base_url="https://shop.test", path="/{{ a }}"
        )
        self.world = World(answer)
        sources = dict(flows)
        flows = {slug: compile_flow(text, None, None) for slug, text in sources.items()}
        program = compile_flow(source, {"shop/get"}, flows)
        documents = Documents(source, sources)
        self.flow = Flow(program, {("shop/get", ""): call}, flows, Input(payload), documents)
        self._kept = orjson.dumps(Progress().as_dict())
        self.walked = None

    def go(self, stop, **edits):
        progress = Progress.read(orjson.loads(self._kept))
        progress.edit(edits)
        way = Way(self.world.send, self.world.notify, self.world.sleep, is_mocked=False)

        async def work():
            deadline = asyncio.get_running_loop().time() + 10
            return await walk(self.flow, progress.past(), stop, way, deadline)

        self.walked = asyncio.run(work())
        if not self.walked.diverged:
            progress.come_to(self.walked)
            self._kept = orjson.dumps(progress.as_dict())
        return self.walked

    def labels(self):
        """Where it stands, step by step, until it ends."""
        found = []
        while standing := self.go(NEXT).standing:
            found.append(standing.label)
        return found


def test_it_stops_before_each_step_and_makes_no_call_twice():
    walker = Walker(BRANCHES, {"n": 5})
    assert walker.labels() == [
        "steps[0]", "steps[1]", "many", "steps[2]", "one", "one", "steps[3]"
    ]  # fmt: skip
    assert walker.world.sent == [f"https://shop.test/{part}" for part in (5, 1, 2)]
    assert walker.walked.outcome.body == {"all": [{"number": 2}, {"number": 3}], "n": 5}


def test_it_comes_to_what_one_run_comes_to():
    stepped, at_once = Walker(BRANCHES, {"n": 0}), Walker(BRANCHES, {"n": 0})
    stepped.labels()
    at_once.go(END)
    assert stepped.walked.outcome.body == at_once.walked.outcome.body
    assert shape(stepped.walked.trace) == shape(at_once.walked.trace)


def shape(trace):
    """A trace without its times."""
    timeless = {"ms", "at"}
    if isinstance(trace, dict):
        return {key: shape(value) for key, value in trace.items() if key not in timeless}
    return [shape(item) for item in trace] if isinstance(trace, list) else trace


def test_it_goes_on_to_a_step_that_is_named():
    walker = Walker(BRANCHES, {"n": 5})
    stop = Stop(label="one")
    assert [walker.go(stop).standing.scope["x"] for _ in range(2)] == [1, 2]
    assert walker.go(stop).outcome.status == "success"


def test_it_tells_what_is_in_sight_where_it_stands():
    walker = Walker(BRANCHES, {"n": 5})
    scope = walker.go(Stop(label="steps[2]")).standing.scope
    assert scope["n"] == 5
    assert scope["steps.many"]["data"] == {"number": 1}
    assert walker.walked.trace[0]["value"] == {"n": 5}
    assert walker.walked.trace[-1]["stands"] == "before"
    assert "ms" not in walker.walked.trace[-1]


def test_it_goes_on_with_what_was_edited():
    walker = Walker(BRANCHES, {"n": 5})
    walker.go(Stop(label="steps[1]"))
    walker.go(NEXT, n=0)
    assert walker.walked.standing.label == "steps[1].else[0]"
    walker.go(Stop(label="steps[3]"), n=7)
    assert walker.world.sent == ["https://shop.test/1", "https://shop.test/2"]
    walker.go(NEXT, **{"steps.one": {"data": 1}})
    assert walker.walked.outcome.body["n"] == 7
    assert [entry.get("edited") for entry in walker.walked.trace] == [
        None, {"n": 0}, {"n": 7}, None, {"steps.one": {"data": 1}}
    ]  # fmt: skip


def test_it_edits_an_answer_before_a_step_that_reads_it():
    source = """
version: 1
steps:
  - call: order
    api: shop/get
    with: {a: 1}
  - return: {body: "{{ steps.order.data }}"}
"""
    walker = Walker(source)
    answer = walker.go(Stop(label="steps[1]")).standing.scope["steps.order"]
    walker.go(END, **{"steps.order": answer | {"data": "edited"}})
    assert walker.walked.outcome.body == "edited"


def test_it_fails_again_as_it_failed():
    source = """
version: 1
steps:
  - try:
      - call: order
        api: shop/get
        with: {a: 1}
    catch:
      - set: {why: "{{ error.message }}"}
  - return: {body: "{{ why }}"}
"""

    def broken(request):
        raise Unreachable("The name could not be looked up.", ms=3.0)

    walker = Walker(source, answer=broken)
    walker.labels()
    assert len(walker.world.sent) == 1
    assert "could not be looked up" in walker.walked.outcome.body


def test_it_mails_and_sleeps_once():
    walker = Walker("version: 1\nsteps:\n  - notify: Ho\n  - sleep: 5\n  - log: x\n")
    assert len(walker.labels()) == 3
    assert (walker.world.mails, walker.world.slept) == (["Ho"], [5])


def test_it_keeps_what_time_and_chance_gave():
    source = """
version: 1
steps:
  - set: {id: "{{ $uuid() }}", at: "{{ $millis() }}"}
  - log: x
  - return: {body: {id: "{{ id }}", at: "{{ at }}"}}
"""
    walker = Walker(source)
    walker.go(Stop(label="steps[1]"))
    seen = dict(walker.walked.trace[0]["value"])
    walker.labels()
    assert walker.walked.outcome.body == seen == walker.walked.trace[0]["value"]


def test_it_says_when_it_cannot_go_as_before():
    other = "version: 1\nsteps:\n  - log: x\n  - log: z\n"
    source = "version: 1\nsteps:\n  - run: a\n    flow: other\n  - log: end\n"
    walker = Walker(source, flows={"other": other})
    for _ in range(4):
        walker.go(NEXT)
    assert walker.walked.standing.label == "steps[1]"
    for changed in (other.replace("log: z", "set: {a: 1}"), other.replace("  - log: z\n", "")):
        walker.flow.flows["other"] = compile_flow(changed, None, None)
        assert "another flow that it runs was changed" in walker.go(END).diverged
    walker.flow.flows["other"] = compile_flow("version: 1\nsteps:\n  - return: {}\n", None, None)
    assert "would be done where" in walker.go(END).diverged


def test_it_stands_in_another_flow_but_stops_at_the_labels_of_its_own():
    source = "version: 1\nsteps:\n  - log: a\n  - run: a\n    flow: other\n"
    walker = Walker(source, flows={"other": "version: 1\nsteps:\n  - log: x\n"})
    assert walker.go(Stop(label="steps[0]")).standing.number == 0
    assert walker.go(Stop(label="steps[0]")).standing is None
    walker = Walker(source, flows={"other": "version: 1\nsteps:\n  - log: x\n"})
    assert walker.labels() == ["steps[0]", "a", "steps[0]"]


def test_it_refuses_an_input_before_the_first_step():
    walker = Walker("version: 1\ninput: {type: object}\nsteps:\n  - log: x\n", 1)
    assert walker.go(NEXT).outcome.status == "invalid_input"


def test_it_tells_what_each_step_reads():
    source = """
version: 1
steps:
  - call: order
    api: shop/get
    with: {a: "{{ payload.id }}", b: "no {{ payload.deep.er.x & payload.no }}"}
  - log: off
    disabled: true
  - if: "{{ steps.order.data.number = 5 }}"
    then: [{log: "{{ payload.id }}"}]
    elif: [{if: "{{ payload.lines.price }}", then: [{log: "{{ payload.id }}"}]}]
  - run: other
    flow: inner
    with: "{{ payload }}"
"""
    inner = "version: 1\nsteps:\n  - log: '{{ payload.id }}'\n"
    payload = {"id": 7, "lines": [{"price": 1}], "deep": {"er": 3}, "long": "x" * 5000}
    walker = Walker(source, payload, flows={"inner": inner})
    walker.go(END)
    order, branch, log, other = walker.walked.trace
    assert order["reads"] == {"payload.id": 7, "payload.deep.er": 3, "payload.no": "(nothing)"}
    assert branch["reads"] == {"steps.order.data.number": 1, "payload.lines": [{"price": 1}]}
    assert log["reads"] == {"payload.id": 7}
    assert other["reads"] == {"payload": "(an object of 4 fields)"}
    assert other["steps"][0]["reads"] == {"payload.id": 7}


def test_it_describes_the_steps_of_a_document():
    steps = Steps(BRANCHES).all
    assert [(step.depth, step.label) for step in steps] == [
        (0, "steps[0]"),
        (0, "steps[1]"),
        (1, "many"),
        (1, "steps[1].else[0]"),
        (0, "steps[2]"),
        (1, "one"),
        (0, "steps[3]"),
    ]
    assert Steps("{").all == []
