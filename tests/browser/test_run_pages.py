"""Runs found, read, compared and replayed on their pages; one that runs shows its end by itself."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from dynamic.models import Run
from tests.browser.accessibility import assert_accessible
from tests.dynamic.history import call_entry, pipe_of, run_of, stored

pytestmark = pytest.mark.browser

LONG = "a-name-that-is-as-long-as-a-slug-may-be-" + "x" * 10
SENTENCE = f"The call {LONG} to shop/{LONG} was answered with status 503. " + "W" * 200


@pytest.fixture
def pipe(alice):
    return pipe_of(alice, "Orders of a customer whose name is long enough to wrap")


def trace_of(status):
    inner = [call_entry(LONG, at=30.0, ms=50.0, status=status, data={"a": "W" * 300})]
    items = [{"item": 0, "steps": inner}]
    return [
        call_entry("order", ms=30.0),
        {"step": "lines", "kind": "for", "at": 30.0, "count": 1, "items": items, "ms": 60.0},
    ]


def test_it_finds_a_bad_run_compares_it_and_replays_it(page, alice, come_in, pipe):
    good = run_of(pipe, timedelta(minutes=1), trace=trace_of(200), ms=95.0)
    bad = run_of(pipe, trace=trace_of(503), ms=95.0, message=SENTENCE)
    bad.status, bad.http_status = "upstream_failed", 502
    stored(good, bad, *(run_of(pipe, timedelta(hours=hour + 1)) for hour in range(60)))
    come_in(alice)
    page.goto("/runs/")
    expect(page.get_by_role("link", name="Runs", exact=True)).to_have_attribute(
        "aria-current", "true"
    )
    page.get_by_role("link", name="Older").click()
    page.get_by_role("link", name="Newer").click()
    assert_accessible(page)
    page.get_by_label("Status").select_option("All that did not end well")
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("row").filter(has_text=bad.pk).get_by_role("link").click()

    page.get_by_text("Item 1").click()
    assert_accessible(page)
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_text("1 of 3 went otherwise")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="differs")).to_have_count(4)
    assert_accessible(page)
    page.get_by_role("table").first.get_by_role("link", name=bad.pk).click()
    page.get_by_role("link", name="Replay").click()
    expect(page.get_by_label("Payload")).to_have_value('{\n  "a": 1\n}')


def test_it_shows_by_itself_how_a_run_goes_on_and_that_it_has_ended(page, alice, come_in, pipe):
    first, loop = trace_of(200)
    del loop["ms"], loop["items"][0]["steps"][0]["ms"]
    run = run_of(pipe, status="running", http_status=None, answer=None, trace=[first], ms=1.0)
    stored(run)
    come_in(alice)
    page.clock.install()
    page.goto(f"/runs/{run.pk}/")
    expect(page.get_by_text("It has begun and not ended")).to_be_visible()
    summary = page.get_by_text("Request and response of order")
    summary.click()
    assert_accessible(page)

    Run.objects.filter(pk=run.pk).update(trace=[first, loop], ms=2.0)
    page.clock.run_for(2000)
    expect(page.get_by_text("under way", exact=True).first).to_be_visible()
    expect(page.get_by_text("Item 1 of lines")).to_be_visible()
    expect(page.get_by_label("Response").first).to_be_visible()  # what was open stays open
    expect(summary).to_be_focused()
    assert_accessible(page)

    ended = {"status": "success", "http_status": 201, "trace": trace_of(200), "ms": 3.0}
    Run.objects.filter(pk=run.pk).update(**ended)
    page.clock.run_for(2000)
    expect(page.get_by_text("HTTP 201")).to_be_visible()
    expect(page.get_by_role("link", name="Replay")).to_be_visible()
    expect(page.get_by_text("under way", exact=True)).to_have_count(0)
    expect(page.get_by_label("Response").first).to_be_visible()
