"""Who may open which page: a stranger, a viewer and an editor of what Alice owns.

All addresses of `dynamic.pages` are walked: a page that is new needs a line in PAGES, or in COMMON
where its address names nothing of anybody's.
"""

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from django.urls import get_resolver, reverse

from dynamic.models import ApiCall, Credential, Drift, Flow, Pipe, Run, Simulation, System
from dynamic.models.run import new_run_id
from dynamic.models.share import Role, Share
from dynamic.simulating.setup import Setup

DRAFT = "version: 1\nsteps:\n  - call: ask\n    api: shop/get\n  - return: {body: 1}\n"
OURS = ("systems", "flows", "pipes", "runs")
NO = (404, 404)
EDITS = (404, 200)

# By page: what the methods it knows give a viewer and an editor. Whoever has no share gets 404.
PAGES = {
    "systems:detail": {"GET": (200, 200)},
    "systems:share": {"GET": (200, 200), "POST": NO},
    "systems:edit": {"GET": EDITS, "POST": EDITS},
    "systems:auth": {"GET": NO, "POST": NO},
    "systems:archive": {"GET": NO, "POST": NO},
    "systems:restore": {"POST": NO},
    "systems:test": {"GET": EDITS, "POST": EDITS},
    "systems:credential_create": {"GET": NO, "POST": NO},
    "systems:credential_edit": {"GET": NO, "POST": NO},
    "systems:credential_delete": {"GET": NO, "POST": NO},
    "systems:credential_default": {"POST": NO},
    "systems:credential_connect": {"POST": NO},
    "systems:call_import": {"GET": EDITS, "POST": EDITS},
    "systems:call_create": {"GET": EDITS, "POST": EDITS},
    "systems:call_detail": {"GET": (200, 200), "POST": EDITS},
    "systems:call_test": {"GET": EDITS, "POST": EDITS},
    "systems:call_sample": {"POST": (404, 302)},
    "systems:call_copy": {"POST": (404, 302)},
    "systems:call_active": {"POST": (404, 302)},
    "systems:call_delete": {"GET": EDITS, "POST": EDITS},
    "flows:detail": {"GET": (200, 200), "POST": EDITS},
    "flows:share": {"GET": (200, 200), "POST": NO},
    "flows:steps": {"GET": (302, 200), "POST": NO},  # what is posted names no operation
    "flows:add_step": {"GET": EDITS},
    "flows:step": {"GET": EDITS, "POST": EDITS},
    "flows:input": {"GET": EDITS, "POST": EDITS},
    "flows:preview": {"POST": NO},  # the step is no `map`
    "flows:simulate": {"GET": EDITS, "POST": EDITS},
    "flows:simulation": {"GET": EDITS, "POST": EDITS},
    "flows:dismiss_drift": {"POST": (404, 302)},
    "flows:archive": {"GET": NO, "POST": NO},
    "flows:restore": {"POST": NO},
    "flows:delete": {"GET": NO, "POST": NO},
    "flows:publish": {"POST": (404, 302)},
    "flows:version": {"GET": (200, 200)},
    "flows:to_draft": {"POST": (404, 302)},
    "pipes:detail": {"GET": (200, 200)},
    "pipes:share": {"GET": (200, 200), "POST": NO},
    "pipes:edit": {"GET": EDITS, "POST": EDITS},
    "pipes:archive": {"GET": NO, "POST": NO},
    "pipes:restore": {"POST": NO},
    "pipes:delete": {"GET": NO, "POST": NO},
    "pipes:purge": {"POST": (404, 302)},
    "pipes:callbacks": {"GET": NO, "POST": NO},
    "pipes:callback_secret_remove": {"POST": NO},
    "pipes:openapi": {"GET": (200, 200)},
    "pipes:postman": {"GET": (200, 200)},
    "pipes:console": {"GET": EDITS},
    "pipes:trace": {"GET": (200, 200)},
    "runs:detail": {"GET": (200, 200)},
    "runs:cancel": {"POST": NO},
}
# These name nothing in their address, and show what is one's own or shared.
COMMON = {
    *("systems:list", "systems:create", "systems:oauth_callback", "flows:list", "flows:create"),
    *("pipes:list", "pipes:create", "pipes:openapi_of_all", "pipes:postman_of_all"),
    *("runs:list", "runs:csv", "runs:json_lines", "runs:compare", "runs:digest"),
}
QUERIES = {
    "flows:add_step": '?into=["steps"]&index=0',
    "flows:step": '?at=["steps",0]',
    "flows:preview": '?at=["steps",0]',
}


def patterns():
    """Each page's name and the names of what its address is made of."""
    for resolver in get_resolver().url_patterns:
        if getattr(resolver, "namespace", None) in OURS:
            for page in resolver.url_patterns:
                yield f"{resolver.namespace}:{page.name}", tuple(page.pattern.regex.groupindex)


ADDRESSES = dict(patterns())


