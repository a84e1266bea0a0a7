"""The page on which an owner shares a thing, and on which another gives it back."""

import re
from urllib.parse import urlsplit

import pytest

from accounts.models import User
from apikeys.limiting import LIMITS
from dynamic.models import Flow, Pipe, System
from dynamic.models.share import Role, Share
from dynamic.systems.sharing import TRIES
from tests.page_text import text_of

DRAFT = "version: 1\nsteps:\n  - return: {body: 1}\n"
BOB = "bob@example.com"


@pytest.fixture(autouse=True)
def _counted_anew():
    LIMITS.memory.storage.reset()


@pytest.fixture(params=["system", "flow", "pipe"])
def thing(request, alice):
    flow = Flow.objects.create(owner=alice, slug="orders", name="Orders", draft=DRAFT)
    match request.param:
        case "system":
            return System.objects.create(owner=alice, slug="shop", name="Shop & Co")
        case "pipe":
            return Pipe.objects.create(owner=alice, name="Web shop", flow=flow)
    return flow


@pytest.fixture
def flow(alice):
    return Flow.objects.create(owner=alice, slug="orders", name="Orders", draft=DRAFT)


def kind_of(thing):
    return thing._meta.model_name


def page_of(thing, owner=None):
    name = getattr(thing, "slug", thing.pk)
    return f"/{kind_of(thing)}s/{name}{f'@{owner.pk}' if owner else ''}/"


def share_page(thing, owner=None):
    return f"{page_of(thing, None if isinstance(thing, Pipe) else owner)}share/"


def given(thing, account, role=Role.VIEWER):
    return Share.objects.create(
        owner=thing.owner, account=account, role=role, **{kind_of(thing): thing}
    )


def give(client, thing, email=BOB, role=Role.VIEWER):
    data = {"do": "give", "email": email, "role": role}
    return client.post(share_page(thing), data, follow=True)


