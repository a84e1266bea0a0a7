import pytest

from apikeys.models import Key
from dynamic.listener import loop_thread
from dynamic.models import ApiCall, Credential, Flow, Pipe, System
from tests import upstream as upstream_server
from tests.doors import AsgiDoor, DjangoDoor
from tests.dynamic.scene import make_scene


@pytest.fixture(scope="session")
def upstream_process():
    yield from upstream_server.serve()


@pytest.fixture
def upstream(upstream_process):
    upstream_process.seen.clear()
    return upstream_process


@pytest.fixture(scope="session")
def servers(django_db_setup, django_db_blocker, tmp_path_factory):
    """Server processes on the tests' database, started as they are needed."""

    class Servers(list):
        def up_to(self, count):
            while len(self) < count:
                with django_db_blocker.unblock():
                    self.append(AsgiDoor(tmp_path_factory.mktemp("uvicorn") / "log.txt"))
            return self[:count]

    running = Servers()
    yield running
    for server in running:
        server.close()


@pytest.fixture(scope="session")
def asgi_door(servers):
    return servers.up_to(1)[0]


@pytest.fixture
def django_door(transactional_db):
    yield DjangoDoor()
    # Its threads use the database, which pytest-django locks between tests.
    loop_thread.close()


@pytest.fixture(params=["asgi", "django"])
def door(request, transactional_db):
    return request.getfixturevalue(f"{request.param}_door")


class Workshop:
    """Makes what one owner needs for a pipe, in one line a piece."""

    def __init__(self, owner, upstream_url):
        self.owner = owner
        self.url = upstream_url

    def system(self, slug, base="", auth_type="none", values=None, **fields):
        """`values` are the credential's; without them there is none."""
        system = System(
            owner=self.owner, slug=slug, name=slug, base_url=self.url + base, auth_type=auth_type
        )
        for name, value in fields.items():
            setattr(system, name, value)
        system.full_clean()
        system.save()
        if values:
            self.credential(system, values)
        return system

    def credential(self, system, values, **fields):
        credential = Credential(system=system, values=values, **fields)
        credential.full_clean()
        credential.save()
        return credential

    def call(self, system, slug, path="", **fields):
        call = ApiCall(system=system, slug=slug, name=slug, path=path, **fields)
        call.full_clean()
        call.save()
        return call

    def pipe(self, document, name="Pipe", **fields):
        flow = Flow.objects.create(
            owner=self.owner, slug=f"flow-{Flow.objects.count()}", name=name, draft=document
        )
        flow.publish()
        pipe = Pipe(owner=self.owner, name=name, flow=flow, **fields)
        pipe.full_clean()
        pipe.save()
        return pipe

    def key(self, kind="access_token", days=1, **grants):
        return Key.objects.issue(self.owner, "Test", kind, days, **grants)


@pytest.fixture
def workshop(transactional_db, alice, upstream):
    return Workshop(alice, upstream.url)


@pytest.fixture
def scene(door, workshop, bob):
    return make_scene(door, workshop, bob)
