"""What Alice has, shared with Bob in any role, as the REST API sees it."""

from dataclasses import dataclass

from django.utils import timezone

from accounts.models import User
from apikeys.models import Key
from dynamic.models import Flow, Pipe, Run, Share, System
from dynamic.models.run import new_run_id
from tests.dynamic.api.conftest import Api

ROOT = "/v1/dynamic/"
DOCUMENT = "version: 1\nsteps:\n  - return: {body: 1}\n"
BASE_URL = "http://127.0.0.1:9"


@dataclass
class House:
    """One of everything that Alice can share, and what is within it."""

    owner: User
    system: System
    flow: Flow  # that no pipe runs
    pipe: Pipe
    run: Run

    @property
    def things(self):
        return {"system": self.system, "flow": self.flow, "pipe": self.pipe}

    def share(self, account, role, *kinds):
        """All of it, or only of these kinds."""
        for kind in kinds or self.things:
            thing = {kind: self.things[kind]}
            Share.objects.create(owner=self.owner, account=account, role=role, **thing)

    def path(self, template, account):
        """An address below ROOT, as this account knows it."""
        tail = "" if account == self.owner else f"@{self.owner.pk}"
        shares = self.things.get(template.partition("s/")[0], self.pipe).shares
        share = shares.filter(account=account).first() or shares.first()
        return ROOT + template.format(
            system=f"shop{tail}",
            flow=f"spare{tail}",
            pipe=self.pipe.pk,
            run=self.run.pk,
            credential=self.system.credentials.get(name="second").pk,
            share=share.pk if share else 0,
        )


def make_house(owner):
    system = System.objects.create(
        owner=owner,
        slug="shop",
        name="Shop",
        base_url=BASE_URL,
        auth_type="header",
        auth={"name": "X-Api-Key"},
    )
    for name in ("first", "second"):
        values = {"secret": f"canary-{name}-4711"}
        system.credentials.create(name=name, is_default=name == "first", values=values)
    system.calls.create(slug="get", name="Get", path="/get")
    flows = [
        Flow.objects.create(owner=owner, slug=slug, name=slug.title(), draft=DOCUMENT)
        for slug in ("spare", "orders")
    ]
    for flow in flows:
        flow.publish()
    pipe = Pipe.objects.create(owner=owner, name="Web shop", flow=flows[1])
    return House(owner, system, flows[0], pipe, make_run(pipe))


def make_run(pipe, **fields):
    return Run.objects.create(
        **{
            "id": new_run_id(),
            "owner": pipe.owner,
            "pipe": pipe,
            "key_public_id": "k" * 10,
            "request_id": "0" * 32,
            "method": "POST",
            "status": "success",
            "http_status": 200,
            "started_at": timezone.now(),
            "ms": 1,
            "input": {"payload": "came-in"},
            "answer": "went-out",
            "trace": [],
        }
        | fields
    )


def signed_in(account):
    client = Api()
    client.force_login(account)
    return client


def by_key_of(account, **grants):
    _, text = Key.objects.issue(account, "K", "access_token", 1, **grants)
    client = Api()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    return client
