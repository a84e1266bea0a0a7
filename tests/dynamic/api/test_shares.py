"""Over REST an owner gives, changes and withdraws; who was given something may give it back."""

import pytest
from django.core import mail

from accounts.models import User
from apikeys.limiting import LIMITS
from dynamic.models import Share
from tests.dynamic.api.conftest import problems
from tests.dynamic.api.shared import by_key_of, make_house, signed_in

PATHS = {kind: f"{kind}s/{{{kind}}}/shares/" for kind in ("system", "flow", "pipe")}


@pytest.fixture(autouse=True)
def _fresh_limits():
    LIMITS.memory.storage.reset()


@pytest.fixture
def house(alice):
    return make_house(alice)


@pytest.fixture(params=sorted(PATHS))
def kind(request):
    return request.param


@pytest.fixture
def url(house, kind):
    """As the owner knows it."""
    return house.path(PATHS[kind], house.owner)


@pytest.fixture
def share(house, kind, bob):
    house.share(bob, "viewer", kind)
    return Share.objects.get()


class TestGiving:
    def test_it_gives_a_role_and_tells_by_mail(self, api, house, kind, url, bob):
        answer = api.post(url, {"account": "  BOB@example.com", "role": "editor"})
        assert answer.status_code == 201
        share = Share.objects.get()
        assert (share.owner, share.account, share.role) == (house.owner, bob, "editor")
        assert getattr(share, kind) == house.things[kind]
        made = answer.json()
        assert (made["id"], made["account"], made["role"]) == (share.pk, bob.email, "editor")
        assert [each.to for each in mail.outbox] == [[bob.email]]
        thing = house.path(PATHS[kind].removesuffix("shares/"), bob)
        assert signed_in(bob).get(thing).json()["role"] == "editor"

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"account": "nobody@example.com"}, "account"),
            ({"account": "off@example.com"}, "account"),
            ({"account": "alice@example.com"}, "account"),
            ({"account": "carol@example.com"}, "account"),
            ({"account": "no address"}, "account"),
            ({"account": ""}, "account"),
            ({"role": "owner"}, "role"),
            ({"role": ""}, "role"),
            ({"expires": "never"}, "expires"),
        ],
    )
    def test_it_says_what_is_wrong(self, api, house, url, kind, bob, change, path):
        User.objects.create_user("off@example.com", "x", is_active=False)
        house.share(User.objects.create_user("carol@example.com", "x"), "viewer", kind)
        answer = api.post(url, {"account": bob.email, "role": "viewer"} | change)
        assert list(problems(answer)) == [path]
        assert Share.objects.count() == 1

    def test_it_says_what_is_lacking(self, api, url):
        assert set(problems(api.post(url, {}))) == {"account", "role"}

    def test_it_is_closed_to_keys(self, house, url, share):
        client = by_key_of(house.owner)
        asked = [client.get(url), client.post(url, {}), client.delete(f"{url}{share.pk}/")]
        assert [answer.status_code for answer in asked] == [403, 403, 403]
        assert {answer.json()["code"] for answer in asked} == {"insufficient_scope"}


class TestChanging:
    def test_it_lists_who_has_it(self, api, house, url, share, kind):
        house.share(User.objects.create_user("anna@example.com", "x"), "editor", kind)
        found = api.get(url).json()["results"]
        assert [(each["account"], each["role"]) for each in found] == [
            ("anna@example.com", "editor"),
            ("bob@example.com", "viewer"),
        ]

    def test_it_changes_the_role_and_no_more(self, api, url, share):
        one = f"{url}{share.pk}/"
        assert api.patch(one, {"role": "editor"}).json()["role"] == "editor"
        assert api.patch(one, {"account": share.account.email}).status_code == 200
        assert list(problems(api.patch(one, {"account": "alice@example.com"}))) == ["account"]
        assert api.put(one, {"account": "bob@example.com", "role": "viewer"}).status_code == 405
        share.refresh_from_db()
        assert (share.role, share.account.email) == ("editor", "bob@example.com")

    def test_it_withdraws(self, api, house, kind, url, share, bob):
        assert api.delete(f"{url}{share.pk}/").status_code == 204
        thing = house.path(PATHS[kind].removesuffix("shares/"), bob)
        assert signed_in(bob).get(thing).status_code == 404

    def test_it_knows_no_share_of_another_thing(self, api, house, bob, url, kind):
        other = {"system": "flow", "flow": "pipe", "pipe": "system"}[kind]
        house.share(bob, "viewer", other)
        assert api.get(f"{url}{Share.objects.get().pk}/").status_code == 404


class TestBeingGiven:
    def test_it_sees_its_own_alone_and_gives_it_back(self, house, kind, share, bob):
        house.share(User.objects.create_user("carol@example.com", "x"), "viewer", kind)
        others = Share.objects.exclude(pk=share.pk).get()
        client, url = signed_in(bob), house.path(PATHS[kind], bob)
        assert [each["id"] for each in client.get(url).json()["results"]] == [share.pk]
        assert client.get(f"{url}{others.pk}/").status_code == 404
        assert client.delete(f"{url}{others.pk}/").status_code == 404
        assert client.patch(f"{url}{share.pk}/", {"role": "editor"}).status_code == 403
        assert client.delete(f"{url}{share.pk}/").status_code == 204
        assert list(Share.objects.all()) == [others]
        assert client.get(url).status_code == 404
