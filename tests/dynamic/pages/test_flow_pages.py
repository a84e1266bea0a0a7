"""The pages of flows, as Alice uses them."""

import json

import pytest
from django.core.exceptions import ValidationError

from dynamic.flow.document import MAX_BYTES
from dynamic.models import Flow, Pipe
from dynamic.pages.flow_forms import STARTER
from dynamic.pages.flow_versions import MOST_COMPARED, difference
from dynamic.pages.flows import PER_PAGE
from dynamic.systems.drafts import fingerprint
from tests.page_text import text_of

LIST, NEW = "/flows/", "/flows/new/"
SOUND = "# Keeps its comments.\nversion: 1\nsteps:\n  - return: {body: 1}\n"
OTHER = "version: 1\nsteps:\n  - return: {body: 2}\n"
BROKEN = "version: 1\nsteps:\n  - return: {body: 1}\n  - nonsense: 1\n  - call: x\n    api: a/b\n"
CANARY = "flow-credential-canary-3c0d"


@pytest.fixture
def flow(alice):
    return make(alice)


def make(owner, slug="orders", draft=SOUND, **fields):
    return Flow.objects.create(owner=owner, slug=slug, draft=draft, name=slug.title(), **fields)


def pipe_for(flow, name="Web shop", pinned=None):
    return Pipe.objects.create(owner=flow.owner, name=name, flow=flow, pinned=pinned)


def url(flow, *parts):
    return "".join(f"{part}/" for part in (f"/flows/{flow.slug}", *parts))


def save(client, flow, draft, **changes):
    """As the page that shows the flow as it is now."""
    data = {"name": flow.name, "draft": draft, "based_on": fingerprint(flow)} | changes
    return client.post(url(flow), data, follow=True)


def publish(client, flow, **changes):
    data = {"note": "", "based_on": fingerprint(flow)} | changes
    return client.post(url(flow, "publish"), data, follow=True)


class TestList:
    def test_it_asks_strangers_to_sign_in(self, client):
        assert client.get(LIST).url.startswith("/account/sign-in/")

    def test_it_says_what_a_flow_is_where_there_is_none(self, signed_in):
        text = text_of(signed_in.get(LIST))
        assert "A flow takes what a caller sends" in text
        assert NEW in text

    def test_it_shows_ones_own_with_their_state_and_pipes(self, signed_in, alice, bob):
        for slug in ("same", "differs"):
            make(alice, slug).publish()
        Flow.objects.filter(slug="differs").update(draft=OTHER)
        make(alice, "never")
        make(bob, "foreign").publish()
        pipe_for(alice.flows.get(slug="same"), "Web shop")
        text = text_of(signed_in.get(LIST))
        assert text.count("v1 published") == 2
        assert text.count("draft differs") == 1
        assert text.count("not published") == 1
        assert "Web shop" in text
        assert "foreign" not in text

    def test_it_finds_by_name_and_slug(self, signed_in, alice):
        make(alice, "orders")
        make(alice, "stock")
        text = text_of(signed_in.get(LIST, {"q": "ORD"}))
        assert "/flows/orders/" in text
        assert "/flows/stock/" not in text
        assert "No flow has “x”" in text_of(signed_in.get(LIST, {"q": "x"}))

    def test_it_comes_in_pages(self, signed_in, alice, django_assert_max_num_queries):
        for number in range(PER_PAGE + 1):
            make(alice, f"flow-{number:03}")
        with django_assert_max_num_queries(8):
            text = text_of(signed_in.get(LIST))
        assert "Page 1 of 2" in text
        assert f"/flows/flow-{PER_PAGE:03}/" not in text
        assert f"/flows/flow-{PER_PAGE:03}/" in text_of(signed_in.get(LIST, {"page": 2}))


class TestNew:
    def test_it_begins_with_a_document_that_runs(self, signed_in, alice):
        assert "hello:" in text_of(signed_in.get(NEW))
        Flow(owner=alice, slug="s", name="S", draft=STARTER).full_clean()

    def test_it_makes_a_slug_of_the_name(self, signed_in, alice):
        for slug in ("order-with-stock", "order-with-stock-2"):
            response = signed_in.post(NEW, {"name": "Order with stock", "draft": SOUND})
            assert response.url == f"/flows/{slug}/edit/"
        assert alice.flows.first().draft == SOUND

    def test_it_takes_no_word_of_our_urls(self, signed_in, alice):
        said = "“new” is a word of our own URLs"
        assert said in text_of(signed_in.post(NEW, {"name": "A", "slug": "new", "draft": SOUND}))
        assert signed_in.post(NEW, {"name": "New", "draft": SOUND}).url == "/flows/new-2/edit/"
        with pytest.raises(ValidationError, match="a word of our own URLs"):
            Flow(owner=alice, slug="new", name="A", draft=SOUND).full_clean()

    def test_it_refuses_a_slug_that_is_taken_and_keeps_what_was_typed(self, signed_in, flow):
        data = {"name": "A", "slug": "orders", "draft": "# typed\n"}
        text = text_of(signed_in.post(NEW, data))
        assert "Your flow “Orders” has this slug." in text
        assert "# typed" in text
        assert 'data-guard="unsaved"' in text

    def test_it_asks_for_a_slug_where_the_name_gives_none(self, signed_in):
        text = text_of(signed_in.post(NEW, {"name": "注文", "draft": SOUND}))
        assert "Write one: letters a to z" in text

    def test_it_lets_two_owners_have_the_same_slug(self, signed_in, bob):
        make(bob, "orders")
        assert signed_in.post(NEW, {"name": "Orders", "draft": SOUND}).url == "/flows/orders/edit/"


