"""The Django admin, as Olga operates it: everything to see and search, no secret anywhere."""

import pytest
from django.urls import reverse
from django.utils import timezone

from apikeys.models import Key
from dynamic.models import Credential, Drift, Flow, Health, IssuedToken, Pipe, Run, Share, System
from dynamic.models.run import new_run_id

SECRET = "credential-canary-4711"
DOCUMENT = "version: 1\nsteps:\n  - return: {body: 1}\n"


@pytest.fixture
def house(alice, bob):
    """One of everything, Alice's."""
    system = System.objects.create(
        owner=alice,
        slug="shop",
        name="Shop",
        base_url="https://shop.example",
        auth_type="header",
        auth={"name": "X-Api-Key"},
    )
    credential = Credential.objects.create(system=system, values={"secret": SECRET})
    token = IssuedToken.objects.create(
        credential=credential,
        made_for="x",
        version="1",
        answer={"access_token": SECRET},
        obtained_at=1_700_000_000,
        expires_at=1_700_003_600,
    )
    Health.objects.create(system=system, is_up=False, message="It does not answer.")
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
    drift = Drift.objects.create(flow=flow, call=call, path='["lines", "sku"]', run_id=run.pk)
    return {
        "dynamic_system": system,
        "dynamic_apicall": call,
        "dynamic_drift": drift,
        "dynamic_issuedtoken": token,
        "dynamic_flow": flow,
        "dynamic_pipe": pipe,
        "dynamic_run": run,
        "dynamic_share": Share.objects.create(owner=alice, account=bob, role="viewer", pipe=pipe),
        "apikeys_key": key,
        "accounts_user": alice,
        "credential": credential,
        "text": text,
    }


