"""A person allows access: the whole round trip of OAuth 2.0's authorization code, with PKCE."""

import http.client
import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from dynamic.models import Consent, IssuedToken
from dynamic.systems import consent
from dynamic.systems.consent import ConsentFailed
from dynamic.systems.trying import try_connection
from tests.authorization_server import CLIENT_ID, CLIENT_SECRET


@pytest.fixture
def credential(workshop, upstream):
    system = workshop.system(
        "shop",
        "/oauth",
        "oauth2_code",
        {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
        auth={
            "authorize_url": f"{upstream.url}/oauth/authorize",
            "token_url": f"{upstream.url}/oauth/token",
            "scope": "orders",
        },
        health_path="/orders",
    )
    return system.credentials.get()


def visit(url):
    """What the system's page offers: the query of Allow and of Deny."""
    parts = urlsplit(url)
    conversation = http.client.HTTPConnection(parts.netloc, timeout=10)
    conversation.request("GET", f"{parts.path}?{parts.query}")
    page = conversation.getresponse().read().decode()
    conversation.close()
    links = map(unescape, re.findall(r'href="(http[^"]+)"', page))
    return [
        {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
        for link in links
    ]


def finish(user, answer):
    given = {"code": "", "error": "", **answer}
    return consent.finish(user, state=given["state"], code=given["code"], error=given["error"])


def test_it_comes_back_with_a_token_that_calls_can_use(alice, credential):
    allow, _ = visit(consent.begin(alice, credential))
    assert finish(alice, allow) == credential
    assert try_connection(credential.system, credential).response["data"] == {"orders": [1, 2]}


def test_it_refreshes_the_token_from_then_on(alice, credential, upstream):
    finish(alice, visit(consent.begin(alice, credential))[0])
    upstream.oauth.asked.clear()
    assert try_connection(credential.system, credential, fresh_token=True).ok
    assert upstream.oauth.asked == ["refresh_token"]


def test_it_says_that_nobody_has_allowed_access_yet(credential):
    assert "choose Connect" in try_connection(credential.system, credential).sentence


def test_it_says_that_access_was_denied(alice, credential):
    _, deny = visit(consent.begin(alice, credential))
    with pytest.raises(ConsentFailed, match="shop did not allow access: access_denied"):
        finish(alice, deny)
    assert not IssuedToken.objects.exists()


def test_it_takes_a_state_once(alice, credential):
    allow, _ = visit(consent.begin(alice, credential))
    finish(alice, allow)
    with pytest.raises(ConsentFailed, match="Choose Connect again"):
        finish(alice, allow)


def test_it_takes_no_state_of_another_person(alice, bob, credential):
    allow, _ = visit(consent.begin(alice, credential))
    with pytest.raises(ConsentFailed, match="no connection that you began"):
        finish(bob, allow)
    assert finish(alice, allow) == credential


def test_it_takes_no_state_that_is_old(alice, credential):
    allow, _ = visit(consent.begin(alice, credential))
    Consent.objects.update(created_at=timezone.now() - timedelta(minutes=11))
    with pytest.raises(ConsentFailed):
        finish(alice, allow)


@pytest.mark.parametrize("state", ["", "made-up"])
def test_it_takes_no_state_that_it_never_gave(alice, credential, state):
    consent.begin(alice, credential)
    with pytest.raises(ConsentFailed):
        finish(alice, {"state": state, "code": "x"})


def test_it_says_what_the_token_endpoint_said_of_a_wrong_code(alice, credential):
    allow, _ = visit(consent.begin(alice, credential))
    with pytest.raises(ConsentFailed, match="invalid_grant"):
        finish(alice, {**allow, "code": "another"})


def test_it_keeps_no_state_and_no_verifier_in_the_clear(alice, credential):
    url = consent.begin(alice, credential)
    state = parse_qs(urlsplit(url).query)["state"][0]
    row = Consent.objects.get()
    assert state not in row.state_digest
    assert row.verifier not in url


def test_it_asks_nobody_where_no_consent_is_needed(alice, workshop):
    system = workshop.system("open", "/echo", "basic", {"username": "a", "secret": "b"})
    with pytest.raises(ConsentFailed, match="Nobody has to allow access"):
        consent.begin(alice, system.credentials.get())
