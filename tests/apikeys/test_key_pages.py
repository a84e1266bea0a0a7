"""One key's pages, as Alice uses them: limits, change, replace, narrow, revoke, why denied."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from apikeys import denials, reasons
from apikeys.models import Key, KeyUse, Policy
from tests.apikeys.test_pages import EVERYTHING, LIST, errors_of, make, secret_in
from tests.conftest import PASSWORD

DOCUMENT = "version: 1\nsteps:\n  - return: {body: 1}\n"


@pytest.fixture
def key(alice):
    return Key.objects.issue(alice, "ERP", "access_token", 30)[0]


def pipe_of(owner, name):
    flow, _ = owner.flows.get_or_create(slug="flow", name="Flow", draft=DOCUMENT)
    return owner.pipes.create(name=name, flow=flow)


def page(name, key):
    return reverse(f"apikeys:{name}", args=[key.public_id])


def use(key, **fields):
    now = timezone.now()
    values = {"last_used_at": now, "place": "header", "address": "203.0.113.7", "count": 240}
    return KeyUse.objects.create(key=key, **(values | fields))


class TestLimits:
    def test_it_makes_a_key_with_limits(self, signed_in, alice):
        pipe = pipe_of(alice, "Stock")
        limits = {
            "which_pipes": "some",
            "pipes": [pipe.pk],
            "can_write": "",
            "networks": "10.0.0.0/8\n2001:db8::/32 192.0.2.1",
            "query_allowed": "",
            "calls_per_minute": "60",
        }
        secret_in(make(signed_in, **limits))
        key = alice.keys.get()
        assert key.pipes == [pipe.pk]
        assert (key.can_read, key.can_write, key.query_allowed) == (True, False, False)
        assert key.networks == ["10.0.0.0/8", "2001:db8::/32", "192.0.2.1/32"]
        assert key.calls_per_minute == 60

    def test_it_grants_everything_where_nothing_is_limited(self, signed_in, alice):
        make(signed_in)
        key = alice.keys.get()
        assert (key.pipes, key.networks, key.calls_per_minute) == (None, None, None)

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"which_pipes": "some"}, "pipes"),
            ({"which_pipes": "some", "pipes": ["0" * 24]}, "pipes"),
            ({"which_pipes": ""}, "which_pipes"),
            ({"can_read": "", "can_write": ""}, "can_write"),
            ({"networks": "10.0.0.1/8"}, "networks"),
            ({"networks": "everywhere"}, "networks"),
            ({"calls_per_minute": "0"}, "calls_per_minute"),
        ],
    )
    def test_it_says_which_limit_is_wrong(self, signed_in, alice, change, field):
        response = make(signed_in, **change)
        assert errors_of(response) == {field}
        assert '<details class="more" open>' in response.content.decode()
        assert not alice.keys.exists()

    def test_it_offers_no_archived_pipe_and_keeps_it_granted(self, signed_in, alice):
        shop, gone = pipe_of(alice, "Web shop"), pipe_of(alice, "Old shop")
        alice.pipes.filter(pk=gone.pk).update(archived_at=timezone.now())
        response = make(signed_in, which_pipes="some", pipes=[shop.pk, gone.pk])
        assert errors_of(response) == {"pipes"}
        assert f'value="{gone.pk}"' not in response.content.decode()
        key, _ = Key.objects.issue(alice, "ERP", "access_token", 30, pipes=[gone.pk])
        shown = signed_in.get(page("change", key)).content.decode()
        assert "Old shop (archived)" in shown
        granted = {"which_pipes": "some", "pipes": [shop.pk, gone.pk]}
        form = {"name": "ERP", "password": PASSWORD} | EVERYTHING | granted
        signed_in.post(page("change", key), form)
        key.refresh_from_db()
        assert set(key.pipes) == {shop.pk, gone.pk}

    def test_it_grants_nobody_elses_pipe(self, signed_in, bob):
        foreign = pipe_of(bob, "Not hers")
        response = make(signed_in, which_pipes="some", pipes=[foreign.pk])
        assert errors_of(response) == {"pipes"}
        assert "Not hers" not in response.content.decode()


class TestPolicy:
    def test_it_makes_no_key_beyond_the_policys_lifetime(self, signed_in, alice):
        Policy.objects.create(pk=1, longest_days=60, never_allowed=False)
        assert errors_of(make(signed_in, days="61")) == {"days"}
        assert errors_of(make(signed_in, days="0")) == {"days"}
        secret_in(make(signed_in, days="60"))

    def test_it_makes_no_more_keys_than_the_policy_allows(self, signed_in, alice):
        Policy.objects.create(pk=1, most_keys=1)
        secret_in(make(signed_in))
        assert "revoke one first" in make(signed_in).content.decode()
        assert alice.keys.count() == 1


class TestDetail:
    def test_it_tells_of_use_and_events(self, signed_in, key):
        use(
            key,
            addresses=[
                {"address": "203.0.113.7", "place": "header", "at": "2026-05-03T10:11:00+00:00"}
            ],
        )
        denials.write(
            [denials.Denial(key.public_id, "network", "a" * 32, "198.51.100.9", "", timezone.now())]
        )
        text = signed_in.get(page("detail", key)).content.decode()
        for part in ("240 calls", "203.0.113.7", "denied: network", "198.51.100.9", "made"):
            assert part in text

    @pytest.mark.parametrize("name", ["detail", "change", "rotate", "revoke", "narrow"])
    def test_it_is_unknown_to_others(self, signed_in, bob, name):
        foreign, _ = Key.objects.issue(bob, "Bob's", "access_token", 1)
        assert signed_in.post(page(name, foreign), {}).status_code in {404, 405}
        if name != "narrow":
            assert signed_in.get(page(name, foreign)).status_code == 404
        foreign.refresh_from_db()
        assert foreign.state == "live"


class TestChange:
    def change(self, client, key, **changes):
        form = {"name": "ERP", "password": PASSWORD} | EVERYTHING | changes
        return client.post(page("change", key), form)

    def test_it_changes_name_and_limits(self, signed_in, key):
        response = self.change(signed_in, key, name="New", networks="10.0.0.0/8", can_write="")
        assert response.url == page("detail", key)
        key.refresh_from_db()
        assert (key.name, key.networks, key.can_write) == ("New", ["10.0.0.0/8"], False)
        assert key.events.get(kind="changed").detail == {
            "name": ["ERP", "New"],
            "networks": [None, ["10.0.0.0/8"]],
            "can_write": [True, False],
        }

    def test_it_wants_the_password(self, signed_in, key):
        response = self.change(signed_in, key, name="New", password="wrong")
        assert errors_of(response) == {"password"}
        key.refresh_from_db()
        assert key.name == "ERP"

    def test_it_shows_what_there_is(self, signed_in, alice, key):
        pipe = pipe_of(alice, "Stock")
        Key.objects.update(networks=["10.0.0.0/8"], pipes=[pipe.pk], can_write=False)
        text = signed_in.get(page("change", key)).content.decode()
        assert "10.0.0.0/8" in text
        assert text.count("checked") == 4  # only these; Stock; read; query

    def test_it_never_widens_a_key_that_may_call_from_nowhere(self, signed_in, key):
        Key.objects.update(networks=[])
        self.change(signed_in, key, networks="")
        key.refresh_from_db()
        assert key.networks == []


class TestRotate:
    def rotate(self, client, key, **changes):
        form = {"grace_hours": "24", "days": "30", "password": PASSWORD} | changes
        return client.post(page("rotate", key), form)

    def test_it_shows_a_new_secret_and_keeps_the_old_one_for_the_grace(self, signed_in, alice, key):
        text = secret_in(self.rotate(signed_in, key))
        successor = alice.keys.get(predecessor=key)
        assert successor.public_id in text
        key.refresh_from_db()
        assert key.state == "replaced"
        assert timedelta(hours=23) < key.grace_ends_at - timezone.now() <= timedelta(hours=24)
        assert [event.kind for event in successor.events.all()] == ["created", "shown"]

    @pytest.mark.parametrize("grace", ["0", "24"])
    def test_it_makes_no_third_key_when_it_is_sent_again(self, signed_in, alice, key, grace):
        self.rotate(signed_in, key, grace_hours=grace)
        again = self.rotate(signed_in, key, grace_hours=grace)
        assert again.url == page("detail", key)
        assert alice.keys.count() == 2
        assert "has been replaced already" in signed_in.get(again.url).content.decode()

    @pytest.mark.parametrize(
        "change", [{"grace_hours": "169"}, {"days": "x"}, {"password": "wrong"}]
    )
    def test_it_changes_nothing_for_a_form_that_is_wrong(self, signed_in, alice, key, change):
        assert self.rotate(signed_in, key, **change).status_code == 200
        assert alice.keys.count() == 1

    def test_it_refuses_while_the_key_before_still_works(self, signed_in, alice, key):
        self.rotate(signed_in, key)
        second = alice.keys.get(predecessor=key)
        response = self.rotate(signed_in, second)
        assert "still works: revoke it" in response.content.decode()
        key.revoke(alice)
        secret_in(self.rotate(signed_in, second))

    def test_it_tells_whether_the_old_one_is_still_used(self, signed_in, alice, key):
        key.rotate(alice, grace_hours=24)
        text = signed_in.get(LIST).content.decode()
        assert "Never used: safe to revoke" in text
        row = use(key)
        assert "Still used" in signed_in.get(LIST).content.decode()
        KeyUse.objects.filter(pk=row.pk).update(last_used_at=timezone.now() - timedelta(days=1))
        assert "Not used since it was replaced" in signed_in.get(LIST).content.decode()


class TestNarrow:
    def test_it_offers_and_drops_what_was_never_used(self, signed_in, alice, key):
        called, idle = pipe_of(alice, "Called"), pipe_of(alice, "Idle")
        use(key, pipes={called.pk: "2026-05-03"}, read_at=timezone.now())
        text = signed_in.get(page("detail", key)).content.decode()
        assert "never\n" in text
        assert "“Idle”" in text
        signed_in.post(page("narrow", key))
        key.refresh_from_db()
        assert (key.pipes, key.can_read, key.can_write) == ([called.pk], True, False)
        assert idle.pk not in key.pipes
        assert "Narrow this key" not in signed_in.get(page("detail", key)).content.decode()

    def test_it_offers_nothing_for_a_key_never_used(self, signed_in, alice, key):
        pipe_of(alice, "Idle")
        assert "Narrow this key" not in signed_in.get(page("detail", key)).content.decode()


class TestRevokeSeveral:
    URL = "/account/api-keys/revoke/"

    def test_it_asks_first_and_then_ends_the_ticked_ones(self, signed_in, alice):
        one, two, three = (
            Key.objects.issue(alice, name, "access_token", 1)[0] for name in ("One", "Two", "Three")
        )
        ticked = {"key": [one.public_id, two.public_id]}
        text = signed_in.get(self.URL, ticked).content.decode()
        assert "Revoke 2 keys?" in text
        assert "Three" not in text
        signed_in.post(self.URL, ticked)
        assert [key.state for key in alice.keys.order_by("pk")] == ["revoked", "revoked", "live"]
        assert one.events.get(kind="revoked").actor == alice
        assert three.events.filter(kind="revoked").count() == 0

    def test_it_ends_all_of_ones_own(self, signed_in, alice, bob):
        for owner in (alice, alice, bob):
            Key.objects.issue(owner, "K", "access_token", 0)
        signed_in.post(self.URL, {"all": ""})
        assert {key.state for key in alice.keys.all()} == {"revoked"}
        assert bob.keys.get().state == "live"

    def test_it_ends_nobody_elses(self, signed_in, bob):
        foreign, _ = Key.objects.issue(bob, "Bob's", "access_token", 1)
        signed_in.post(self.URL, {"key": [foreign.public_id]})
        assert bob.keys.get().state == "live"

    def test_it_says_when_none_is_ticked(self, signed_in, key):
        assert "Tick the keys" in signed_in.get(self.URL, follow=True).content.decode()


class TestWhyDenied:
    URL = "/account/api-keys/why-denied/"

    @pytest.fixture
    def denied(self, key):
        at = timezone.now()
        denials.write([denials.Denial(key.public_id, "network", "a" * 32, "198.51.100.9", "", at)])

    def test_it_tells_the_owner(self, signed_in, denied):
        text = signed_in.get(self.URL, {"request_id": f" {'a' * 32} "}).content.decode()
        assert reasons.reason("network") in unescape(text)
        assert "198.51.100.9" in text

    def test_it_tells_nobody_else(self, client, bob, denied):
        client.force_login(bob)
        text = client.get(self.URL, {"request_id": "a" * 32}).content.decode()
        assert "Nothing is known" in text
        assert "198.51.100.9" not in text

    def test_it_says_what_a_request_id_looks_like(self, signed_in, denied):
        text = signed_in.get(self.URL, {"request_id": "nonsense"}).content.decode()
        assert "32 characters" in text
