"""What pages show of asynchronous calls: a pipe's signing secret, a run that can be cancelled, how
its callback fares.
"""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from dynamic.models import AsyncCall, Pipe, Run, Share
from tests.dynamic.history import pipe_of, run_of, stored
from tests.page_text import text_of

SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")


@pytest.fixture
def bobs(bob):
    client = Client()
    client.force_login(bob)
    return client


@pytest.fixture
def pipe(alice):
    return pipe_of(alice)


def asked(pipe, status="running", **fields):
    """A run whose caller does not wait."""
    run = stored(run_of(pipe, status=status, http_status=None))
    AsyncCall.objects.create(
        run_id=run.pk,
        pipe=pipe,
        key_public_id=run.key_public_id,
        given={},
        expires_at=timezone.now() + timedelta(days=1),
        **fields,
    )
    return run


class TestSecret:
    def url(self, pipe, more=""):
        return f"/pipes/{pipe.pk}/callbacks/{more}"

    def test_it_is_shown_once_in_the_answer_to_its_making(self, signed_in, pipe):
        assert "Make a secret" in text_of(signed_in.get(self.url(pipe)))
        made = signed_in.post(self.url(pipe))
        assert "no-store" in made["Cache-Control"]
        [secret] = set(SECRET.findall(text_of(made)))
        assert Pipe.objects.get().callback_secret == secret
        for page in (self.url(pipe), f"/pipes/{pipe.pk}/", f"/pipes/{pipe.pk}/edit/"):
            assert secret not in text_of(signed_in.get(page))
        assert not any(secret in str(each.get_decoded()) for each in Session.objects.all())

    def test_it_is_replaced_and_removed(self, signed_in, pipe):
        [first] = set(SECRET.findall(text_of(signed_in.post(self.url(pipe)))))
        again = text_of(signed_in.post(self.url(pipe)))
        assert "signs nothing any more" in again
        assert first not in again
        answer = signed_in.post(self.url(pipe, "remove/"), follow=True)
        assert "is removed" in text_of(answer)
        assert Pipe.objects.get().callback_secret == ""

    def test_it_is_the_owners_alone(self, bobs, alice, bob, pipe):
        for role in (None, "viewer", "editor"):
            if role:
                Share.objects.update_or_create(
                    owner=alice, account=bob, pipe=pipe, defaults={"role": role}
                )
            assert bobs.get(self.url(pipe)).status_code == 404
            assert bobs.post(self.url(pipe)).status_code == 404
            assert bobs.post(self.url(pipe, "remove/")).status_code == 404
        assert self.url(pipe) not in text_of(bobs.get(f"/pipes/{pipe.pk}/"))

    def test_the_pipes_page_leads_there(self, signed_in, pipe):
        assert f'href="{self.url(pipe)}"' in text_of(signed_in.get(f"/pipes/{pipe.pk}/"))


class TestCancel:
    def test_one_that_is_under_way_has_a_button(self, signed_in, pipe):
        for status in ("queued", "running"):
            run = asked(pipe, status)
            page = text_of(signed_in.get(f"/runs/{run.pk}/"))
            assert f'action="/runs/{run.pk}/cancel/"' in page
            assert 'data-refresh="' in page
        answer = signed_in.post(f"/runs/{run.pk}/cancel/", follow=True)
        assert "It is being cancelled." in text_of(answer)
        assert f'action="/runs/{run.pk}/cancel/"' not in text_of(answer)
        assert AsyncCall.objects.get(pk=run.pk).cancel_asked_at

    def test_one_that_has_not_begun_is_cancelled_at_once(self, signed_in, pipe):
        run = asked(pipe, "queued")
        answer = signed_in.post(f"/runs/{run.pk}/cancel/", follow=True)
        assert "It is cancelled: it never began." in text_of(answer)
        assert Run.objects.get().status == "cancelled"

    def test_others_have_none(self, signed_in, pipe):
        synchronous = stored(run_of(pipe, status="running"))
        for run in (asked(pipe, "success"), synchronous):
            assert "Cancel the run" not in text_of(signed_in.get(f"/runs/{run.pk}/"))
        answer = signed_in.post(f"/runs/{synchronous.pk}/cancel/", follow=True)
        assert "Its caller waits for it" in text_of(answer)

    def test_who_was_given_the_pipe_to_see_cannot(self, bobs, alice, bob, pipe):
        run = asked(pipe)
        assert bobs.post(f"/runs/{run.pk}/cancel/").status_code == 404
        Share.objects.create(owner=alice, account=bob, pipe=pipe, role="viewer")
        assert "Cancel the run" not in text_of(bobs.get(f"/runs/{run.pk}/"))
        assert bobs.post(f"/runs/{run.pk}/cancel/").status_code == 404
        assert AsyncCall.objects.get().cancel_asked_at is None


NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class TestCallback:
    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({}, "It is sent when the run has ended."),
            (
                {
                    "callback_tries": 2,
                    "callback_due_at": NOON,
                    "callback_result": "It answered with status 500.",
                },
                "The next try is due 1 Jan 2026, 12:00:00 UTC.",
            ),
            (
                {"callback_tries": 5, "callback_result": "It answered with status 500."},
                "There is no further try.",
            ),
            (
                {
                    "callback_tries": 1,
                    "callback_delivered_at": NOON,
                    "callback_result": "It answered with status 204.",
                },
                "1 Jan 2026, 12:00:00 UTC",
            ),
        ],
        ids=["before", "between", "given up", "taken"],
    )
    def test_its_state_is_told(self, signed_in, pipe, fields, words):
        url = "https://user-of.example/done?token=canary#canary"
        run = asked(pipe, "success", callback_url=url, **fields)
        page = text_of(signed_in.get(f"/runs/{run.pk}/"))
        assert "https://user-of.example/done<" in page
        assert "canary" not in page
        assert words in page
        if fields:
            assert f"{fields['callback_tries']} of 5" in page
            assert fields["callback_result"] in page

    def test_a_run_without_one_tells_of_none(self, signed_in, pipe):
        run = asked(pipe, "success")
        assert 'id="callback"' not in text_of(signed_in.get(f"/runs/{run.pk}/"))
