"""Pages of what Alice owns and Bob has from her: lists, runs, editing in her name, not beyond."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apikeys.models import Key
from dynamic.models import ApiCall, Credential, Flow, Pipe, System
from dynamic.models.share import Role, Share
from dynamic.systems.drafts import fingerprint
from tests.dynamic.history import pipe_of, run_of, stored
from tests.page_text import text_of

CALLING = "version: 1\nsteps:\n  - call: ask\n    api: shop/get\n  - return: {body: 1}\n"
OTHER = "version: 1\nsteps:\n  - return: {body: 2}\n"


def share(thing, account, role=Role.VIEWER):
    kind = {thing._meta.model_name: thing}
    return Share.objects.create(owner=thing.owner, account=account, role=role, **kind)


@pytest.fixture
def as_bob(client, bob):
    client.force_login(bob)
    return client


@pytest.fixture
def shop(alice):
    shop = System.objects.create(
        owner=alice, slug="shop", name="Shop", base_url="https://shop.example.com"
    )
    Credential.objects.create(system=shop, values={})
    ApiCall.objects.create(system=shop, slug="get", name="Get", sample_response={"a": 1})
    return shop


@pytest.fixture
def flow(alice, shop):
    return Flow.objects.create(owner=alice, slug="orders", name="Orders", draft=CALLING)


@pytest.fixture
def edited(flow, alice, bob):
    """The address of Alice's flow, which Bob edits, beside one of his own of the same slug."""
    bob.flows.create(slug="orders", name="Bob’s orders", draft=OTHER)
    share(flow, bob, Role.EDITOR)
    return f"/flows/orders@{alice.pk}/"


class TestLists:
    @pytest.mark.parametrize("kind", ["systems", "flows", "pipes"])
    def test_it_tells_whose_a_thing_is_and_ones_role(self, kind, as_bob, alice, bob):
        pipe_of(bob, "Own")
        System.objects.create(owner=bob, slug="own", name="Own")
        for role in Role.values:
            name = f"Alice’s to {role}"
            pipe = pipe_of(alice, name)
            system = System.objects.create(owner=alice, slug=role, name=name)
            share({"systems": system, "flows": pipe.flow, "pipes": pipe}[kind], bob, role)
        System.objects.create(owner=alice, slug="hidden", name="Hidden")
        pipe_of(alice, "Hidden")
        text = text_of(as_bob.get(f"/{kind}/"))
        assert text.count("alice@example.com") == 2
        for role in Role.values:
            assert f"Alice’s to {role}" in text
            assert text.count(f'<span class="badge">{role}</span>') == 1
        assert "Hidden" not in text
        assert f"viewer@{alice.pk}/" in text or kind != "systems"

    @pytest.mark.parametrize("kind", ["systems", "flows", "pipes"])
    def test_it_asks_no_more_for_many(self, kind, as_bob, alice, bob, olga, shop):
        def more(owner, number):
            pipe = pipe_of(owner, f"Orders {number}", CALLING if owner == alice else OTHER)
            system = System.objects.create(owner=owner, slug=f"s{number}", name="S")
            share({"systems": system, "flows": pipe.flow, "pipes": pipe}[kind], bob)

        more(alice, 1)
        as_bob.get(f"/{kind}/")
        counts = []
        for numbers in (range(2, 3), range(3, 12)):
            for number in numbers:
                more(alice, number)
                more(olga, number)
            with CaptureQueriesContext(connection) as queries:
                assert as_bob.get(f"/{kind}/").status_code == 200
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 11

    def test_it_names_only_pipes_that_are_shared_too(self, as_bob, alice, bob):
        hidden = pipe_of(alice, "Flow of both")
        seen = Pipe.objects.create(owner=alice, name="Seen pipe", flow=hidden.flow)
        share(hidden.flow, bob)
        share(seen, bob)
        Pipe.objects.filter(owner=alice).update(pinned=hidden.flow.latest)
        Pipe.objects.filter(pk=hidden.pk).update(name="Hidden pipe")
        slug = f"{hidden.flow.slug}@{alice.pk}"
        for page in ("/flows/", f"/flows/{slug}/", f"/flows/{slug}/versions/1/"):
            text = text_of(as_bob.get(page))
            assert "Seen pipe" in text
            assert "Hidden pipe" not in text

    def test_it_shows_the_systems_of_the_pipes_own_owner(self, as_bob, alice, bob, flow):
        System.objects.create(owner=bob, slug="shop", name="Bob’s shop")
        flow.publish()
        pipe = alice.pipes.create(name="Web shop", flow=flow)
        share(pipe, bob)
        rows = as_bob.get("/pipes/").context["rows"]
        assert [system.name for system in rows[0]["systems"]] == ["Shop"]
        ApiCall.objects.create(system=bob.systems.get(), slug="get", name="Get")
        own = pipe_of(bob, "Another", CALLING)
        rows = as_bob.get("/pipes/").context["rows"]
        assert {row["pipe"]: [system.name for system in row["systems"]] for row in rows} == {
            own: ["Bob’s shop"],
            pipe: ["Shop"],
        }
        own.delete()
        for page in ("/pipes/", f"/pipes/{pipe.pk}/"):
            text = text_of(as_bob.get(page))
            assert "Shop" in text
            assert "Bob’s shop" not in text
        assert "/systems/shop" not in text
        assert "/flows/orders" not in text
        share(flow.owner.systems.get(), bob)
        share(flow, bob)
        text = text_of(as_bob.get(f"/pipes/{pipe.pk}/"))
        assert f'href="/systems/shop@{alice.pk}/"' in text
        assert f'href="/flows/orders@{alice.pk}/edit/"' in text


