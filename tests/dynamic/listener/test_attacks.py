"""Attacks on keys, each through both doors: whatever is sent, nobody gets in who should not."""

import base64
import hashlib
import hmac
import json
import random
import time

import pytest

from apikeys import tokens
from apikeys.models import Key

NOT_VALID = "The access token or JWT is not valid."


@pytest.fixture
def source():
    """An address of its own for each test: failed attempts are counted by address."""
    return f"127.{random.randint(1, 254)}.{random.randint(0, 254)}.{random.randint(1, 254)}"


@pytest.fixture
def attack(scene, source):
    """Send a credential in a header; it must be refused as any nonsense would be."""

    def attack(text):
        value = text.encode("latin-1", "replace") if isinstance(text, str) else text
        reply = scene.raw(scene.pipes.echo, headers=[("Access-Token", value)], source=source)
        assert (reply.status, reply.json["detail"]) == (401, NOT_VALID), text
        assert 'error="invalid_token"' in reply.headers["www-authenticate"]

    return attack


def encoded(value):
    raw = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@pytest.fixture
def forge(scene, settings):
    """Alice's JWT with another header or other claims, signed with the real signing key."""
    header, claims, _ = scene.jwt.split(".")
    header, claims = decoded(header), decoded(claims)

    def forge(header_changes=None, claim_changes=None, algorithm=hashlib.sha256, **raw):
        head = raw.get("head") or encoded(header | (header_changes or {}))
        body = raw.get("body") or encoded(claims | (claim_changes or {}))
        key = raw.get("key", settings.JWT_KEYS.signing.secret)
        signature = hmac.new(key, f"{head}.{body}".encode(), algorithm).digest()
        return f"{head}.{body}.{raw.get('signature', encoded(signature))}"

    return forge


class TestAlgorithms:
    def test_it_reads_a_jwt_that_nobody_changed(self, scene, forge, source):
        # That the forger below can make a good one, so that its bad ones are bad for their fault.
        headers = [("Access-Token", forge())]
        assert scene.raw(scene.pipes.echo, headers=headers, source=source).status == 200

    def test_it_takes_no_other_algorithm(self, attack, forge):
        for name in ("none", "None", "NONE", "", "RS256", "ES256", "HS384", "HS512"):
            attack(forge({"alg": name}))
            attack(forge({"alg": name}, algorithm=hashlib.sha512))
            attack(forge({"alg": name}, signature=""))

    def test_it_takes_no_signature_of_another_hash(self, attack, forge):
        attack(forge(algorithm=hashlib.sha384))

    def test_it_takes_no_signature_by_another_key(self, attack, forge):
        for key in (b"", b"secret", b"\0" * 32):
            attack(forge(key=key))

    def test_it_looks_for_no_foreign_signing_key(self, attack, forge):
        for kid in ("other", "", "../../dev/null", "' OR 1=1 --", None, 1, ["k"], {"k": 1}):
            attack(forge({"kid": kid}))

    def test_it_heeds_nothing_more_in_the_header(self, attack, forge):
        for header in (
            {"jwk": {"kty": "oct", "k": "AAAA"}},
            {"jku": "http://127.0.0.1:1/keys"},
            {"x5u": "http://127.0.0.1:1/cert"},
            {"crit": ["exp"]},
            {"b64": False},
            {"zip": "DEF"},
            {"typ": "JWT"},
            {"typ": "at+jwt"},
        ):
            attack(forge(header))


class TestClaims:
    def test_it_takes_no_time_but_whole_seconds(self, attack, forge):
        for name in ("iat", "nbf", "exp"):
            for value in ("1", 1.5, 1e9, -1, True, None, 10**30, [1]):
                attack(forge(claim_changes={name: value}))

    def test_it_takes_no_other_claims(self, attack, forge):
        soon = int(time.time()) + 600
        for claims in (
            {"iss": "elsewhere"},
            {"aud": "elsewhere"},
            {"aud": ["integrator"]},
            {"nbf": soon},
            {"iat": soon, "nbf": soon},
            {"jti": "0000000000"},
            {"jti": ""},
            {"rnd": "0" * 43},
            {"rnd": ""},
            {"scope": "admin"},
        ):
            attack(forge(claim_changes=claims))

    def test_it_takes_no_jwt_made_with_the_leaked_signing_key(self, attack, forge, scene):
        for key in (*Key.objects.filter(kind="jwt"), *Key.objects.filter(kind="access_token")):
            attack(forge(claim_changes={"jti": key.public_id, "rnd": tokens.new_secret()}))

    def test_it_takes_no_bomb(self, attack, forge):
        nested = b'{"a":' * 100 + b"1" + b"}" * 100
        for part in ("head", "body"):
            attack(forge(**{part: encoded(nested)}))
            attack(forge(**{part: encoded(b"[" * 500)}))

    def test_it_takes_no_name_twice(self, attack, forge, scene):
        claims = base64.urlsafe_b64decode(scene.jwt.split(".")[1] + "===")
        attack(forge(body=encoded(claims.replace(b"{", b'{"sub":"2",', 1))))


