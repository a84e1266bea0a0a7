"""Pipes that Alice shares with Bob, in the grants of his keys: as an editor he may call them."""

import pytest
from django.core.management import CommandError
from django.urls import reverse
from rest_framework.test import APIClient

from apikeys.models import Key, KeyEvent
from dynamic.models import Share
from tests.apikeys.test_command import made, run
from tests.apikeys.test_key_pages import page, pipe_of
from tests.apikeys.test_pages import errors_of, make, secret_in
from tests.conftest import PASSWORD

KEYS = "/v1/account/api-keys/"
REQUEST_ID = "0" * 31 + "1"


@pytest.fixture
def pipe(alice):
    return pipe_of(alice, "Web shop")


@pytest.fixture
def editor(pipe, bob):
    return Share.objects.create(owner=pipe.owner, account=bob, role="editor", pipe=pipe)


@pytest.fixture
def viewer(pipe, bob):
    return Share.objects.create(owner=pipe.owner, account=bob, role="viewer", pipe=pipe)


@pytest.fixture
def bobs(client, bob):
    client.force_login(bob)
    return client


class TestPages:
    def test_it_offers_them_with_whose_they_are(self, bobs, editor, bob, pipe):
        pipe_of(bob, "Web shop")
        shown = bobs.get(reverse("apikeys:create")).content.decode()
        assert "Web shop (of alice@example.com)" in shown
        secret_in(make(bobs, which_pipes="some", pipes=[pipe.pk]))
        key = bob.keys.get()
        assert key.pipes == [pipe.pk]
        assert "Web shop (of alice@example.com)" in bobs.get(page("detail", key)).content.decode()

    def test_it_offers_none_that_is_only_seen(self, bobs, viewer, pipe, bob):
        response = make(bobs, which_pipes="some", pipes=[pipe.pk])
        assert errors_of(response) == {"pipes"}
        assert f'value="{pipe.pk}"' not in response.content.decode()
        assert not bob.keys.exists()

    def test_it_names_none_that_was_taken_back(self, bobs, editor, pipe, bob):
        key, _ = Key.objects.issue(bob, "K", "access_token", 1, pipes=[pipe.pk])
        editor.delete()
        shown = bobs.get(page("detail", key)).content.decode()
        assert "Web shop" not in shown
        assert pipe.pk not in bobs.get(page("change", key)).content.decode()

    def test_it_names_the_pipe_of_a_denied_call(self, bobs, editor, pipe, bob):
        key, _ = Key.objects.issue(bob, "K", "access_token", 1)
        KeyEvent.objects.create(
            owner=bob,
            key=key,
            public_id=key.public_id,
            kind=KeyEvent.Kind.DENIED,
            reason="pipe not granted",
            request_id=REQUEST_ID,
            pipe_id=pipe.pk,
        )
        url = f"{reverse('apikeys:why_denied')}?request_id={REQUEST_ID}"
        assert "Web shop (of alice@example.com)" in bobs.get(url).content.decode()
        editor.delete()
        shown = bobs.get(url).content.decode()
        assert "Web shop" not in shown
        assert pipe.pk in shown


class TestPrograms:
    def ask(self, bob, pipe):
        client = APIClient()
        client.force_login(bob)
        body = {"name": "K", "pipes": [pipe.pk], "password": PASSWORD}
        return client.post(KEYS, body, format="json")

    def test_it_is_granted_over_rest(self, bob, editor, pipe):
        assert self.ask(bob, pipe).json()["pipes"] == [pipe.pk]

    def test_it_is_not_granted_over_rest_where_it_is_only_seen(self, bob, viewer, pipe):
        (problem,) = self.ask(bob, pipe).json()["problems"]
        assert (problem["path"], bob.keys.exists()) == ("pipes", False)

    def test_it_is_granted_from_the_command_line(self, bob, editor, pipe):
        made("create", "--owner", bob.email, "--name", "K", "--pipe", pipe.pk)
        assert bob.keys.get().pipes == [pipe.pk]

    def test_it_is_not_granted_from_the_command_line_where_it_is_only_seen(self, bob, viewer, pipe):
        with pytest.raises(CommandError, match="has no pipe"):
            run("create", "--owner", bob.email, "--name", "K", "--pipe", pipe.pk)
