"""A pipe whose flow answers first, and goes on: over the wire, and in its record."""

import json

import pytest
from django.core import mail

from dynamic.listener import loop_thread
from dynamic.models import Run
from tests.dynamic.listener.test_lifecycle import eventually

AFTER = """
version: 1
steps:
  - return: {status: 202, body: {taken: "{{ payload.id }}"}}
    then:
      - {call: work, api: slow/held, on_error: continue}
      - if: "{{ payload.fails }}"
        then: [{fail: no stock}]
"""
JSON = [("Content-Type", "application/json")]


@pytest.fixture
def held(upstream):
    upstream.let_go.clear()
    yield upstream
    upstream.let_go.set()


@pytest.fixture
def pipe(scene, held):
    slow = scene.workshop.system("slow")
    scene.workshop.call(slow, "held", "/held", method="POST")
    return scene.workshop.pipe(AFTER)


def post(scene, pipe, **payload):
    return scene.call(pipe, "POST", headers=JSON, body=json.dumps(payload).encode())


def test_it_answers_while_the_flow_goes_on_and_records_both(scene, pipe, held):
    reply = post(scene, pipe, id=7)
    assert (reply.status, reply.json) == (202, {"taken": 7})
    assert reply.headers["run-status"] == "success"
    run = Run.objects.get(pk=reply.headers["run-id"])
    assert (run.status, run.http_status, run.answer) == ("running", 202, {"taken": 7})
    held.let_go.set()
    assert eventually(lambda: Run.objects.filter(pk=run.pk, status="success").exists())
    run.refresh_from_db()
    call, _ = run.trace[0]["then"]
    assert call["response"]["data"] == {"held": True}
    assert run.answer == {"taken": 7}


def test_it_records_how_the_rest_failed(scene, pipe, held):
    held.let_go.set()
    reply = post(scene, pipe, id=7, fails=True)
    assert reply.status == 202
    assert eventually(lambda: Run.objects.filter(status="failed").exists())
    run = Run.objects.get()
    assert (run.http_status, run.message) == (202, "After the answer: no stock")


def test_it_records_a_read_that_goes_on_and_its_end(scene, pipe, held):
    reply = scene.call(pipe, "GET", query="id=7")
    assert (reply.status, reply.json) == (202, {"taken": "7"})
    assert eventually(lambda: Run.objects.filter(status="running", http_status=202).exists())
    held.let_go.set()
    assert eventually(lambda: Run.objects.filter(status="success").exists())


def test_it_answers_at_the_end_when_the_flow_takes_another_way(scene, held):
    pipe = scene.workshop.pipe(
        "version: 1\nsteps:\n  - if: '{{ payload.no }}'\n    then: [{fail: no}]\n"
        "  - return: {body: 1}\n    then: [{log: x}]\n"
    )
    reply = post(scene, pipe, no=True)
    assert (reply.status, reply.headers["run-status"]) == (422, "failed")
    assert Run.objects.get().status == "failed"


def test_it_lets_the_rest_end_before_the_server_stops(workshop, django_door, held):
    pipe = workshop.pipe(
        "version: 1\nsteps:\n  - return: {body: 1}\n    then: [{sleep: 0.05}, {log: x}]\n"
    )
    _, token = workshop.key()
    reply = django_door.request(
        "POST", f"/v1/dynamic/listener/{pipe.id}", [("Access-Token", token), *JSON], b"{}"
    )
    assert reply.status == 200
    loop_thread.close()
    assert Run.objects.get().status == "success"


def test_it_sends_a_mail_to_the_owner_or_another(workshop, django_door, alice):
    pipe = workshop.pipe(
        "version: 1\nsteps:\n  - notify: 'Order {{ payload.id }} is late.'\n"
        "  - notify: {to: ops@example.org, subject: Late, message: see}\n"
    )
    _, token = workshop.key()
    django_door.request(
        "POST", f"/v1/dynamic/listener/{pipe.id}", [("Access-Token", token), *JSON], b'{"id": 7}'
    )
    assert [(m.to, m.subject, m.body) for m in mail.outbox] == [
        ([alice.email], "Order 7 is late.", "Order 7 is late."),
        (["ops@example.org"], "Late", "see"),
    ]
    assert [step["mail"]["to"] for step in Run.objects.get().trace] == [[], ["ops@example.org"]]


def test_it_says_that_the_mail_server_did_not_take_a_mail(workshop, django_door, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    pipe = workshop.pipe("version: 1\nsteps:\n  - notify: text\n")
    _, token = workshop.key()
    reply = django_door.request(
        "POST", f"/v1/dynamic/listener/{pipe.id}", [("Access-Token", token), *JSON], b"{}"
    )
    assert reply.status == 500
    assert "The mail server did not take the mail" in reply.json["detail"]