RESPELLED = [
    lambda key: key + "=",
    lambda key: key.replace(".", "=.", 1),
    lambda key: key + ".",
    lambda key: "." + key,
    lambda key: key.replace(".", "..", 1),
    lambda key: key[:-1] + chr(ord(key[-1]) + 1),
    lambda key: key.swapcase(),
    lambda key: key + ("A" * 2000),
    lambda key: key.replace("e", "é", 1),
    lambda key: key[: len(key) // 2],
    lambda key: f"Bearer {key}",
    lambda key: f"'{key}'",
    lambda key: f"{key} {key}",
]


class TestSpelling:
    def test_it_takes_each_key_in_its_one_spelling(self, attack, scene):
        for key in (scene.jwt, scene.token):
            for respell in RESPELLED:
                if respell(key) != key:
                    attack(respell(key))

    def test_it_takes_nothing_around_a_key_in_the_query(self, scene, source):
        for change in ("%00", "%0d%0a", "%20", "+", "%EF%BB%BF", "%FE"):
            for query in (f"{scene.token}{change}", f"{change}{scene.token}"):
                reply = scene.raw(scene.pipes.echo, query=f"access_token={query}", source=source)
                assert reply.status in {400, 401}, query

    def test_it_knows_no_other_parameter(self, scene, source):
        for name in ("Token", "ACCESS_TOKEN", "jwt", "access-token", "api_key"):
            reply = scene.raw(scene.pipes.echo, query=f"{name}={scene.token}", source=source)
            assert (reply.status, reply.json["code"]) == (401, "unauthorized"), name


class TestStolen:
    def test_it_takes_no_stored_digest_for_a_key(self, attack, scene):
        for key in Key.objects.all():
            stored = bytes(key.digest)
            for text in (stored.hex(), encoded(stored), f"dik_{key.public_id}_{stored.hex()}"[:64]):
                attack(text)

    def test_it_takes_no_other_secret_for_a_public_id(self, attack, scene):
        attack(tokens.make_access_token(scene.token[4:14]))

    def test_it_opens_nobody_elses_pipe(self, scene, bob, source):
        _, text = Key.objects.issue(bob, "Bob's", "access_token", 1)
        for pipe in (scene.pipes.echo, scene.pipes.order):
            reply = scene.raw(pipe, headers=[("Access-Token", text)], source=source)
            assert (reply.status, reply.json["code"]) == (404, "unknown_pipe")


class TestForwarding:
    """While no proxy is trusted, nothing that a caller writes changes where it calls from."""

    def test_it_lets_nobody_pretend_to_be_elsewhere(self, scene, source):
        _, text = scene.workshop.key(networks=["10.0.0.0/8"])
        for header in (
            "X-Forwarded-For: 10.1.2.3",
            "Forwarded: for=10.1.2.3",
            "X-Real-IP: 10.1.2.3",
            "True-Client-IP: 10.1.2.3",
            "CF-Connecting-IP: 10.1.2.3",
            "X-Client-IP: 10.1.2.3",
            "Via: 1.1 10.1.2.3",
        ):
            headers = [("Access-Token", text), tuple(header.split(": "))]
            reply = scene.raw(scene.pipes.echo, headers=headers, source=source)
            assert (reply.status, reply.json["code"]) == (403, "insufficient_scope"), header

    def test_it_lets_in_who_is_there(self, scene):
        _, text = scene.workshop.key(networks=["127.9.0.0/16"])
        headers = [("Access-Token", text)]
        reply = scene.raw(scene.pipes.echo, headers=headers, source="127.9.1.1")
        assert reply.status == 200
        assert scene.raw(scene.pipes.echo, headers=headers, source="127.8.1.1").status == 403
