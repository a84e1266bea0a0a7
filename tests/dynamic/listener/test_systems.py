"""What systems and API calls of every kind do for a pipe, through both doors."""

import json
import uuid

import pytest
from django.utils import timezone

from dynamic.models import IssuedToken, Run, System
from tests.authorization_server import CLIENT_ID, CLIENT_SECRET
from tests.doors import PREFIX
from tests.dynamic.listener.test_lifecycle import eventually

CALL = """
version: 1
steps:
  - {{call: it, api: {api}{more}}}
  - return: {{body: "{{{{ steps.it }}}}"}}
"""


def flow(api, more=""):
    return CALL.format(api=api, more=more)


@pytest.fixture
def call(door, workshop):
    """`call(system, **fields of the API call)`: the reply of a pipe that makes that one call."""
    _, token = workshop.key()

    def make(system, more="", **fields):
        slug = f"call-{uuid.uuid4().hex[:8]}"
        api_call = workshop.call(system, slug, **fields)
        pipe = workshop.pipe(flow(api_call.full_name, more), slug)
        # A POST, whose run is stored before it is answered.
        return lambda: door.request("POST", f"{PREFIX}{pipe.id}", [("Access-Token", token)])

    return make


@pytest.fixture
def oauth(workshop, upstream):
    upstream.oauth.asked.clear()
    return workshop.system(
        "crm",
        "/oauth",
        "oauth2_client",
        {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
        auth={"token_url": f"{upstream.url}/oauth/token"},
    )


def run_of(reply):
    return Run.objects.get(pk=reply.headers["run-id"])


def test_it_obtains_a_token_and_uses_it_again(call, oauth, upstream):
    orders = call(oauth, path="/orders")
    for _ in range(3):
        assert orders().json["data"] == {"orders": [1, 2]}
    assert upstream.oauth.asked == ["client_credentials"]


def test_it_renews_a_token_that_another_process_made_useless(call, oauth, upstream):
    orders = call(oauth, path="/orders")
    orders()
    upstream.oauth.access = "another"
    reply = orders()
    assert reply.status == 200
    assert upstream.oauth.asked == ["client_credentials", "refresh_token"]
    (step, *_) = run_of(reply).trace
    assert [attempt["status_code"] for attempt in step["attempts"]] == [401, 200]


def test_it_keeps_no_token_in_its_run(call, oauth, upstream, workshop):
    mirror = workshop.system(
        "mirror",
        "",
        "oauth2_client",
        {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
        auth={"token_url": f"{upstream.url}/oauth/token"},
    )
    reply = call(mirror, path="/echo")()
    assert "access-canary" in reply.body.decode()  # the upstream tells, and the flow returns it
    run = run_of(reply)
    assert "canary" not in json.dumps([run.trace, run.answer, run.input])


def test_it_tells_the_caller_no_secret_that_an_upstream_repeats(call, workshop, upstream):
    system = workshop.system(
        "talkative",
        "/oauth",
        "oauth2_client",
        {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
        auth={"token_url": f"{upstream.url}/oauth/talkative"},
    )
    reply = call(system, path="/orders")()
    assert reply.status == 502
    assert "invalid_client: no " in reply.json["detail"]
    assert "canary" not in reply.body.decode()


def test_it_says_which_address_is_refused_and_why(call, workshop):
    system = workshop.system("inside")
    System.objects.update(base_url="http://10.0.0.7:8080")
    system.refresh_from_db()
    reply = call(system, path="/echo")()
    assert reply.status == 502
    (step, *_) = run_of(reply).trace
    assert step["error"] == (
        "10.0.0.7 is a private network (RFC 1918). "
        "Ask the operator to allow it (INTEGRATOR_OUTBOUND_ALLOW)."
    )


def test_it_keeps_the_attempts_of_a_run_that_its_deadline_ends(door, workshop):
    _, token = workshop.key()
    system = workshop.system("slow", read_timeout=1)
    slow = workshop.call(system, "slow", "/hang", retry={"attempts": 5, "wait": 0})
    pipe = workshop.pipe(flow(slow.full_name), deadline=2)
    reply = door.request("POST", f"{PREFIX}{pipe.id}", [("Access-Token", token)])
    assert reply.status == 504
    attempts = run_of(reply).trace[0]["attempts"]
    assert "within 1 s" in attempts[0]["error"]
    assert attempts[-1]["error"] == "Nobody waited for it any longer."


def test_it_uses_the_credential_that_the_step_names(call, workshop, upstream):
    system = workshop.system("many", "", "header", {"secret": "first-1"}, auth={"name": "X-Key"})
    workshop.credential(system, {"secret": "second-2"}, name="other", is_default=False)
    first = call(system, path="/echo")()
    second = call(system, ", credential: other", path="/echo")()
    assert first.json["data"]["headers"]["X-Key"] == "first-1"
    assert second.json["data"]["headers"]["X-Key"] == "second-2"


def test_it_takes_the_base_url_of_the_credential(call, workshop, upstream):
    system = workshop.system("shops", "", "basic", base_url="")
    values = {"username": "a", "secret": "b"}
    workshop.credential(system, values, base_url=f"{upstream.url}/status", name="one")
    assert call(system, path="/204")().json["status_code"] == 204


def test_it_says_which_credential_is_missing(call, workshop):
    system = workshop.system("bare", "", "basic")
    reply = call(system, path="/echo")()
    assert reply.status == 500
    assert "The system bare has no such credential" in reply.json["detail"]


def test_it_takes_the_statuses_that_the_call_calls_fine(call, workshop):
    system = workshop.system("trouble")
    reply = call(system, path="/status/404", fine_statuses="200-299, 404")()
    assert reply.json["status"] is True
    assert reply.json["status_code"] == 404


def test_it_adds_what_is_common_to_all_calls_of_a_system(call, workshop):
    system = workshop.system(
        "common",
        common_headers=[{"key": "X-Shop", "value": "7"}, {"key": "Accept", "value": "a/b"}],
        common_query=[{"key": "lang", "value": "de"}],
    )
    data = call(system, path="/echo", headers=[{"key": "accept", "value": "text/x"}])().json["data"]
    assert data["query"] == {"lang": "de"}
    headers = {name.lower(): value for name, value in data["headers"].items()}
    assert (headers["x-shop"], headers["accept"]) == ("7", "text/x")


def test_it_skips_the_authentication_where_the_call_says_so(call, workshop):
    system = workshop.system("open", "", "header", {"secret": "s-1"}, auth={"name": "X-Key"})
    data = call(system, path="/echo", skip_auth=True)().json["data"]
    assert "X-Key" not in data["headers"]


def test_it_tells_the_attempts_of_a_flaky_system(call, workshop):
    system = workshop.system("trouble")
    reply = call(system, path="/status/503", retry={"attempts": 3, "wait": 0})()
    assert reply.status == 502
    (step, *_) = run_of(reply).trace
    assert len(step["attempts"]) == 3


def test_it_makes_no_call_that_is_off_and_none_of_an_archived_system(call, workshop, upstream):
    system = workshop.system("later")
    echo = call(system, path="/echo")
    assert echo().status == 200
    system.calls.update(active=False)
    assert eventually(lambda: "There is no API call" in echo().json.get("detail", ""))
    system.calls.update(active=True)
    assert eventually(lambda: echo().status == 200)
    System.objects.update(archived_at=timezone.now())
    assert eventually(lambda: "There is no API call" in echo().json.get("detail", ""))


def test_it_shares_one_token_between_two_servers(servers, workshop, oauth, upstream):
    _, token = workshop.key()
    call = workshop.call(oauth, "orders", "/orders")
    pipe = workshop.pipe(flow(call.full_name))
    headers = [("Access-Token", token)]
    replies = [
        server.request("GET", f"{PREFIX}{pipe.id}", headers)
        for _ in range(3)
        for server in servers.up_to(2)
    ]
    assert {reply.status for reply in replies} == {200}
    assert upstream.oauth.asked == ["client_credentials"]
    assert IssuedToken.objects.count() == 1
