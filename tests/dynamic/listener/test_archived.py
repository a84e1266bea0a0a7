"""An archived pipe refuses calls, whatever it was before; the keys that may call it stay."""

import time

from dynamic.systems.archiving import archive, restore


def answer_of(scene, pipe, wanted):
    """A change holds within a second."""
    until = time.monotonic() + 10
    while (reply := scene.call(pipe)).status != wanted and time.monotonic() < until:
        pass
    return reply


def test_it_answers_400_and_answers_again_when_it_is_restored(scene):
    pipe = scene.pipes.echo
    _, scene.token = scene.workshop.key(pipes=[pipe.pk])
    assert scene.call(pipe).status == 200
    archive(pipe)
    reply = answer_of(scene, pipe, 400)
    assert (reply.status, reply.json["code"]) == (400, "pipe_archived")
    assert reply.json["detail"] == "This pipe is archived; its owner can restore it."
    assert "run-id" not in reply.headers
    restore(pipe)
    assert answer_of(scene, pipe, 200).status == 200


def test_it_is_as_off_as_before_when_it_is_restored(scene):
    pipe = scene.pipes.off
    archive(pipe)
    assert scene.call(pipe).json["code"] == "pipe_archived"
    restore(pipe)
    until = time.monotonic() + 10
    while (code := scene.call(pipe).json["code"]) != "pipe_disabled":
        assert time.monotonic() < until, code
