"""Why a call was denied is in the audit, under the Request-Id of its answer."""

import time
from datetime import UTC, datetime

from apikeys import denials, tokens
from apikeys.denials import COUNTED, MOST_A_MINUTE, Denials
from apikeys.models import Key, KeyEvent
from tests.dynamic.scene import expired


def event_of(reply):
    until = time.monotonic() + 5
    while time.monotonic() < until:
        event = KeyEvent.objects.filter(request_id=reply.headers["request-id"]).first()
        if event:
            return event
        time.sleep(0.05)
    return None


REASONS = {
    "wrong secret": lambda scene: (scene.pipes.echo, tokens.make_access_token(scene.token[4:14])),
    "no such pipe": lambda scene: (scene.pipes.foreign, scene.token),
    "pipe not granted": lambda scene: (scene.pipes.echo, scene.workshop.key(pipes=[])[1]),
    "method not granted": lambda scene: (scene.pipes.echo, scene.workshop.key(can_read=False)[1]),
    "network": lambda scene: (scene.pipes.echo, scene.workshop.key(networks=["10.0.0.0/8"])[1]),
}


def test_it_notes_the_reason(scene):
    # All of the calls first: a server writes what it notes once a second.
    calls = {reason: make(scene) for reason, make in REASONS.items()}
    replies = {reason: scene.call(pipe, token=text) for reason, (pipe, text) in calls.items()}
    for reason, (pipe, text) in calls.items():
        event = event_of(replies[reason])
        assert (event.kind, event.reason, event.public_id) == ("denied", reason, text[4:14])
        assert (event.address, event.pipe_id) == ("127.0.0.1", pipe.id), reason
        assert event.owner == scene.workshop.owner


def test_it_notes_that_a_key_has_ended(scene, alice):
    ended = {}
    for reason in ("revoked", "expired", "replaced"):
        ended[reason] = scene.workshop.key()
    ended["revoked"][0].revoke(alice)
    expired(ended["expired"][0])
    ended["replaced"][0].rotate(alice, grace_hours=0)
    replies = {
        reason: scene.call(scene.pipes.echo, token=text) for reason, (_, text) in ended.items()
    }
    for reason, reply in replies.items():
        assert reply.status == 401
        assert event_of(reply).reason == reason
    assert "was replaced" in replies["replaced"].json["detail"]
    assert ended["replaced"][0].notices.filter(kind="used_after_grace").count() == 1


def test_it_notes_a_key_where_it_may_not_stand(scene):
    _, text = scene.workshop.key(query_allowed=False)
    reply = scene.raw(scene.pipes.echo, query=f"token={text}")
    assert event_of(reply).reason == "query"


def test_it_keeps_nothing_of_the_credential(scene):
    wrong = tokens.make_access_token(scene.token[4:14])
    event = event_of(scene.call(scene.pipes.echo, token=wrong))
    kept = " ".join(str(getattr(event, field.name)) for field in event._meta.concrete_fields)
    assert wrong[15:] not in kept


def test_it_notes_nothing_of_what_belongs_to_nobody(scene):
    nobodys = [
        scene.call(scene.pipes.echo, token=text).headers["request-id"]
        for text in ("x", tokens.make_access_token("0" * 10))
    ]
    # What is noted later is written later, so they would be there by now.
    assert event_of(scene.call(scene.pipes.foreign))
    assert not KeyEvent.objects.filter(request_id__in=nobodys).exists()


class TestFlood:
    def note(self, noted, times, public_id="a" * 10):
        for number in range(times):
            noted.note(public_id, "wrong secret", request_id=f"{number:032x}", address="127.0.0.1")

    def test_it_lists_some_and_counts_the_rest(self):
        noted = Denials()
        self.note(noted, 200)
        listed = noted.take()
        assert len(listed) == MOST_A_MINUTE
        (rest,) = noted.take(everything=True)
        assert (rest.reason, rest.times) == (COUNTED, 200 - MOST_A_MINUTE)

    def test_it_lists_those_of_another_key(self):
        noted = Denials()
        self.note(noted, 200)
        self.note(noted, 3, "b" * 10)
        assert len(noted.take()) == MOST_A_MINUTE + 3

    def test_it_writes_how_many_there_were(self, alice):
        key, _ = Key.objects.issue(alice, "K", "access_token", 1)
        noted = Denials()
        self.note(noted, 50, key.public_id)
        denials.write(noted.take(everything=True))
        events = key.events.filter(kind="denied")
        assert sum(event.times for event in events) == 50
        assert events.last().at <= datetime.now(UTC)