class TestGiving:
    def test_it_shares_with_an_account_and_tells_it_by_mail(
        self, signed_in, thing, alice, bob, mailoutbox
    ):
        text = text_of(give(signed_in, thing, " Bob@Example.com", Role.EDITOR))
        share = Share.objects.get()
        assert (share.owner, share.account, share.role) == (alice, bob, Role.EDITOR)
        assert getattr(share, kind_of(thing)) == thing
        assert "is told by mail" in text
        (mail,) = mailoutbox
        assert mail.to == [BOB]
        assert mail.subject == f"{alice.email} shared the {kind_of(thing)} {thing.name} with you"
        assert f"“{thing.name}”" in mail.body
        assert "its editor" in mail.body
        page = urlsplit(re.search(r"Its page (\S+)", mail.body)[1]).path
        signed_in.force_login(bob)
        assert thing.name in text_of(signed_in.get(page))

    def test_it_says_what_each_role_may_do(self, signed_in, thing):
        text = text_of(signed_in.get(share_page(thing)))
        assert "Viewer: sees its" in text
        assert "Editor: also" in text
        assert "Nobody but you." in text

    def test_it_warns_that_an_editor_of_a_flow_can_call_any_system(self, signed_in, flow):
        text = text_of(signed_in.get(share_page(flow)))
        assert "can make it call any of the owner’s systems" in text

    @pytest.mark.parametrize(
        ("email", "told"),
        [
            ("nobody@example.com", "No active account has this address."),
            ("off@example.com", "No active account has this address."),
            ("alice@example.com", "That is the owner"),
            ("olga@example.com", "has access already"),
            ("no address", "Enter a valid email address."),
            ("", "This field is required."),
        ],
    )
    def test_it_says_why_it_cannot_and_keeps_what_was_typed(
        self, email, told, signed_in, flow, olga, mailoutbox
    ):
        User.objects.create_user("off@example.com", is_active=False)
        given(flow, olga)
        response = give(signed_in, flow, email, Role.EDITOR)
        text = text_of(response)
        assert told in text
        assert not email or f'value="{email}"' in text
        assert response.context["form"]["role"].value() == Role.EDITOR
        assert Share.objects.count() == 1
        assert not mailoutbox

    def test_it_stops_who_tries_address_after_address(self, signed_in, flow, alice, bob):
        for _ in range(TRIES.amount):
            LIMITS.hit(TRIES, str(alice.pk))
        assert "tried too often" in text_of(give(signed_in, flow))
        assert not Share.objects.exists()

    def test_it_is_shared_also_where_no_mail_can_be_sent(self, signed_in, flow, bob, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        assert "could not be sent: tell them" in text_of(give(signed_in, flow))
        assert Share.objects.get().account == bob


class TestChanging:
    def post(self, client, thing, share, do):
        return client.post(share_page(thing), {"share": share, "do": do}, follow=True)

    def test_it_changes_a_role(self, signed_in, thing, bob):
        share = given(thing, bob)
        for role, named in ((Role.EDITOR, "an editor"), (Role.VIEWER, "a viewer")):
            assert f"{BOB} is {named} now." in text_of(self.post(signed_in, thing, share.pk, role))
            share.refresh_from_db()
            assert share.role == role

    def test_it_takes_it_away(self, signed_in, thing, alice, bob):
        share = given(thing, bob, Role.EDITOR)
        assert "no more" in text_of(self.post(signed_in, thing, share.pk, "withdraw"))
        signed_in.force_login(bob)
        other = None if isinstance(thing, Pipe) else alice
        assert signed_in.get(page_of(thing, other)).status_code == 404

    def test_it_knows_no_share_of_another_thing(self, signed_in, thing, alice, bob):
        other = Flow.objects.create(owner=alice, slug="other", name="Other", draft=DRAFT)
        share = given(other, bob)
        for pk in (share.pk, 0, "", "x", "９", "1" * 30):
            assert self.post(signed_in, thing, pk, "withdraw").status_code == 404
        assert Share.objects.get() == share

    def test_it_knows_no_other_role(self, signed_in, thing, bob):
        share = given(thing, bob)
        for role in ("owner", "", "leave"):
            assert self.post(signed_in, thing, share.pk, role).status_code == 404
        share.refresh_from_db()
        assert share.role == Role.VIEWER

    def test_it_tells_whose_account_is_off(self, signed_in, flow, bob):
        given(flow, bob)
        assert "account off" not in text_of(signed_in.get(share_page(flow)))
        bob.is_active = False
        bob.save()
        assert "account off" in text_of(signed_in.get(share_page(flow)))

    def test_it_lists_many_page_by_page(self, signed_in, flow, django_assert_max_num_queries):
        for number in range(60):
            given(flow, User.objects.create(email=f"person{number:02}@example.com"))
        with django_assert_max_num_queries(7):
            text = text_of(signed_in.get(share_page(flow)))
        assert "person49@example.com" in text
        assert "person50@example.com" not in text
        assert "person50@example.com" in text_of(signed_in.get(f"{share_page(flow)}?page=2"))


class TestTheOtherSide:
    @pytest.mark.parametrize("role", Role.values)
    def test_it_says_whose_it_is_and_what_one_may_do(self, role, client, thing, alice, bob, olga):
        given(thing, bob, role)
        given(thing, olga)
        client.force_login(bob)
        text = text_of(client.get(share_page(thing, alice)))
        assert (
            f"belongs to {alice.email}. You are a{'n' if role == Role.EDITOR else ''} {role}"
            in text
        )
        assert olga.email not in text

    def test_it_can_be_left(self, client, thing, alice, bob, olga):
        given(thing, bob, Role.EDITOR)
        kept = given(thing, olga)
        client.force_login(bob)
        response = client.post(share_page(thing, alice), {"do": "leave"}, follow=True)
        assert f"You left “{thing.name}” of {alice.email}." in text_of(response)
        assert response.redirect_chain[-1][0] == f"/{kind_of(thing)}s/"
        assert Share.objects.get() == kept
        assert client.get(share_page(thing, alice)).status_code == 404

    def test_it_lets_nobody_but_the_owner_give_or_take(self, client, thing, alice, bob, olga):
        mine, hers = given(thing, bob, Role.EDITOR), given(thing, olga)
        client.force_login(bob)
        for data in (
            {"do": "give", "email": "olga@example.com", "role": Role.EDITOR},
            {"do": Role.EDITOR, "share": hers.pk},
            {"do": "withdraw", "share": hers.pk},
        ):
            assert client.post(share_page(thing, alice), data).status_code == 404
        assert set(Share.objects.values_list("pk", "role")) == {
            (mine.pk, Role.EDITOR),
            (hers.pk, Role.VIEWER),
        }