class TestRuns:
    @pytest.fixture
    def key(self, alice):
        return Key.objects.issue(alice, "Name of Alice’s key", "access_token", 1)[0]

    @pytest.fixture
    def shared(self, alice, bob):
        pipe = pipe_of(alice, "Shared")
        share(pipe, bob)
        return pipe

    @pytest.fixture
    def runs(self, alice, bob, shared, key):
        """Of the shared pipe, of another of Alice's, and of Bob's own."""
        hidden, own = pipe_of(alice, "Hidden"), pipe_of(bob, "Own")
        runs = [run_of(pipe, key_public_id=key.public_id) for pipe in (shared, hidden, own)]
        stored(*runs)
        return runs

    def test_it_lists_ones_own_and_a_shared_pipes_when_that_is_chosen(self, as_bob, runs, shared):
        ids = [run.pk for run in runs]
        text = text_of(as_bob.get("/runs/"))
        assert [pk in text for pk in ids] == [False, False, True]
        assert "Shared (alice@example.com)" in text
        assert "Hidden" not in text
        text = text_of(as_bob.get(f"/runs/?pipe={shared.pk}"))
        assert [pk in text for pk in ids] == [True, False, False]

    def test_it_can_be_chosen_where_one_has_no_runs(self, as_bob, shared):
        assert "Shared (alice@example.com)" in text_of(as_bob.get("/runs/"))

    @pytest.mark.parametrize("ending", ["csv", "jsonl"])
    def test_it_exports_what_the_list_shows(self, ending, as_bob, runs, shared):
        ids = [run.pk for run in runs]
        for query, there in (
            ("", [False, False, True]),
            ("?pipe=" + shared.pk, [True] + [False] * 2),
        ):
            text = text_of(as_bob.get(f"/runs/export.{ending}{query}"))
            assert [pk in text for pk in ids] == there

    def test_it_does_not_filter_by_a_pipe_that_is_not_shared(self, as_bob, runs):
        url = f"/runs/?pipe={runs[1].pipe_id}"
        text = text_of(as_bob.get(url))
        assert "Nothing is shown" in text
        assert runs[1].pk not in text

    def test_it_shows_a_run_without_the_name_of_the_owners_key(self, as_bob, runs, key, shared):
        text = text_of(as_bob.get(f"/runs/{runs[0].pk}/"))
        assert key.public_id in text
        for page in (f"/runs/{runs[0].pk}/", f"/runs/?pipe={shared.pk}", f"/pipes/{shared.pk}/"):
            assert key.name not in text_of(as_bob.get(page))
        assert as_bob.get(f"/runs/{runs[1].pk}/").status_code == 404

    def test_it_compares_with_no_run_that_is_not_shared(self, as_bob, runs):
        shared, hidden, own = (run.pk for run in runs)
        assert "Two runs" in text_of(as_bob.get(f"/runs/compare/?a={own}&b={shared}"))
        response = as_bob.get(f"/runs/compare/?a={shared}&b={hidden}", follow=True)
        assert "There is no other run of that id" in text_of(response)
        assert as_bob.get(f"/runs/compare/?a={hidden}&b={shared}").status_code == 404

    def test_it_replays_only_where_the_flow_may_be_edited(self, as_bob, bob, runs, shared):
        page = f"/runs/{runs[0].pk}/"
        assert "Replay" not in text_of(as_bob.get(page))
        given = share(shared.flow, bob)
        assert "Replay" not in text_of(as_bob.get(page))
        given.role = Role.EDITOR
        given.save()
        text = text_of(as_bob.get(page))
        assert f"/flows/shared@{shared.owner_id}/simulate/?run={runs[0].pk}" in text


