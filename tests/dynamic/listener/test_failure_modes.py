"""Pipes whose failure mode is `compat`: runs that fail are 200. Each case goes through both doors.

The other mode is what tests/dynamic/listener/test_calls.py is about.
"""

import pytest

from dynamic.models import Pipe, Run

ENVELOPE = ["success", "status", "message", "error_code", "data", "additional_data"]


@pytest.fixture
def compat(scene):
    """Calls a pipe of the scene that was given this mode."""

    def call(name, *args, **more):
        pipe = getattr(scene.pipes, name)
        Pipe.objects.filter(pk=pipe.pk).update(failure_mode="compat")
        return scene.call(pipe, *args, **more)

    return call


@pytest.mark.parametrize(
    ("name", "query", "status", "code", "ended"),
    [
        ("failing", "", 409, "flow_failed", "failed"),
        ("order", "orderid=1", 400, "invalid_input", "invalid_input"),
        ("status", "code=401", 502, "upstream_failed", "upstream_failed"),
        ("hang", "", 504, "deadline_passed", "timed_out"),
        ("broken", "a=1", 500, "flow_error", "flow_error"),
    ],
)
def test_it_answers_200_with_the_envelope(compat, name, query, status, code, ended):
    reply = compat(name, query=query)
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    assert list(reply.json) == ENVELOPE
    assert (reply.json["success"], reply.json["status"]) == (False, status)
    assert reply.json["error_code"] == code
    assert reply.json["message"]
    assert reply.headers["run-status"] == ended
    assert len(reply.headers["request-id"]) == 32


def test_it_tells_what_the_flow_tells(compat):
    reply = compat("failing", "POST")
    assert (reply.json["message"], reply.json["data"]) == ("Sold out", {"left": 0})
    assert reply.json["additional_data"] == {}
    run = Run.objects.get(pk=reply.headers["run-id"])
    assert (run.status, run.http_status, run.answer) == ("failed", 200, reply.json)


def test_it_tells_the_problems_of_the_input(compat):
    told = compat("order", query="orderid=1").json
    assert told["data"] == {}
    assert "order_id" in told["additional_data"]["problems"][0]["message"]


def test_it_answers_so_where_the_pipe_cannot_run(compat, scene):
    assert scene.pipes.order
    scene.workshop.owner.systems.filter(slug="shop").delete()
    reply = compat("order", query="order_id=1")
    assert (reply.status, reply.json["error_code"]) == (200, "flow_error")


@pytest.mark.parametrize(("name", "status"), [("returning", 201), ("silent", 204), ("echo", 200)])
def test_it_leaves_what_the_flow_returns_as_it_is(compat, name, status):
    reply = compat(name)
    assert (reply.status, reply.headers["run-status"]) == (status, "success")
    assert b"success" not in reply.body


@pytest.mark.parametrize(
    ("name", "method", "more", "status", "code"),
    [
        ("off", "GET", {}, 400, "pipe_disabled"),
        ("get_only", "POST", {}, 405, "method_not_allowed"),
        ("echo", "POST", {"body": b"{"}, 400, "invalid_body"),
        ("echo", "POST", {"body": b"1" * 4001}, 413, "body_too_large"),
        ("echo", "GET", {"token": "nonsense"}, 401, "invalid_token"),
    ],
)
def test_it_refuses_by_status_what_comes_before_the_run(compat, name, method, more, status, code):
    json = [("Content-Type", "application/json")]
    reply = compat(name, method, headers=json, **more)
    assert (reply.status, reply.json["code"]) == (status, code)
    assert reply.headers["content-type"] == "application/problem+json"
    assert "run-id" not in reply.headers
