"""`manage.py flow check|run|diff FILE`."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from tests.upstream import SHOP_KEY

ORDER = """\
version: 1
input: {type: object, required: [id]}
steps:
  - {call: order, api: shop/get-order, with: {id: "{{ payload.id }}"}}
  - return: {body: {customer: "{{ steps.order.data.customer }}"}}
"""


@pytest.fixture
def flow(workshop, alice, tmp_path):
    """`flow("check", source, …)`: what is printed, and the exit code."""
    shop = workshop.system(
        "shop", "/shop", "header", {"secret": SHOP_KEY}, auth={"name": "X-Api-Key"}
    )
    workshop.call(shop, "get-order", "/orders/{{ id }}")

    def run(what, source=ORDER, **options):
        file = tmp_path / "flow.yaml"
        file.write_text(source)
        out, err = io.StringIO(), io.StringIO()
        options = {"owner": alice.email, "stdout": out, "stderr": err, **options}
        try:
            call_command("flow", what, file, **options)
        except CommandError as error:
            return out.getvalue(), err.getvalue() + str(error), error.returncode
        return out.getvalue(), err.getvalue(), 0

    return run


def test_it_says_that_a_flow_can_run(flow):
    out, _, code = flow("check")
    assert (code, out.endswith("flow.yaml can run.\n")) == (0, True)


def test_it_tells_every_problem_with_its_place(flow):
    source = ORDER.replace("get-order", "get-odrer").replace("return", "retrun")
    _, err, code = flow("check", source)
    assert code == 1
    wrong = "There is no API call shop/get-odrer. Did you mean shop/get-order?"
    assert f"flow.yaml:4:19: {wrong}" in err
    assert "flow.yaml:5:5: retrun is not a kind of step. Did you mean return?" in err
    assert err.endswith("2 problems.")
    out, _, _ = flow("check", "version: 1\nsteps: [{cal: a}]\n", json=True)
    (problem,) = json.loads(out)["problems"]
    assert (problem["line"], problem["path"]) == (2, "steps[0].cal")


def test_it_runs_a_flow_live(flow):
    out, err, code = flow("run", payload='{"id": 7}')
    assert (json.loads(out), code) == ({"customer": "Zoë"}, 0)
    assert "call" in err
    out, _, _ = flow("run", payload='{"id": 7}', json=True)
    run = json.loads(out)
    assert (run["status"], run["trace"][0]["response"]["status_code"]) == ("success", 200)
    assert SHOP_KEY not in out


def test_it_says_how_a_run_ended(flow):
    _, err, code = flow("run", payload="{}")
    assert (code, "invalid_input" in err) == (1, True)
    assert 'payload: "id" is a required property.' in err
    _, err, code = flow("run", payload="{")
    assert (code, "--payload is not JSON" in err) == (2, True)


ECHO = """\
version: 1
steps:
  - return: {body: ["{{ payload }}", "{{ query }}", "{{ method }}", "{{ headers.`x-kind` }}"]}
"""


def test_it_runs_a_flow_with_the_request_that_it_is_told(flow):
    given = {"query": ["sku=A", "sku=B", "page=2"], "header": ["X-Kind: wine"]}
    query = {"sku": ["A", "B"], "page": "2"}
    out, _, code = flow("run", ECHO, method="PATCH", payload='{"id": 7}', **given)
    assert (json.loads(out), code) == ([{"id": 7}, query, "PATCH", "wine"], 0)
    out, _, _ = flow("run", ECHO, method="GET", **given)
    assert json.loads(out) == [query, query, "GET", "wine"]
    assert json.loads(flow("run", ECHO)[0])[:3] == [{}, {}, "POST"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"method": "GET", "payload": "{}"}, "A GET has no payload"),
        ({"query": ["sku"]}, "--query: write NAME=VALUE"),
        ({"header": ["Authorization: Bearer x"]}, "A secret does not belong"),
    ],
)
def test_it_says_what_is_wrong_with_the_request(flow, given, sentence):
    out, err, code = flow("run", ECHO, **given)
    assert (out, code, sentence in err) == ("", 2, True)


def test_it_compares_with_what_is_published(flow, workshop):
    slug = workshop.pipe(ORDER, "Order").flow.slug
    assert flow("diff", flow=slug) == ("\n", "", 0)
    out, _, code = flow("diff", ORDER.replace("customer:", "buyer:"), flow=slug)
    assert code == 1
    assert "-  - return: {body: {customer:" in out
    assert "+  - return: {body: {buyer:" in out
    assert flow("diff", flow="none")[2] == 2


def test_it_knows_no_other_persons_calls(flow, bob):
    _, err, code = flow("check", owner=bob.email)
    assert (code, "There is no API call shop/get-order" in err) == (1, True)