@pytest.fixture
def scene(alice, bob):
    """All that addresses name, by the names that they have in them."""
    system = System.objects.create(
        owner=alice, slug="shop", name="Shop", base_url="https://shop.invalid", auth_type="none"
    )
    credential = Credential.objects.create(system=system, values={})
    call = ApiCall.objects.create(system=system, slug="get", name="Get")
    flow = Flow.objects.create(owner=alice, slug="orders", name="Orders", draft=DRAFT)
    flow.publish()
    pipe = Pipe.objects.create(owner=alice, name="Web shop", flow=flow)
    run = Run.objects.create(
        id=new_run_id(),
        owner=alice,
        pipe=pipe,
        key_public_id="AbCdEfGhIj",
        method="POST",
        status="success",
        started_at=datetime.now(UTC),
        ms=1.0,
        input={"query": {}, "headers": {}, "payload": None},
        answer=None,
        trace=[],
    )
    drift = Drift.objects.create(flow=flow, call=call, path='["a"]', run_id=run.pk)
    shown = {"outcome": None, "standing": None, "fault": "", "trace": []}
    setup = Setup(DRAFT).as_dict()
    simulation = Simulation.objects.create(
        owner=bob, flow=flow, setup=setup, progress={}, shown=shown
    )
    return {
        "shares": {"system": system, "flow": flow, "pipe": pipe},
        "systems": {"ref": "shop", "slug": "shop", "call_slug": "get", "pk": credential.pk},
        "flows": {"ref": "orders", "slug": "orders", "number": 1, "pk": simulation.pk},
        "flows:dismiss_drift": {"pk": drift.pk},
        "pipes": {"pipe_id": pipe.pk, "run_id": run.pk},
        "runs": {"pk": run.pk},
    }


def address(scene, name, owner=None):
    """As the owner knows it; with one, as others do, who cannot even write some of them."""
    known = scene[name.partition(":")[0]] | scene.get(name, {})
    url = reverse(name, kwargs={part: known[part] for part in ADDRESSES[name]})
    for slug in ("shop", "orders"):
        url = url.replace(f"s/{slug}/", f"s/{slug}@{owner.pk}/") if owner else url
    return url + QUERIES.get(name, "")


def give(scene, account, role):
    for kind, thing in scene["shares"].items():
        Share.objects.create(owner=thing.owner, account=account, role=role, **{kind: thing})


def test_it_knows_of_every_page_who_may_open_it():
    assert set(ADDRESSES) == {*PAGES, *COMMON}
    assert not [name for name in COMMON if ADDRESSES[name]]


@pytest.mark.parametrize("name", PAGES)
class TestPages:
    def test_it_is_not_there_for_strangers(self, name, scene, client, alice, bob):
        client.force_login(bob)
        for method in PAGES[name]:
            for url in (address(scene, name), address(scene, name, alice)):
                assert client.generic(method, url).status_code == 404, (method, url)

    @pytest.mark.parametrize("role", Role.values)
    def test_it_gives_a_role_what_is_its_own(self, name, role, scene, client, alice, bob):
        give(scene, bob, role)
        client.force_login(bob)
        given = {
            method: client.generic(
                method,
                address(scene, name, alice),
                content_type="application/x-www-form-urlencoded",
            ).status_code
            for method in PAGES[name]
        }
        place = Role.values.index(role)
        assert given == {method: row[place] for method, row in PAGES[name].items()}

    def test_it_takes_no_method_but_these(self, name, scene, client, alice):
        client.force_login(alice)
        for method in {"GET", "POST", "PUT", "DELETE"} - set(PAGES[name]):
            assert client.generic(method, address(scene, name)).status_code == 405, method


HREF = re.compile(rb'href="(/(?:systems|flows|pipes|runs)/[^"#]*)')


@pytest.mark.parametrize("role", Role.values)
def test_it_links_to_nothing_that_is_not_there(role, scene, client, alice, bob):
    give(scene, bob, role)
    client.force_login(bob)
    place = Role.values.index(role)
    looked_at = [name for name, row in PAGES.items() if row.get("GET", NO)[place] == 200]
    pages = [address(scene, name, alice) for name in looked_at] + [f"/{word}/" for word in OURS]
    found = {}
    for page in pages:
        for link in HREF.findall(client.get(page).content):
            url = unescape(link.decode())
            found.setdefault(url.partition("?")[0], (url, page))
    dead = [(url, page) for url, page in found.values() if client.get(url).status_code == 404]
    assert not dead
    assert len(found) > 15


@pytest.mark.parametrize(
    "name", [name for name, row in PAGES.items() if row.get("GET") == (200, 200)]
)
def test_it_gives_a_viewer_nothing_to_change(name, scene, client, alice, bob):
    give(scene, bob, Role.VIEWER)
    client.force_login(bob)
    text = client.get(address(scene, name, alice)).content.decode()
    # To sign out, and on the page of sharing, to leave.
    assert text.count('method="post"') == (2 if name.endswith(":share") else "<html" in text)
    assert "danger" not in text or name.endswith(":share")


@pytest.mark.parametrize("name", sorted(COMMON - {"systems:oauth_callback"}))
def test_it_shows_strangers_nothing_in_the_pages_of_everybody(name, scene, client, bob):
    client.force_login(bob)
    response = client.get(reverse(name), {"pipe": scene["pipes"]["pipe_id"]}, follow=True)
    body = b"".join(response) if response.streaming else response.content
    for text in ("Web shop", "shop.invalid", scene["runs"]["pk"], "alice@example.com"):
        assert text.encode() not in body
