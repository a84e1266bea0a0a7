"""Runs are given as they end, each once."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from dynamic.management.commands import runs
from dynamic.models import Run
from dynamic.runs.tail import LOOK_BACK, Tail
from tests.dynamic.history import pipe_of, run_of, stored


def test_it_gives_each_run_once_as_it_ends(alice):
    pipe = pipe_of(alice)
    stored(run_of(pipe, timedelta(seconds=9)))
    now = timezone.now()
    tail = Tail(Run.objects.all(), now)
    assert tail.look(now) == []
    later = stored(run_of(pipe, timedelta(seconds=4)))
    earlier = stored(run_of(pipe, timedelta(seconds=8)))  # it took longer
    assert tail.look(now) == [earlier, later]
    assert tail.look(now) == []


def test_it_gives_a_long_one_that_was_stored_when_it_began(alice):
    tail = Tail(Run.objects.all(), timezone.now())
    run = stored(run_of(pipe_of(alice), status="running"))
    assert tail.look(timezone.now()) == []
    much_later = timezone.now() + 2 * LOOK_BACK
    assert tail.look(much_later) == []
    Run.objects.filter(pk=run.pk).update(status="failed")
    assert tail.look(much_later) == [run]
    assert tail.look(much_later) == []


class Terminal(io.StringIO):
    """Somebody who sees nothing at first, then a run that has ended meanwhile, and is content."""

    def __init__(self, *runs):
        super().__init__()
        self._runs = runs

    def flush(self):
        if self.getvalue():
            raise KeyboardInterrupt
        stored(*self._runs)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (["--owner", "nobody@example.com"], "There is no account nobody@example.com."),
        (["--pipe", "0" * 24], f"There is no pipe {'0' * 24}."),
    ],
)
def test_it_waits_for_nobodys_runs(db, given, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("runs", "tail", *given, stdout=Terminal())


@pytest.mark.parametrize("kind", ["json", "lines"])
def test_it_prints_each_by_command_until_it_is_interrupted(alice, monkeypatch, kind):
    monkeypatch.setattr(runs, "_POLL", 0)
    pipe = pipe_of(alice)
    odd = run_of(pipe, message="a\x1b[31m", status="failed", http_status=409)
    terminal = Terminal(run_of(pipe_of(alice, "Others"), status="failed"), run_of(pipe), odd)
    given = ["--json"] if kind == "json" else []
    call_command(
        *("runs", "tail", "--pipe", pipe.pk, "--status", "failed", "--owner", alice.email, *given),
        stdout=terminal,
    )
    (line,) = terminal.getvalue().splitlines()
    if kind == "json":
        told = json.loads(line)
        assert (told["id"], told["message"], told["name"]) == (odd.pk, odd.message, "Orders")
    else:
        assert line.endswith("failed          409       12 ms  POST   Orders  a\ufffd[31m")