class TestFlows:
    def test_it_checks_and_publishes_by_the_owners_systems(self, as_bob, flow, edited):
        assert "It can run" in text_of(as_bob.get(f"{edited}edit/"))
        changed = f"# By Bob.\n{CALLING}"
        checked = as_bob.post(edited, {"name": "Orders", "draft": changed, "check": "on"})
        assert "It can run. This is not saved yet." in text_of(checked)
        data = {"name": "Orders", "draft": changed, "based_on": fingerprint(flow)}
        assert "The draft is saved." in text_of(as_bob.post(edited, data, follow=True))
        flow.refresh_from_db()
        data = {"note": "Bob’s", "based_on": fingerprint(flow)}
        response = as_bob.post(f"{edited}publish/", data, follow=True)
        assert "Version 1 is published." in text_of(response)
        assert (flow.latest.source, flow.latest.note) == (changed, "Bob’s")
        assert as_bob.get("/flows/orders/").context["flow"].draft == OTHER

    def test_it_edits_step_by_step_and_stays_there(self, as_bob, flow, edited):
        data = {"do": json.dumps(["copy", ["steps", 1]]), "based_on": fingerprint(flow)}
        response = as_bob.post(f"{edited}edit/", data)
        assert response.url.startswith(f"{edited}edit/#")
        flow.refresh_from_db()
        assert flow.draft.count("return") == 2
        response = as_bob.post(f"{edited}edit/", {"do": '["undo"]'}, follow=True)
        assert "The last change is undone." in text_of(response)
        flow.refresh_from_db()
        assert flow.draft == CALLING

    def test_it_offers_the_owners_calls(self, as_bob, edited):
        text = text_of(as_bob.get(f'{edited}edit/add/?into=["steps"]&index=0&kind=call'))
        assert "shop/get" in text

    def test_it_warns_of_another_who_changed_it(self, as_bob, flow, edited):
        data = {"name": "Orders", "draft": OTHER, "based_on": fingerprint(flow)}
        Flow.objects.filter(pk=flow.pk).update(draft=f"# By Alice.\n{CALLING}")
        assert "# By Alice." in text_of(as_bob.post(edited, data))

    def test_it_shows_a_viewer_the_source(self, as_bob, flow, alice, bob):
        share(flow, bob)
        page = f"/flows/orders@{alice.pk}/"
        response = as_bob.get(f"{page}edit/")
        assert response.url == page
        text = text_of(as_bob.get(page))
        assert "api: shop/get" in text
        assert "<textarea" not in text


class TestSimulating:
    def test_it_is_each_ones_own(self, as_bob, client, flow, edited, alice):
        client.force_login(alice)
        data = {"payload": '{"of": "Alice’s only"}', "calls": "mocks", "method": "POST"}
        data |= {"query": "", "headers": "", "mock-0-kind": "sample", "mock-0-status": "200"}
        made = client.post("/flows/orders/simulate/", data)
        number = made.url.rstrip("/").rpartition("/")[2]
        assert client.get(made.url).status_code == 200
        client.force_login(flow.shares.get().account)
        assert client.get(f"{edited}simulate/{number}/").status_code == 404
        for query in ("", f"?from={number}"):
            assert "Alice’s only" not in text_of(client.get(f"{edited}simulate/{query}"))
        made = client.post(f"{edited}simulate/", data | {"payload": "1", "end": "on"})
        assert made.url.startswith(f"{edited}simulate/")
        # Of the owner's API call, with its sample.
        outcome = client.get(made.url).context["simulation"].shown["outcome"]
        assert (outcome["status"], outcome["body"]) == ("success", 1)

    def test_it_offers_no_runs_of_pipes_that_are_not_shared(self, as_bob, flow, edited, alice, bob):
        flow.publish()
        hidden = alice.pipes.create(name="Hidden", flow=flow)
        seen = alice.pipes.create(name="Seen", flow=flow)
        share(seen, bob)
        there, not_there = run_of(seen), run_of(hidden)
        stored(there, not_there)
        for query in ("", f"?run={not_there.pk}"):
            text = text_of(as_bob.get(f"{edited}simulate/{query}"))
            assert there.pk in text
            assert not_there.pk not in text
        assert as_bob.get(f"{edited}edit/input/").context["runs"] == 1


