"""What an account may see and change of what others own: exactly what it was given."""

import pytest
from django.db import IntegrityError, transaction

from dynamic.models import Flow, Pipe, System
from dynamic.models.access import OWNER
from dynamic.models.share import Role, Share

DRAFT = "version: 1\nsteps:\n  - return: {body: 1}\n"
KINDS = {"system": System, "flow": Flow, "pipe": Pipe}


def make(kind, owner, slug="orders"):
    if kind == "system":
        return System.objects.create(owner=owner, slug=slug, name=slug)
    if kind == "pipe":
        return Pipe.objects.create(owner=owner, name=slug, flow=make("flow", owner, f"of-{slug}"))
    return Flow.objects.create(owner=owner, slug=slug, name=slug, draft=DRAFT)


def share(thing, account, role=Role.VIEWER):
    kind = {thing._meta.model_name: thing}
    return Share.objects.create(owner=thing.owner, account=account, role=role, **kind)


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def things(kind):
    return KINDS[kind].objects


class TestSeeing:
    def test_it_gives_an_owner_ones_own_and_a_stranger_nothing(self, kind, things, alice, bob):
        mine = make(kind, alice)
        (found,) = things.visible_to(alice)
        assert (found, found.role, found.is_own, found.is_editable) == (mine, OWNER, True, True)
        assert not things.visible_to(bob)
        assert not things.editable_by(bob)

    def test_it_gives_a_viewer_one_to_look_at(self, kind, things, alice, bob):
        seen, _ = make(kind, alice), make(kind, alice, "other")
        share(seen, bob)
        (found,) = things.visible_to(bob)
        assert (found, found.role) == (seen, Role.VIEWER)
        assert (found.is_own, found.is_editable) == (False, False)
        assert not things.editable_by(bob)

    def test_it_gives_an_editor_one_to_change(self, kind, things, alice, bob):
        given = make(kind, alice)
        share(given, bob, Role.EDITOR)
        for found in (things.visible_to(bob).get(), things.editable_by(bob).get()):
            assert (found, found.role) == (given, Role.EDITOR)
            assert (found.is_own, found.is_editable) == (False, True)

    def test_it_tells_each_of_many_its_own_role(self, kind, things, alice, bob, olga):
        for number in range(3):
            share(make(kind, alice, f"seen-{number}"), bob)
            share(make(kind, alice, f"edited-{number}"), bob, Role.EDITOR)
            # What others have of the same things is nothing to Bob.
            share(make(kind, olga, f"olgas-{number}"), alice, Role.EDITOR)
        make(kind, bob, "own")
        roles = sorted(thing.role for thing in things.visible_to(bob))
        assert roles == ["editor"] * 3 + ["owner"] + ["viewer"] * 3
        assert things.visible_to(bob).count() == 7

    def test_it_takes_one_query(self, kind, things, alice, bob, django_assert_num_queries):
        for number in range(3):
            share(make(kind, alice, f"seen-{number}"), bob)
        with django_assert_num_queries(1):
            assert len(things.visible_to(bob)) == 3

    def test_it_gives_no_more_after_the_share_is_gone(self, kind, things, alice, bob):
        shared = share(make(kind, alice), bob, Role.EDITOR)
        shared.delete()
        assert not things.visible_to(bob)

    def test_it_gives_nothing_of_an_owner_whose_account_is_off(self, kind, things, alice, bob):
        share(make(kind, alice), bob, Role.EDITOR)
        alice.is_active = False
        alice.save()
        assert not things.visible_to(bob)
        assert not things.editable_by(bob)
        alice.is_active = True
        alice.save()
        assert things.editable_by(bob).count() == 1

    def test_it_can_be_locked_to_be_changed(self, kind, things, alice, bob):
        share(make(kind, alice), bob, Role.EDITOR)
        with transaction.atomic():
            assert things.editable_by(bob).select_for_update().get().role == Role.EDITOR


@pytest.mark.parametrize("kind", ["system", "flow"])
class TestNaming:
    def test_it_knows_ones_own_by_the_slug_and_others_by_the_owner_too(
        self, kind, things, alice, bob
    ):
        hers, his = make(kind, alice), make(kind, bob)
        share(hers, bob)
        seen = things.visible_to(bob)
        assert seen.named("orders").get() == his
        assert seen.named(f"orders@{alice.pk}").get() == hers
        assert {thing.ref for thing in seen} == {"orders", f"orders@{alice.pk}"}

    def test_it_lets_an_owner_follow_an_address_that_others_have(self, kind, things, alice, bob):
        mine = make(kind, alice)
        found = things.visible_to(alice).named(f"orders@{alice.pk}").get()
        assert (found, found.ref) == (mine, "orders")
        assert not things.visible_to(bob).named(f"orders@{alice.pk}")

    def test_it_knows_nothing_of_what_is_no_name(self, kind, things, alice):
        make(kind, alice)
        seen = things.visible_to(alice)
        for ref in (
            "other",
            "orders@",
            "orders@x",
            f"orders@{alice.pk}1",
            "@1",
            "orders@" + "9" * 10,
        ):
            assert not seen.named(ref), ref


class TestShares:
    def test_it_is_one_an_account_and_thing(self, kind, alice, bob):
        thing = make(kind, alice)
        share(thing, bob)
        with pytest.raises(IntegrityError), transaction.atomic():
            share(thing, bob, Role.EDITOR)

    def test_it_is_of_exactly_one_thing(self, alice, bob):
        system, flow = make("system", alice), make("flow", alice)
        for things in ({}, {"system": system, "flow": flow}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Share.objects.create(owner=alice, account=bob, role=Role.VIEWER, **things)

    def test_it_goes_with_the_thing_the_owner_and_the_account(self, kind, alice, bob, olga):
        share(make(kind, alice), bob)
        share(make(kind, olga), bob)
        kept = share(make(kind, alice, "kept"), olga)
        KINDS[kind].objects.get(owner=alice, **name_of(kind, "orders")).delete()
        bob.delete()
        assert Share.objects.get() == kept
        Pipe.objects.all().delete()  # flows that pipes run do not go before these
        alice.delete()
        assert not Share.objects.exists()


def name_of(kind, name):
    return {"name": name} if kind == "pipe" else {"slug": name}