class TestDraft:
    def test_it_keeps_the_document_as_typed(self, signed_in, flow):
        typed = "\n# One\r\nversion: 1   # two\r\nsteps:\r\n  - return: {body: 'é'}\r\n\r\n"
        assert "The draft is saved." in text_of(save(signed_in, flow, typed, name="Renamed"))
        flow.refresh_from_db()
        assert flow.draft == typed.replace("\r\n", "\n")
        assert flow.name == "Renamed"

    def test_it_keeps_a_draft_that_cannot_run_and_tells_every_problem(self, signed_in, flow):
        text = text_of(save(signed_in, flow, BROKEN))
        flow.refresh_from_db()
        assert flow.draft == BROKEN
        assert "4 problems" in text
        for line, path in ((4, "steps[1]"), (6, "steps[2].api")):
            assert f'href="#id_draft" data-line="{line}"' in text
            assert path in text
        assert "cannot be published" in text

    def test_it_checks_without_saving(self, signed_in, flow):
        text = text_of(save(signed_in, flow, BROKEN, check="on"))
        assert "This is not saved." in text
        assert "- nonsense: 1" in text
        assert 'data-guard="unsaved"' in text
        assert "It can run." in text_of(save(signed_in, flow, OTHER, check="on"))
        flow.refresh_from_db()
        assert flow.draft == SOUND

    @pytest.mark.parametrize(
        ("draft", "said"),
        [("", "Write the flow’s document."), ("x" * (MAX_BYTES + 1), "characters")],
    )
    def test_it_refuses_what_is_no_document(self, signed_in, flow, draft, said):
        assert said in text_of(save(signed_in, flow, draft))
        flow.refresh_from_db()
        assert flow.draft == SOUND

    def test_it_shows_both_where_another_saved_meanwhile(self, signed_in, flow):
        before = fingerprint(flow)
        save(signed_in, flow, "# theirs\n")
        response = save(signed_in, flow, "# mine\n", based_on=before)
        text = text_of(response)
        assert "this flow was changed while you were writing" in text
        assert "# theirs" in text
        assert "# mine" in text
        flow.refresh_from_db()
        assert flow.draft == "# theirs\n"
        based_on = response.context["form"]["based_on"].value()
        save(signed_in, flow, "# mine\n", based_on=based_on)
        flow.refresh_from_db()
        assert flow.draft == "# mine\n"

    def test_it_does_not_ask_where_both_typed_the_same(self, signed_in, flow):
        before = fingerprint(flow)
        save(signed_in, flow, OTHER)
        assert "The draft is saved." in text_of(save(signed_in, flow, OTHER, based_on=before))

    def test_it_shows_markup_as_text(self, signed_in, flow):
        save(signed_in, flow, "</textarea><script>alert(1)</script>\n")
        assert "<script>alert" not in signed_in.get(url(flow)).text


class TestPublishing:
    def test_it_publishes_with_a_note_and_shows_the_history(self, signed_in, flow):
        text = text_of(publish(signed_in, flow, note="The first one"))
        assert "Version 1 is published." in text
        assert "The first one" in text
        assert "there is nothing new to publish" in text
        pipe_for(flow, "Pinning", pinned=flow.latest)
        assert text_of(signed_in.get(url(flow))).count("Pinning") == 2  # with those that run it
        assert "Version 1 is this draft already." in text_of(publish(signed_in, flow))

    def test_it_publishes_no_draft_that_cannot_run(self, signed_in, flow):
        save(signed_in, flow, BROKEN)
        flow.refresh_from_db()
        assert "Nothing is published: the draft cannot run." in text_of(publish(signed_in, flow))
        assert flow.latest is None

    def test_it_publishes_no_draft_that_was_not_seen(self, signed_in, flow):
        before = fingerprint(flow)
        save(signed_in, flow, OTHER)
        text = text_of(publish(signed_in, flow, based_on=before))
        assert "changed since that page was shown" in text
        assert flow.latest is None

    def test_it_refuses_a_note_that_is_too_long(self, signed_in, flow):
        assert "at most" in text_of(publish(signed_in, flow, note="x" * 201))
        assert flow.latest is None