class TestSystems:
    @pytest.fixture
    def page(self, shop, bob):
        share(shop, bob, Role.EDITOR)
        return f"/systems/shop@{shop.owner_id}/"

    def edit(self, client, page, **changes):
        data = {"name": "Shop", "slug": "shop", "connect_timeout": 30, "read_timeout": 240}
        data |= {"most_at_once": 0, "token_failures": "401", "health_minutes": 0} | changes
        return client.post(f"{page}edit/", data, follow=True)

    def test_it_is_changed_but_for_where_it_is(self, as_bob, page, shop):
        text = text_of(as_bob.get(f"{page}edit/"))
        assert "changed by alice@example.com alone" in text
        assert 'name="base_url"' not in text
        elsewhere = {"base_url": "https://elsewhere.example.com", "where": "own"}
        text = text_of(self.edit(as_bob, page, name="Renamed", **elsewhere))
        assert "“Renamed” is saved" in text
        shop.refresh_from_db()
        assert (shop.name, shop.base_url) == ("Renamed", "https://shop.example.com")

    def test_it_keeps_the_slug_by_which_the_owners_flows_call_it(self, as_bob, page, shop):
        assert 'name="slug"' not in text_of(as_bob.get(f"{page}edit/"))
        assert "is saved" in text_of(self.edit(as_bob, page, slug="other"))
        shop.refresh_from_db()
        assert shop.slug == "shop"

    def test_it_deletes_no_call_of_flows_that_are_not_shared(self, as_bob, page, flow):
        text = text_of(as_bob.post(f"{page}calls/get/delete/"))
        assert "cannot be deleted" in text
        assert "1 of its owner’s, not shared with you" in text
        assert "Orders" not in text

    def test_it_shows_a_viewer_a_call_as_it_is(self, as_bob, shop, bob):
        share(shop, bob)
        text = text_of(as_bob.get(f"/systems/shop@{shop.owner_id}/calls/get/"))
        assert "shop/get" in text
        assert '{\n  "a": 1\n}' in text


class TestPipes:
    def test_it_offers_an_editor_no_flow_that_is_not_shared(self, as_bob, alice, bob):
        pipe = pipe_of(alice, "Web shop")
        hidden, seen = pipe_of(alice, "Hidden").flow, pipe_of(alice, "Seen").flow
        own = pipe_of(bob, "Own").flow
        share(pipe, bob, Role.EDITOR)
        share(seen, bob)
        form = as_bob.get(f"/pipes/{pipe.pk}/edit/").context["form"]
        assert set(form.fields["flow"].queryset) == {pipe.flow, seen}
        data = {bound.name: bound.value() for bound in form if bound.value() is not None}
        data |= {"version": "", "redact_names": "", "cache_headers": "", "alert_addresses": ""}
        for refused in (hidden, own):
            text = text_of(as_bob.post(f"/pipes/{pipe.pk}/edit/", data | {"flow": refused.pk}))
            assert "Choose one of these." in text
        response = as_bob.post(f"/pipes/{pipe.pk}/edit/", data | {"flow": seen.pk}, follow=True)
        assert "“Web shop” is saved." in text_of(response)
        pipe.refresh_from_db()
        assert (pipe.flow, pipe.owner) == (seen, alice)

    def test_it_has_a_name_of_its_own_among_the_owners(self, as_bob, alice, bob):
        pipe = pipe_of(alice, "Web shop")
        pipe_of(alice, "Taken")
        pipe_of(bob, "Free")
        share(pipe, bob, Role.EDITOR)
        form = as_bob.get(f"/pipes/{pipe.pk}/edit/").context["form"]
        data = {bound.name: bound.value() for bound in form if bound.value() is not None}
        data |= {"version": "", "redact_names": "", "cache_headers": "", "alert_addresses": ""}
        url = f"/pipes/{pipe.pk}/edit/"
        assert "Another pipe of the owner’s has this name." in text_of(
            as_bob.post(url, data | {"name": "Taken"})
        )
        assert as_bob.post(url, data | {"name": "Free"}).status_code == 302
