"""OAuth 1.0a signatures, checked by a verifier of the library's server side (RFC 5849)."""

import pytest
from oauthlib.oauth1 import RequestValidator, ResourceEndpoint

from dynamic.flow.exchange import Refused, Request
from dynamic.outbound.oauth1 import OAuth1


class Verifier(RequestValidator):
    """Knows one client and one token, of secrets that are too short for real ones."""

    enforce_ssl = False
    client_key_length = access_token_length = nonce_length = (1, 100)
    dummy_client = dummy_access_token = "dummy"

    def __init__(self, *secrets):
        super().__init__()
        self._secrets = secrets

    def check_nonce(self, nonce):
        return True

    def get_client_secret(self, client_key, request):
        return self._secrets[0]

    def get_access_token_secret(self, client_key, token, request):
        return self._secrets[1]

    def validate_client_key(self, client_key, request):
        return client_key == "consumer"

    def validate_access_token(self, client_key, token, request):
        return token == "token"

    def validate_timestamp_and_nonce(self, *_, **__):
        return True

    def validate_realms(self, *_, **__):
        return True

    @property
    def allowed_signature_methods(self):
        return ("HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512", "PLAINTEXT")


def signer(method="HMAC-SHA1", **more):
    return OAuth1("consumer", "consumer-canary", "token", "token-canary", method, **more)


def verifies(request, *secrets):
    endpoint = ResourceEndpoint(Verifier(*(secrets or ("consumer-canary", "token-canary"))))
    body = (request.body or b"").decode()
    valid, _ = endpoint.validate_protected_resource_request(
        request.url, request.method, body, dict(request.headers), realms=[]
    )
    return valid


FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
REQUESTS = [
    Request("shop/x", "GET", "https://shop.example/orders?b=2&a=1&a=%20x&e="),
    Request("shop/x", "POST", "https://shop.example/orders?x=1", FORM, b"name=a+b&name=%C3%A9"),
    Request("shop/x", "PUT", "https://shop.example:8443/o", (("Content-Type", "a/b"),), b"{}"),
]


@pytest.mark.parametrize("method", ["HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512", "PLAINTEXT"])
@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.method)
def test_it_signs_what_a_server_verifies(method, request_):
    signed = signer(method).apply(request_)
    assert verifies(signed)
    assert not verifies(signed, "another", "token-canary")
    assert (signed.url, signed.body) == (request_.url, request_.body)


def test_it_signs_every_field_of_a_form():
    signed = signer().apply(REQUESTS[1])
    changed = Request(signed.api, signed.method, signed.url, signed.headers, b"name=a+b&name=x")
    assert not verifies(changed)


def test_it_signs_without_a_token_and_with_a_realm():
    auth = OAuth1("consumer", "consumer-canary", realm="orders")
    header = dict(auth.apply(REQUESTS[0]).headers)["Authorization"]
    assert header.startswith('OAuth realm="orders", ')
    assert "oauth_token" not in header


def test_it_signs_each_request_anew():
    first, second = (dict(signer().apply(REQUESTS[0]).headers) for _ in range(2))
    assert first != second


def test_it_refuses_what_cannot_be_signed():
    with pytest.raises(Refused, match="cannot be signed"):
        signer().apply(Request("shop/x", "GET", "https://shop.example/", FORM, b"a=1"))


def test_it_names_its_secrets_and_shows_none():
    assert {"consumer-canary", "token-canary"} <= set(signer().secrets())
    assert "canary" not in repr(signer())


def test_it_refuses_a_form_that_is_no_text():
    with pytest.raises(Refused, match="cannot be signed"):
        signer().apply(Request("shop/x", "POST", "https://shop.example/", FORM, b"\xff"))
