"""How many runs a killed server had not recorded is told by the next one."""

import http.client
import re
import shutil
import threading

import pytest
from django.conf import settings as project

from dynamic.listener import loop_thread
from dynamic.models import Run
from dynamic.runs.recorder import BATCH
from dynamic.runs.unrecorded import Unrecorded, tell_of_the_gone
from tests.doors import PREFIX, AsgiDoor
from tests.dynamic.listener.test_lifecycle import eventually

ANSWER = "version: 1\nsteps:\n  - return: {body: 1}\n"
TOLD = re.compile(r"had (\d+) runs of reads that it had not recorded yet")


@pytest.fixture
def folder(settings, tmp_path):
    settings.DATA = tmp_path
    return tmp_path / "recorders"


def gone(folder, added, settled):
    """What a server leaves that is killed: its counts, and nobody who has them locked."""
    unrecorded = Unrecorded()
    unrecorded.open()
    for _ in range(added):
        unrecorded.add()
    unrecorded.settle(settled)
    (file,) = folder.iterdir()
    counts = file.read_bytes()
    unrecorded.close()
    file.write_bytes(counts)


class TestCounts:
    def test_it_tells_once_what_a_server_that_is_gone_had_not_stored(self, folder, caplog):
        gone(folder, 7, 4)
        tell_of_the_gone()
        tell_of_the_gone()
        assert TOLD.findall(caplog.text) == ["3"]
        assert list(folder.iterdir()) == []

    def test_it_tells_nothing_of_one_that_had_stored_all(self, folder, caplog):
        gone(folder, 7, 7)
        tell_of_the_gone()
        assert not caplog.text
        assert list(folder.iterdir()) == []

    def test_it_leaves_those_of_living_servers_alone(self, folder, caplog):
        alive = Unrecorded()
        alive.open()
        alive.add()
        tell_of_the_gone()
        assert not caplog.text
        assert len(list(folder.iterdir())) == 1
        alive.close()
        assert list(folder.iterdir()) == []

    def test_it_takes_a_file_that_was_never_written_as_nothing(self, folder, caplog):
        folder.mkdir()
        (folder / "1-x.count").touch()
        tell_of_the_gone()
        assert not caplog.text
        assert list(folder.iterdir()) == []

    def test_it_goes_on_where_no_file_can_be_made(self, folder, caplog):
        folder.write_text("in the way")
        unrecorded = Unrecorded()
        unrecorded.open()
        unrecorded.add()
        unrecorded.settle(1)
        unrecorded.close()
        assert caplog.text.count("Should this server be killed") == 1


def test_it_owes_nothing_once_all_is_stored_and_leaves_nothing(
    workshop, django_door, folder, caplog
):
    pipe, (_, token) = workshop.pipe(ANSWER), workshop.key()
    django_door.request("GET", PREFIX + pipe.id, [("Access-Token", token)])
    (file,) = folder.iterdir()

    def owes_nothing():
        caplog.clear()
        shutil.copy(file, folder / "as-if-killed.count")
        tell_of_the_gone()
        return not TOLD.search(caplog.text)

    assert eventually(owes_nothing)
    assert Run.objects.count() == 1
    loop_thread.close()
    assert list(folder.iterdir()) == []


def test_it_tells_after_a_kill_how_many_reads_are_missing(
    workshop, tmp_path, settings, django_door, caplog
):
    data = tmp_path / "data"
    shutil.copytree(project.DATA / "secrets", data / "secrets")
    settings.DATA = data
    pipe, (_, token) = workshop.pipe(ANSWER), workshop.key()
    killed = AsgiDoor(tmp_path / "killed.txt", INTEGRATOR_DATA=str(data))
    answered, counting = 0, threading.Lock()

    def read():
        nonlocal answered
        connection = http.client.HTTPConnection("127.0.0.1", killed.port, timeout=30)
        try:
            while True:
                connection.request("GET", PREFIX + pipe.id, headers={"Access-Token": token})
                assert connection.getresponse().read() == b"1"
                with counting:
                    answered += 1
        except (http.client.HTTPException, OSError):
            connection.close()

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    try:
        assert eventually(lambda: Run.objects.count() > 100)
    finally:
        killed.kill()
        for reader in readers:
            reader.join()
    (left,) = (data / "recorders").iterdir()
    loop_thread.current()  # the next one, which stops with the fixture
    assert eventually(lambda: not left.exists())
    told = sum(map(int, TOLD.findall(caplog.text)))
    # A call may have been cut off between its record and its caller, one a reader; and the last
    # batch between its commit and its count.
    known = Run.objects.count() + told
    assert answered <= known <= answered + len(readers) + BATCH
