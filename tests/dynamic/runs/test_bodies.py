"""What of a run is kept, as its pipe wants: bodies of all, of bad ones, of none; names masked."""

import json

import pytest
from django.core.exceptions import ValidationError

from dynamic.models import Run
from dynamic.models.pipe import check_redacted_names
from dynamic.runs.bodies import NOT_KEPT, Keeping
from dynamic.runs.storing import FinishedRun
from tests.dynamic.history import call_entry

JSON = [("Content-Type", "application/json")]
ASK = """
version: 1
steps:
  - call: echo
    api: mirror/echo
    with: {phone: "{{ payload.phone }}"}
  - set: {said: "{{ payload.phone }}"}
  - if: "{{ payload.fails }}"
    then: [{fail: "No {{ payload.phone }}"}]
  - return: {body: {phone: "{{ said }}"}}
"""


@pytest.fixture
def ask(scene):
    mirror = scene.workshop.system("mirror")
    query = [{"key": "who", "value": "{{ phone }}"}]
    body = {"text": "call {{ phone }}"}
    scene.workshop.call(
        mirror, "echo", "/echo", method="POST", query=query, body_kind="json", body=body
    )

    def ask(payload, **fields):
        pipe = scene.workshop.pipe(ASK, "Ask", **fields)
        reply = scene.call(pipe, "POST", headers=JSON, body=json.dumps(payload).encode())
        return reply, Run.objects.get(pk=reply.headers["run-id"])

    return ask


def kept_of(run):
    return json.dumps([run.input, run.answer, run.trace, run.message])


def test_it_keeps_no_bodies_where_the_pipe_keeps_none(ask):
    reply, run = ask({"phone": "+43 1 5550123"}, keep_bodies="off")
    assert reply.json == {"phone": "+43 1 5550123"}
    assert "5550123" not in kept_of(run)
    assert (run.input["payload"], run.answer) == (NOT_KEPT, NOT_KEPT)
    call = run.trace[0]
    assert call["request"]["url"].endswith(f"/echo?{NOT_KEPT}")
    assert (call["request"]["body"], call["response"]["data"]) == (NOT_KEPT, NOT_KEPT)
    assert (call["step"], call["response"]["status_code"]) == ("echo", 200)
    assert call["ms"] > 0


def test_it_keeps_the_bodies_of_bad_runs_only(ask):
    _, run = ask({"phone": "+43 1 5550123"}, keep_bodies="errors")
    assert "5550123" not in kept_of(run)


def test_it_keeps_the_bodies_of_a_bad_run(ask):
    reply, run = ask({"phone": "+43 1 5550123", "fails": True}, keep_bodies="errors")
    assert reply.status == 422
    assert run.input["payload"]["phone"] == "+43 1 5550123"


def test_it_masks_the_names_that_the_owner_adds_wherever_they_went(ask):
    payload = {"Phone": "+43 1 5550123", "phone": "+43 1 5550123", "fails": True}
    _, run = ask(payload, redact_names=["phone"])
    assert run.input["payload"] == {"Phone": "•••", "phone": "•••", "fails": True}
    assert run.message == "No •••"
    assert "5550123" not in kept_of(run)
    assert run.trace[0]["response"]["status_code"] == 200


def row_of(status="success", trace=()):
    came = {"query": {"q": "1"}, "headers": {"x": "y"}, "payload": None}
    return {"id": "a", "status": status, "message": "", "answer": {"a": 1}, "trace": [*trace]} | {
        "input": came
    }


def redacted(row, bodies):
    return FinishedRun(row, frozenset(), keeping=Keeping(bodies)).redacted()


def test_it_leaves_out_values_however_deep_they_are():
    inner = [
        {"step": "a", "kind": "set", "at": 1.0, "value": {"a": "canary"}, "ms": 1.0},
        {"step": "n", "kind": "notify", "at": 1.0, "mail": {"to": ["canary"]}, "ms": 1.0},
        call_entry(data="canary", attempts=[{"url": "https://x.example.com/?a=canary"}]),
        {"step": "t", "kind": "try", "at": 1.0, "caught": {"data": "canary"}, "ms": 1.0},
    ]
    trace = [
        {"step": "l", "kind": "for", "at": 0.0, "items": [{"item": 0, "steps": inner}], "ms": 9.0},
        {"step": "r", "kind": "run", "at": 9.0, "flow": "other", "steps": inner, "ms": 9.0},
        {"step": "e", "kind": "return", "at": 9.0, "then": inner, "ms": 9.0},
    ]
    run = redacted(row_of(trace=trace), "off")
    assert "canary" not in json.dumps(run.trace)
    steps = run.trace[0]["items"][0]["steps"]
    assert [step["step"] for step in steps] == ["a", "n", "ask", "t"]
    assert "canary" in json.dumps(trace)  # of the caller, who compares it


@pytest.mark.parametrize(
    ("bodies", "status", "is_kept"),
    [
        ("all", "success", True),
        ("errors", "success", False),
        ("errors", "running", True),
        ("errors", "unknown", True),
        ("off", "running", False),
        ("off", "failed", False),
    ],
)
def test_it_goes_by_how_the_run_ended(bodies, status, is_kept):
    run = redacted(row_of(status), bodies)
    assert (run.answer == {"a": 1}) is is_kept
    assert run.input["payload"] == (None if is_kept else NOT_KEPT)


@pytest.mark.parametrize("names", ["phone", [1], [""], ["x" * 101], ["a"] * 51, ["Response"]])
def test_it_refuses_names_that_are_none(names):
    with pytest.raises(ValidationError) as refused:
        check_redacted_names(names)
    assert "redact_names" in refused.value.message_dict
