"""Pipes in the browser: made, called with a key that is typed in, and looked at."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from dynamic.models import Flow, Pipe, Run
from dynamic.runs.filters import first_id
from tests.browser.accessibility import assert_accessible
from tests.dynamic.conftest import upstream, upstream_process, workshop

__all__ = ["upstream", "upstream_process", "workshop"]

pytestmark = pytest.mark.browser

LONG = "Orders of the Rotterdam branch with their stock and prices ".ljust(100, "W")
DOCUMENT = """\
version: 1
input: {type: object, properties: {a: {type: string, examples: [x]}}}
steps:
  - call: ask
    api: shop/echo
  - return: {status: 201, body: {got: "{{ payload.a }}", asked: "{{ steps.ask.status_code }}"}}
"""


@pytest.fixture
def signed_in(page, alice, come_in):
    come_in(alice)
    return page


@pytest.fixture
def flow(workshop, alice):
    workshop.call(workshop.system("shop"), "echo", "/echo")
    flow = Flow.objects.create(owner=alice, slug="orders", name="Orders", draft=DOCUMENT)
    flow.publish()
    return flow


def called(pipe):
    """Calls of the last 15 days: more each day, and every seventh failed."""
    now = datetime.now(UTC)
    rows = []
    for number in range(60):
        at = now - timedelta(days=14 - int(number**0.65), minutes=number)
        status = "upstream_failed" if number % 7 == 0 else "success"
        rows.append(
            Run(
                id=first_id(at) + f"{number:012x}",
                owner=pipe.owner,
                pipe=pipe,
                key_public_id="A1b2C3d4E5",
                request_id="r",
                method="POST",
                status=status,
                http_status=200,
                message="" if status == "success" else f"shop/echo answered 500. {LONG}",
                started_at=at,
                ms=12.5,
                input={},
                answer=None,
                trace=[],
            )
        )
    Run.objects.bulk_create(rows)


def test_it_makes_one_and_calls_it(signed_in, workshop, flow):
    page = signed_in
    _, token = workshop.key()
    page.goto("/pipes/")
    page.get_by_role("link", name="New pipe").click()
    page.get_by_label("Name", exact=True).fill("Web shop")
    page.get_by_label("Flow").select_option("Orders")
    page.get_by_role("button", name="Create pipe").click()
    expect(page.get_by_role("heading", name="Web shop")).to_be_visible()
    page.get_by_role("link", name="Test").click()
    assert json.loads(page.get_by_role("textbox", name="Body").input_value()) == {"a": "x"}
    page.get_by_role("textbox", name="Body").fill('{"a": "<b>ö"}')
    page.get_by_label("Key").fill(token)
    page.get_by_role("button", name="Call the pipe").click()
    expect(page.get_by_role("status").first).to_contain_text("HTTP 201")
    expect(page.get_by_label("Headers and body")).to_contain_text('{"got":"<b>ö","asked":200}')
    expect(page.get_by_text("ask", exact=True)).to_be_visible()
    run = Run.objects.get()
    assert (run.input["payload"], run.status) == ({"a": "<b>ö"}, "success")
    assert "cookie" not in json.dumps(run.input["headers"]).lower()
    assert token not in page.url
    assert_accessible(page)


@pytest.mark.parametrize("name", ["Web shop", LONG])
def test_all_can_read_its_pages(signed_in, flow, name):
    page = signed_in
    page.goto("/pipes/")
    assert_accessible(page)
    pipe = Pipe.objects.create(owner=flow.owner, name=name, flow=flow)
    called(pipe)
    Pipe.objects.create(owner=flow.owner, name="Off", flow=flow, enabled=False)
    for path in ("", f"{pipe.pk}/", f"{pipe.pk}/edit/", f"{pipe.pk}/delete/", "new/"):
        page.goto(f"/pipes/{path}")
        assert_accessible(page)


def test_it_tells_what_is_wrong_at_its_field(signed_in, flow):
    page = signed_in
    page.goto("/pipes/new/")
    page.get_by_role("button", name="Create pipe").click()
    expect(page.get_by_text("Choose a flow.")).to_be_visible()
    assert_accessible(page)
