"""Both formats: what we make is read back, and nothing else is read at all."""

import base64
import hashlib
import hmac
import json
import re
import time

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apikeys import tokens
from apikeys.keyring import SigningKeys
from integrator.secretfiles import MAKERS

KEYS = SigningKeys.parse(MAKERS["INTEGRATOR_JWT_KEYS"]())
OTHER = SigningKeys.parse(MAKERS["INTEGRATOR_JWT_KEYS"]())
NOW = int(time.time())


def a_jwt(keys=KEYS, expires=NOW + 3600):
    return tokens.make_jwt(
        keys.signing, tokens.new_public_id(), "7", tokens.new_secret(), NOW, expires
    )


def part(value):
    raw = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims_of(text):
    return jwt.decode(text, options={"verify_signature": False})


def signed(claims, header=None, secret=KEYS.signing.secret):
    headers = {"typ": "dik+jwt", "kid": KEYS.signing.kid} if header is None else header
    return jwt.encode(claims, secret, algorithm="HS256", headers=headers)


def refused(text):
    with pytest.raises(tokens.Malformed):
        tokens.read(text, KEYS)


class TestAccessToken:
    def test_it_has_64_characters_in_the_documented_form(self):
        text = tokens.make_access_token(tokens.new_public_id())
        assert len(text) == 64
        assert re.fullmatch(r"dik_[0-9A-Za-z]{10}_[0-9A-Za-z]{43}[0-9A-Za-z]{6}", text)

    def test_it_is_read_back(self):
        public_id = tokens.new_public_id()
        claim = tokens.read(text := tokens.make_access_token(public_id), KEYS)
        assert (claim.kind, claim.public_id, claim.secret) == ("access_token", public_id, text)

    def test_it_is_never_the_same_twice(self):
        assert len({tokens.make_access_token("0123456789") for _ in range(500)}) == 500

    @given(st.integers(0, 63), st.characters(min_codepoint=33, max_codepoint=126))
    def test_it_is_refused_with_any_one_character_changed(self, place, other):
        text = tokens.make_access_token("0123456789")
        changed = text[:place] + other + text[place + 1 :]
        if changed != text:
            refused(changed)

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda text: text[:-1],
            lambda text: text + "0",
            lambda text: text.upper(),
            lambda text: " " + text,
            lambda text: text + "\n",
            lambda text: text + "\0",
            lambda text: text.replace("dik_", "dık_"),
            lambda text: text[:20] + "é" + text[21:],
            lambda text: text * 1000,
            lambda text: "",
            lambda text: "dik_",
        ],
    )
    def test_it_is_refused_respelled(self, spoil):
        refused(spoil(tokens.make_access_token("0123456789")))