MODELS = [
    "dynamic_system",
    "dynamic_apicall",
    "dynamic_issuedtoken",
    "dynamic_flow",
    "dynamic_pipe",
    "dynamic_run",
    "dynamic_share",
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


class TestSystem:
    @pytest.fixture
    def post(self, operator, house):
        """Send the form of the system, with one credential, changed as given."""
        system, credential = house["dynamic_system"], house["credential"]
        form = {
            "owner": system.owner_id,
            "slug": "shop",
            "name": "Renamed",
            "base_url": system.base_url,
            "auth_type": "header",
            "auth": '{"name": "X-Api-Key"}',
            "common_query": "[]",
            "common_headers": "[]",
            "common_body": "[]",
            "connect_timeout": 30,
            "read_timeout": 240,
            "token_failures": "401",
            "most_at_once": 0,
            "health_minutes": 0,
            "credentials-TOTAL_FORMS": 1,
            "credentials-INITIAL_FORMS": 1,
            "credentials-0-id": credential.pk,
            "credentials-0-system": system.pk,
            "credentials-0-name": "default",
            "credentials-0-values": "",
            "calls-TOTAL_FORMS": 0,
            "calls-INITIAL_FORMS": 0,
            "health-TOTAL_FORMS": 0,
            "health-INITIAL_FORMS": 0,
        }
        url = reverse("admin:dynamic_system_change", args=[system.pk])
        return lambda **changes: operator.post(
            url, form | {name.replace("_0_", "-0-"): value for name, value in changes.items()}
        )

    def test_it_keeps_what_a_credential_holds_when_the_field_stays_empty(self, post, house):
        assert post().status_code == 302
        assert System.objects.get().name == "Renamed"
        assert Credential.objects.get().values == {"secret": SECRET}

    def test_it_replaces_what_a_credential_holds(self, post, house):
        assert post(credentials_0_values='{"secret": "new-secret"}').status_code == 302
        assert Credential.objects.get().values == {"secret": "new-secret"}

    @pytest.mark.parametrize(
        "values",
        [
            f'"{SECRET}"',
            f"{{{SECRET}",
            f'{{"password": "{SECRET}"}}',
            f'{{"secret": ["{SECRET}"]}}',
        ],
    )
    def test_it_says_what_is_wrong_without_repeating_it(self, post, house, values):
        answer = post(credentials_0_values=values)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "errorlist" in page
        assert SECRET not in page
        assert Credential.objects.get().values == {"secret": SECRET}

    def test_it_makes_another_credential_and_then_the_default(self, post, house):
        more = {
            "credentials-TOTAL_FORMS": 2,
            "credentials-1-system": house["dynamic_system"].pk,
            "credentials-1-name": "test",
            "credentials-1-values": '{"secret": "another"}',
        }
        assert post(**more).status_code == 302
        assert Credential.objects.get(is_default=True).name == "default"
        Credential.objects.filter(name="test").delete()
        assert post(**more, **{"credentials-1-as_default": "on"}).status_code == 302
        assert Credential.objects.get(is_default=True).name == "test"

    def test_it_makes_the_only_credential_the_default(self, operator, house, post):
        Credential.objects.all().delete()
        answer = post(
            **{
                "credentials-INITIAL_FORMS": 0,
                "credentials-0-id": "",
                "credentials-0-values": '{"secret": "first"}',
            }
        )
        assert answer.status_code == 302
        assert Credential.objects.get().is_default

    @pytest.mark.parametrize("auth", ["[1]", '{"name": 5}', "{}", "nonsense"])
    def test_it_says_what_is_wrong_with_the_settings(self, post, house, auth):
        answer = post(auth=auth)
        assert answer.status_code == 200
        assert "auth" in answer.context["adminform"].errors

    def test_it_tells_names_held_and_health(self, operator, house):
        url = reverse("admin:dynamic_system_change", args=[house["dynamic_system"].pk])
        page = operator.get(url).content.decode()
        assert "It does not answer." in page
        assert '<div class="readonly">secret</div>' in page

    @pytest.mark.parametrize("kind", ["system", "flow", "pipe"])
    def test_it_filters_the_archived(self, operator, house, kind):
        url = reverse(f"admin:dynamic_{kind}_changelist")
        for archived, count in (("yes", 0), ("no", 1)):
            response = operator.get(f"{url}?archived={archived}")
            assert len(response.context["cl"].result_list) == count


def test_it_forgets_tokens(operator, house):
    url, token = reverse("admin:dynamic_issuedtoken_changelist"), house["dynamic_issuedtoken"]
    page = operator.post(url, {"action": "forget", "_selected_action": [token.pk]}, follow=True)
    assert "1 tokens forgotten" in page.content.decode()
    assert not IssuedToken.objects.exists()
    assert Credential.objects.exists()


def test_it_revokes_keys(operator, house):
    url = reverse("admin:apikeys_key_changelist")
    operator.post(url, {"action": "revoke_keys", "_selected_action": [house["apikeys_key"].pk]})
    assert Key.objects.get().state == "revoked"


@pytest.mark.parametrize("model", ["apikeys_key", "dynamic_run", "dynamic_issuedtoken"])
def test_it_makes_no_keys_runs_or_tokens(operator, house, model):
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


class TestShare:
    def test_it_changes_the_role_and_no_more(self, operator, house, olga):
        share = house["dynamic_share"]
        url = reverse("admin:dynamic_share_change", args=[share.pk])
        operator.post(url, {"role": "editor", "account": olga.pk, "owner": olga.pk})
        changed = Share.objects.get()
        assert changed.role == "editor"
        assert (changed.account, changed.owner) == (share.account, share.owner)

    def test_it_is_found_by_whose_it_is_and_who_has_it(self, operator, house):
        url = reverse("admin:dynamic_share_changelist")
        for words in ("alice@example.com", "bob@example.com", house["dynamic_pipe"].pk):
            page = operator.get(url, {"q": words}).content.decode()
            assert "1 share" in page, words
        assert "0 shares" in operator.get(url, {"q": "nobody-has-this"}).content.decode()

    def test_it_is_made_by_nobody_but_the_owner(self, operator, house):
        assert operator.get(reverse("admin:dynamic_share_add")).status_code == 403
