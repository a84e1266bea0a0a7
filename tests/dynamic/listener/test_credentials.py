"""The listener's contract, first half: who gets in. Each case goes through both doors."""

import pytest

from apikeys import tokens
from apikeys.models import Key
from tests.dynamic.scene import expired

NOT_VALID = "The access token or JWT is not valid."


@pytest.fixture(params=["token", "jwt"])
def secret(request, scene):
    return getattr(scene, request.param)


PLACES = {
    "Authorization: Bearer": lambda text: ([("Authorization", f"Bearer {text}")], ""),
    "Authorization: bearer": lambda text: ([("authorization", f"bearer {text}")], ""),
    "Authorization: access_token": lambda text: ([("Authorization", f"access_token {text}")], ""),
    "Access-Token": lambda text: ([("Access-Token", text)], ""),
    "?access_token": lambda text: ([], f"access_token={text}"),
    "?token": lambda text: ([], f"a=1&token={text}"),
    "?jwt_token": lambda text: ([], f"jwt_token={text}"),
}


class TestPlaces:
    @pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
    def test_it_takes_either_kind_in_each_place(self, scene, secret, place):
        headers, query = place(secret)
        reply = scene.raw(scene.pipes.echo, headers=headers, query=query)
        assert reply.status == 200, reply.body

    def test_it_takes_a_header_with_an_underscore_where_the_server_passes_it(self, scene, secret):
        reply = scene.raw(scene.pipes.echo, headers=[("access_token", secret)])
        # A WSGI server drops the name, as many proxies do: the docs say so.
        assert reply.status == {"asgi": 200, "django": 401}[scene.door.name]

    @pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
    def test_it_never_shows_the_credential_to_the_flow(self, scene, secret, place):
        headers, query = place(secret)
        reply = scene.raw(scene.pipes.echo, headers=headers, query=query)
        assert secret[12:].encode() not in reply.body
        assert not {"authorization", "access-token", "access_token"} & reply.json["headers"].keys()
        assert reply.json["query"].keys() <= {"a"}

    def test_it_hides_the_browsers_cookies_from_the_flow(self, scene):
        reply = scene.call(scene.pipes.echo, headers=[("Cookie", "sessionid=x")])
        assert "cookie" not in reply.json["headers"]


class TestNone:
    @pytest.mark.parametrize("header", [None, "Basic dXNlcjpwYXNz", "Digest x", "Token abc"])
    def test_it_answers_401_with_a_challenge_without_error(self, scene, header):
        headers = [("Authorization", header)] if header else []
        reply = scene.raw(scene.pipes.echo, headers=headers)
        assert reply.status == 401
        assert reply.headers["www-authenticate"] == 'Bearer realm="integrator"'
        assert reply.json["code"] == "unauthorized"

    def test_it_answers_the_same_for_a_pipe_that_is_not(self, scene):
        known, unknown = scene.raw(scene.pipes.echo), scene.raw("0" * 24)
        assert known.status == unknown.status == 401
        assert known.json["detail"] == unknown.json["detail"]


class TestMoreThanOne:
    @pytest.mark.parametrize(
        ("headers", "query"),
        [
            (["Authorization: Bearer {}", "Authorization: Bearer {}"], ""),
            (["Authorization: Bearer {}", "Access-Token: {}"], ""),
            (["Authorization: Bearer {}"], "access_token={}"),
            ([], "access_token={}&access_token={}"),
            ([], "access_token={}&token={}"),
            (["Access-Token: {}", "Access-Token: {}"], ""),
        ],
    )
    def test_it_answers_400_even_where_both_are_right(self, scene, headers, query):
        pairs = [line.format(scene.token).split(": ", 1) for line in headers]
        reply = scene.raw(scene.pipes.echo, headers=pairs, query=query.replace("{}", scene.token))
        assert reply.status == 400
        assert reply.json["code"] == "invalid_request"