class TestJwt:
    def test_it_is_read_back(self):
        claim = tokens.read(text := a_jwt(), KEYS)
        claims = claims_of(text)
        assert (claim.kind, claim.public_id, claim.secret) == ("jwt", claims["jti"], claims["rnd"])

    def test_it_has_exactly_the_documented_header_and_claims(self):
        text = a_jwt()
        header = jwt.get_unverified_header(text)
        assert header == {"alg": "HS256", "typ": "dik+jwt", "kid": KEYS.signing.kid}
        assert claims_of(text).keys() == {*("iss", "aud", "sub", "jti", "iat", "nbf", "exp", "rnd")}

    def test_it_has_no_exp_when_it_never_expires(self):
        text = a_jwt(expires=None)
        assert "exp" not in claims_of(text)
        assert tokens.read(text, KEYS).kind == "jwt"

    def test_it_is_read_after_it_expired_so_that_the_row_can_say_so(self):
        assert tokens.read(a_jwt(expires=NOW - 1), KEYS).kind == "jwt"

    def test_it_is_refused_when_another_key_signed_it(self):
        refused(a_jwt(OTHER))
        refused(signed(claims_of(a_jwt()), secret=OTHER.signing.secret))

    def test_it_is_refused_when_its_key_is_retired(self):
        text = a_jwt()
        retired = KEYS.signing.kid
        secret = part(KEYS.signing.secret)
        fresh = MAKERS["INTEGRATOR_JWT_KEYS"]()
        keys = SigningKeys.parse(f"{fresh} {retired}:retired:{secret}")
        with pytest.raises(tokens.Malformed):
            tokens.read(text, keys)
        keys = SigningKeys.parse(f"{fresh} {retired}:verifying:{secret}")
        assert tokens.read(text, keys).kind == "jwt"

    @pytest.mark.parametrize("algorithm", ["none", "HS384", "HS512", "RS256", "hs256", ""])
    def test_it_is_refused_under_another_algorithm(self, algorithm):
        _, body, signature = a_jwt().split(".")
        header = {"alg": algorithm, "kid": KEYS.signing.kid, "typ": "dik+jwt"}
        refused(f"{part(header)}.{body}.{signature}")
        refused(f"{part(header)}.{body}.")

    @pytest.mark.parametrize(
        "header",
        [
            {"kid": KEYS.signing.kid},
            {"kid": KEYS.signing.kid, "typ": "JWT"},
            {"typ": "dik+jwt"},
            {"typ": "dik+jwt", "kid": "unknown"},
            {"typ": "dik+jwt", "kid": "../../etc/passwd"},
            {"typ": "dik+jwt", "kid": KEYS.signing.kid, "jku": "http://127.0.0.1/"},
            {"typ": "dik+jwt", "kid": KEYS.signing.kid, "jwk": {"kty": "oct", "k": "AAAA"}},
            {"typ": "dik+jwt", "kid": KEYS.signing.kid, "crit": ["exp"]},
        ],
    )
    def test_it_is_refused_with_another_header(self, header):
        refused(signed(claims_of(a_jwt()), header))

    @pytest.mark.parametrize(
        "change",
        [
            {"iss": "somebody"},
            {"aud": "somebody"},
            {"aud": ["integrator"]},
            {"sub": 7},
            {"iat": str(NOW)},
            {"iat": float(NOW)},
            {"nbf": True},
            {"exp": f"{NOW + 99}"},
            {"exp": float(NOW + 99)},
            {"exp": -1},
            {"exp": 10**18},
            {"exp": None},
            {"iat": NOW + 3600},
            {"nbf": NOW + 3600},
            {"jti": "short"},
            {"jti": "0123456789'--"},
            {"rnd": ""},
            {"rnd": "é" * 43},
            {"admin": True},
        ],
    )
    def test_it_is_refused_with_another_claim(self, change):
        refused(signed(claims_of(a_jwt()) | change))

    @pytest.mark.parametrize("missing", ["iss", "aud", "sub", "jti", "iat", "nbf", "rnd"])
    def test_it_is_refused_without_a_claim(self, missing):
        claims = claims_of(a_jwt())
        del claims[missing]
        refused(signed(claims))

    def test_it_is_refused_in_any_other_base64_spelling(self):
        head, body, signature = a_jwt().split(".")
        # The last character of 32 bytes carries 4 bits; Python drops the other two unseen.
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        twin = alphabet[alphabet.index(signature[-1]) ^ 1]
        assert base64.urlsafe_b64decode(signature + "=") == base64.urlsafe_b64decode(
            signature[:-1] + twin + "="
        )
        refused(f"{head}.{body}.{signature[:-1]}{twin}")
        refused(f"{head}.{body}.{signature}=")
        refused(f"{head}=.{body}.{signature}")
        refused(f"{head}.{body}\n.{signature}")
        refused(f"{head}.{body}.{signature}.")

    def test_it_is_refused_with_a_name_that_stands_twice(self):
        claims = claims_of(a_jwt())
        twice = json.dumps(claims, separators=(",", ":"))[:-1] + ',"sub":"1"}'
        head = part({"alg": "HS256", "kid": KEYS.signing.kid, "typ": "dik+jwt"})
        body = part(twice.encode())
        mac = hmac.digest(KEYS.signing.secret, f"{head}.{body}".encode(), hashlib.sha256)
        refused(f"{head}.{body}.{part(mac)}")

    @pytest.mark.parametrize(
        "text", ["..", "a.b.c", "eyJ.eyJ.x", "e30.e30.e30", "." * 5000, "a" * 5000]
    )
    def test_it_is_refused_when_it_is_none(self, text):
        refused(text)

    def test_it_is_refused_with_nested_json(self):
        head, _, signature = a_jwt().split(".")
        refused(f"{head}.{part(b'[' * 700)}.{signature}")

    @given(st.text(max_size=200))
    def test_it_never_fails_other_than_by_refusing(self, text):
        refused(text)
        refused("dik_" + text)
        refused(f"{text}.{text}.{text}")


def test_it_stops_a_short_signing_key_even_at_the_moment_of_signing():
    weak = KEYS.signing.__class__("k", "signing", b"x" * 31)
    with pytest.raises(jwt.InvalidKeyError):
        tokens.make_jwt(weak, "0123456789", "7", tokens.new_secret(), NOW, None)
