"""The Django admin, as Olga operates it: everything to see and search, no secret anywhere."""

import pytest
from django.urls import reverse
from django.utils import timezone

from apikeys.models import Key
from dynamic.models import Credential, Flow, Pipe, Run, System
from dynamic.models.run import new_run_id

SECRET = "credential-canary-4711"
DOCUMENT = "version: 1\nsteps:\n  - return: {body: 1}\n"


@pytest.fixture
def house(alice):
    """One of everything, Alice's."""
    system = System.objects.create(
        owner=alice,
        slug="shop",
        name="Shop",
        base_url="https://shop.example",
        auth_type="header",
        auth_name="X-Api-Key",
    )
    credential = Credential.objects.create(system=system, secret=SECRET)
    call = system.calls.create(slug="get", name="Get")
    flow = Flow.objects.create(owner=alice, slug="f", name="Flow", draft=DOCUMENT)
    flow.publish()
    pipe = Pipe.objects.create(owner=alice, name="Pipe", flow=flow)
    key, text = Key.objects.issue(alice, "Key", "access_token", 1)
    run = Run.objects.create(
        id=new_run_id(),
        owner=alice,
        pipe=pipe,
        key_public_id=key.public_id,
        request_id="r",
        method="GET",
        status="success",
        http_status=200,
        started_at=timezone.now(),
        ms=2,
        input={"payload": 1},
        answer={"hello": "world"},
        trace=[],
    )
    return {
        "dynamic_system": system,
        "dynamic_apicall": call,
        "dynamic_flow": flow,
        "dynamic_pipe": pipe,
        "dynamic_run": run,
        "apikeys_key": key,
        "accounts_user": alice,
        "credential": credential,
        "text": text,
    }


MODELS = [
    "dynamic_system",
    "dynamic_apicall",
    "dynamic_flow",
    "dynamic_pipe",
    "dynamic_run",
    "apikeys_key",
    "accounts_user",
]


@pytest.fixture
def operator(client, olga):
    client.force_login(olga)
    return client


@pytest.mark.parametrize("model", MODELS)
def test_it_lists_searches_and_shows(operator, house, model):
    key = house["apikeys_key"]
    for url in (
        reverse(f"admin:{model}_changelist"),
        reverse(f"admin:{model}_changelist") + "?q=shop",
        reverse(f"admin:{model}_change", args=[house[model].pk]),
    ):
        response = operator.get(url)
        page = response.content.decode()
        assert response.status_code == 200, url
        assert SECRET not in page
        assert house["text"][14:] not in page
        assert bytes(key.digest).hex() not in page


def test_it_keeps_a_stored_credential_when_the_field_stays_empty(operator, house):
    system, credential = house["dynamic_system"], house["credential"]
    url = reverse("admin:dynamic_system_change", args=[system.pk])
    form = {
        "owner": system.owner_id,
        "slug": "shop",
        "name": "Renamed",
        "base_url": system.base_url,
        "auth_type": "header",
        "auth_name": "X-Api-Key",
        "auth_prefix": "",
        "connect_timeout": 30,
        "read_timeout": 240,
        "credentials-TOTAL_FORMS": 1,
        "credentials-INITIAL_FORMS": 1,
        "credentials-0-id": credential.pk,
        "credentials-0-system": system.pk,
        "credentials-0-name": "default",
        "credentials-0-username": "",
        "credentials-0-secret": "",
        "calls-TOTAL_FORMS": 0,
        "calls-INITIAL_FORMS": 0,
    }
    assert operator.post(url, form).status_code == 302
    assert System.objects.get().name == "Renamed"
    assert Credential.objects.get().secret == SECRET
    assert operator.post(url, form | {"credentials-0-secret": "new-secret"}).status_code == 302
    assert Credential.objects.get().secret == "new-secret"


def test_it_revokes_keys(operator, house):
    url = reverse("admin:apikeys_key_changelist")
    operator.post(url, {"action": "revoke_keys", "_selected_action": [house["apikeys_key"].pk]})
    assert Key.objects.get().state == "revoked"


@pytest.mark.parametrize("model", ["apikeys_key", "dynamic_run"])
def test_it_makes_no_keys_and_no_runs(operator, house, model):
    assert operator.get(reverse(f"admin:{model}_add")).status_code == 403


@pytest.mark.parametrize("state", ["live", "expired", "revoked"])
def test_it_filters_keys_by_state(operator, house, state):
    response = operator.get(reverse("admin:apikeys_key_changelist") + f"?state={state}")
    assert len(response.context["cl"].result_list) == (1 if state == "live" else 0)


def test_it_publishes_a_draft_and_says_what_is_wrong_with_one(operator, house):
    flow = house["dynamic_flow"]
    url, action = reverse("admin:dynamic_flow_changelist"), {"action": "publish"}
    action["_selected_action"] = [flow.pk]
    Flow.objects.update(draft=DOCUMENT.replace("1}", "2}"))
    operator.post(url, action)
    assert flow.latest.number == 2
    Flow.objects.update(draft="version: 1\nsteps:\n  - jump: {}\n")
    page = operator.post(url, action, follow=True).content.decode()
    assert "cannot be published" in page
    assert flow.latest.number == 2


def test_it_is_closed_to_others(client, alice):
    client.force_login(alice)
    assert client.get("/admin/").status_code in (302, 403)