class TestNotValid:
    @pytest.mark.parametrize(
        "spoil",
        [
            lambda text: text[:-1],
            lambda text: text + "A",
            lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"),
            lambda text: text.swapcase(),
            lambda text: text + "%00",
            lambda text: "%F0%9F%94%91" + text,
            lambda text: text * 20,
            lambda text: "null",
            lambda text: "",
        ],
    )
    def test_it_answers_401_in_the_same_words_however_it_was_spoiled(self, scene, secret, spoil):
        reply = scene.raw(scene.pipes.echo, query=f"access_token={spoil(secret)}")
        assert reply.status == 401
        assert reply.json["code"] == "invalid_token"
        assert reply.json["detail"] == NOT_VALID
        assert 'error="invalid_token"' in reply.headers["www-authenticate"]

    def test_it_says_the_same_of_one_that_never_was(self, scene):
        unknown = tokens.make_access_token(tokens.new_public_id())
        reply = scene.call(scene.pipes.echo, token=unknown)
        assert (reply.status, reply.json["detail"]) == (401, NOT_VALID)

    def test_it_says_the_same_of_a_wrong_secret_for_a_known_id(self, scene):
        wrong = tokens.make_access_token(scene.token[4:14])
        reply = scene.call(scene.pipes.echo, token=wrong)
        assert (reply.status, reply.json["detail"]) == (401, NOT_VALID)

    def test_it_refuses_a_jwt_made_with_the_leaked_signing_key(self, scene, alice, settings):
        known = Key.objects.get(kind="jwt")
        forged = tokens.make_jwt(
            settings.JWT_KEYS.signing, known.public_id, str(alice.pk), tokens.new_secret(), 1, None
        )
        reply = scene.call(scene.pipes.echo, token=forged)
        assert (reply.status, reply.json["detail"]) == (401, NOT_VALID)

    def test_it_refuses_a_stored_digest_presented_as_a_key(self, scene):
        stored = bytes(Key.objects.get(kind="access_token").digest).hex()
        assert scene.call(scene.pipes.echo, token=stored).status == 401

    def test_it_refuses_a_jwts_id_with_an_access_tokens_form(self, scene):
        jwt_key = Key.objects.get(kind="jwt")
        other = tokens.make_access_token(jwt_key.public_id)
        assert scene.call(scene.pipes.echo, token=other).status == 401


class TestEnded:
    @pytest.mark.parametrize("kind", ["access_token", "jwt"])
    def test_it_tells_the_holder_that_a_key_expired(self, scene, kind):
        key, text = scene.workshop.key(kind)
        expired(key)
        reply = scene.call(scene.pipes.echo, token=text)
        assert (reply.status, reply.json["code"]) == (401, "invalid_token")
        assert "expired on" in reply.json["detail"]

    @pytest.mark.parametrize("kind", ["access_token", "jwt"])
    def test_it_tells_the_holder_that_a_key_was_revoked(self, scene, alice, kind):
        key, text = scene.workshop.key(kind)
        key.revoke(alice)
        reply = scene.call(scene.pipes.echo, token=text)
        assert (reply.status, reply.json["code"]) == (401, "invalid_token")
        assert "revoked" in reply.json["detail"]

    def test_it_tells_nobody_else(self, scene, alice):
        key, _ = scene.workshop.key()
        key.revoke(alice)
        wrong = tokens.make_access_token(key.public_id)
        assert scene.call(scene.pipes.echo, token=wrong).json["detail"] == NOT_VALID

    def test_it_refuses_a_key_whose_owner_is_switched_off(self, scene, alice):
        alice.is_active = False
        alice.save()
        assert scene.call(scene.pipes.echo).status == 401

    @pytest.mark.parametrize("days", [0, 1])
    def test_it_takes_a_key_until_then(self, scene, secret, days):
        _, text = scene.workshop.key(days=days)
        assert scene.call(scene.pipes.echo, token=text).status == 200


class TestGrants:
    @pytest.mark.parametrize(
        ("grants", "method", "status"),
        [
            ({"can_write": False}, "GET", 200),
            ({"can_write": False}, "HEAD", 200),
            ({"can_write": False}, "POST", 403),
            ({"can_write": False}, "DELETE", 403),
            ({"can_read": False}, "GET", 403),
            ({"can_read": False}, "POST", 200),
            ({"can_read": False, "can_write": False}, "GET", 403),
            ({"networks": ["127.0.0.0/8"]}, "GET", 200),
            ({"networks": ["10.0.0.0/8", "::/0"]}, "GET", 403),
            ({"networks": []}, "GET", 403),
            ({"pipes": []}, "GET", 403),
            ({"pipes": ["0" * 24]}, "GET", 403),
        ],
    )
    def test_it_allows_what_was_granted_and_nothing_else(self, scene, grants, method, status):
        _, text = scene.workshop.key(**grants)
        reply = scene.call(scene.pipes.echo, method, token=text)
        assert reply.status == status
        if status == 403 and method != "HEAD":
            assert reply.json["code"] == "insufficient_scope"
            assert 'error="insufficient_scope"' in reply.headers["www-authenticate"]

    def test_it_allows_a_named_pipe(self, scene):
        _, text = scene.workshop.key(pipes=[scene.pipes.echo.id])
        assert scene.call(scene.pipes.echo, token=text).status == 200
        assert scene.call(scene.pipes.order, token=text, query="order_id=1").status == 403

    def test_it_refuses_in_the_query_a_key_that_may_not_stand_there(self, scene):
        _, text = scene.workshop.key(query_allowed=False)
        assert scene.call(scene.pipes.echo, token=text).status == 200
        reply = scene.raw(scene.pipes.echo, query=f"access_token={text}")
        assert (reply.status, reply.json["code"]) == (403, "insufficient_scope")