class TestVersions:
    @pytest.fixture
    def two(self, flow):
        flow.publish("first")
        flow.draft = OTHER
        flow.save()
        flow.publish("second")
        return flow

    def test_it_shows_what_changed(self, signed_in, two):
        page = signed_in.get(url(two, "versions", 2))
        text = text_of(page)
        assert "Changes since version 1" in text
        assert "<del>− # Keeps its comments.</del>" in text
        assert "<ins>+   - return: {body: 2}</ins>" in text
        assert "The draft is this version." in text
        assert "Make this the draft" not in text

    def test_it_makes_an_old_version_the_draft_and_publishes_nothing(self, signed_in, two):
        page = signed_in.get(url(two, "versions", 1))
        assert "is lost" not in text_of(page)  # version 2 has it
        data = {"based_on": page.context["based_on"]}
        text = text_of(signed_in.post(url(two, "versions", 1, "draft"), data, follow=True))
        assert "Version 1 is the draft now." in text
        two.refresh_from_db()
        assert two.draft == SOUND
        assert two.latest.number == 2

    def test_it_says_what_draft_would_be_lost(self, signed_in, two):
        save(signed_in, two, "# only here\n")
        assert "is in no version, and is lost" in text_of(signed_in.get(url(two, "versions", 1)))

    def test_it_replaces_no_draft_that_was_not_seen(self, signed_in, two):
        before = fingerprint(two)
        save(signed_in, two, "# new\n")
        answer = signed_in.post(url(two, "versions", 1, "draft"), {"based_on": before}, follow=True)
        assert "changed since that page was shown" in text_of(answer)
        two.refresh_from_db()
        assert two.draft == "# new\n"

    @pytest.mark.parametrize("number", [3, 0, 10**30])
    def test_it_knows_no_other_numbers(self, signed_in, two, number):
        assert signed_in.get(url(two, "versions", number)).status_code == 404

    def test_it_tells_even_of_a_last_line_without_an_end(self):
        assert ("-", "") in difference("a\n", "a")

    def test_it_compares_no_more_than_it_can(self):
        assert difference("a\n" * MOST_COMPARED, "b\n") is None


class TestDeleting:
    def test_it_asks_and_then_deletes(self, signed_in, flow, alice):
        flow.publish()
        assert "cannot be undone" in text_of(signed_in.get(url(flow, "delete")))
        assert alice.flows.exists()
        assert "is deleted" in text_of(signed_in.post(url(flow, "delete"), follow=True))
        assert not alice.flows.exists()

    def test_it_refuses_while_a_pipe_runs_it(self, signed_in, flow, alice):
        pipe_for(flow, "Web shop")
        for answer in (signed_in.get(url(flow, "delete")), signed_in.post(url(flow, "delete"))):
            assert "cannot be deleted" in text_of(answer)
            assert "Web shop</a>" in text_of(answer)
        assert alice.flows.exists()

    def test_it_refuses_while_another_flow_runs_it(self, signed_in, flow, alice, bob):
        flow.publish()
        running = "version: 1\nsteps:\n  - run: it\n    flow: orders\n"
        make(alice, "outer", running)
        make(alice, "unfinished", BROKEN)
        make(bob, "foreign", running)
        text = text_of(signed_in.post(url(flow, "delete")))
        assert "/flows/outer/" in text
        assert "foreign" not in text
        assert flow.versions.exists()


@pytest.mark.parametrize(
    ("method", "parts"),
    [
        ("get", []),
        ("post", []),
        ("get", ["simulate"]),
        ("post", ["simulate"]),
        ("get", ["delete"]),
        ("post", ["delete"]),
        ("post", ["publish"]),
        ("get", ["versions", 1]),
        ("post", ["versions", 1, "draft"]),
    ],
)
def test_it_is_not_there_for_bob(client, flow, bob, method, parts):
    flow.publish()
    client.force_login(bob)
    data = {"name": "Bob’s", "draft": "", "based_on": fingerprint(flow), "payload": json.dumps({})}
    assert getattr(client, method)(url(flow, *parts), data).status_code == 404
    flow.refresh_from_db()
    assert (flow.name, flow.draft, flow.latest.number) == ("Orders", SOUND, 1)


@pytest.mark.parametrize("parts", [["publish"], ["versions", 1, "draft"]])
def test_it_changes_nothing_by_a_link(signed_in, flow, parts):
    flow.publish()
    assert signed_in.get(url(flow, *parts)).status_code == 405
