"""Every bundle of examples/ imports, keeps through an export, and its flows do what they show."""

import re
from pathlib import Path

import pytest

from dynamic.bundle import export_bundle, import_bundle
from dynamic.flow.engines.choice import choose, chosen, engine_named
from dynamic.flow.runner import Input
from dynamic.simulating.documents import Documents
from dynamic.simulating.mocked import walk_mocked
from dynamic.simulating.recordings import recorded_mock
from dynamic.simulating.stops import Stop
from dynamic.simulating.terms import Flow, Past
from dynamic.systems.run_once import run_once
from dynamic.systems.runnable import make_runnable
from tests.examples_upstream import serve_systems

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "examples").glob("*.yaml"))
LONGEST = 70  # lines: an example is read in one look

ARTICLE = {"sku": "A-1", "name": "Anvil, heavy", "price": 12}
LINES = [{"sku": "A", "quantity": 2, "price": 5}, {"sku": "B", "quantity": 1, "price": 10}]
TOTALS = {"net": 20, "tax": 3.8, "gross": 23.8}
PRICE = {"net": 100, "country": "DE", "on": "2026-12-24T10:00:00Z"}
ORDER = {"customer": "zoe@example.com", "lines": [{"sku": "A-1", "quantity": 2}]}
TOLD = {"receiver": "a", "told": True}


def twice(*skus):
    return {**ORDER, "lines": [{"sku": sku, "quantity": 1} for sku in skus]}


# (example, flow, payload, status, body)
RUNS = [
    (
        "order-sync-with-paging",
        "order-sync",
        {"since": "2026-01-01"},
        200,
        {"count": 3, "total": 42.5, "open": [2]},
    ),
    (
        "stock-join-in-parallel",
        "stock-join",
        {"lines": [{"sku": "A-1", "quantity": 5}, {"sku": "B-2", "quantity": 1}]},
        200,
        {
            "lines": [
                {"sku": "A-1", "quantity": 5, "free": 5, "enough": True},
                {"sku": "B-2", "quantity": 1, "free": 0, "enough": False},
            ],
            "deliverable": False,
        },
    ),
    (
        "stock-join-in-parallel",
        "stock-join",
        {"lines": [{"sku": "C-3", "quantity": 12}]},
        200,
        {
            "lines": [{"sku": "C-3", "quantity": 12, "free": 12, "enough": True}],
            "deliverable": True,
        },
    ),
    ("upsert", "upsert-article", ARTICLE, 200, {"done": "updated", "article": ARTICLE}),
    (
        "upsert",
        "upsert-article",
        {**ARTICLE, "sku": "new/1"},
        201,
        {"done": "made", "article": {**ARTICLE, "sku": "new/1"}},
    ),
    (
        "webhook-fan-out",
        "fan-out",
        {"event": "sold", "receivers": ["a", "b"], "data": {"n": 1}},
        200,
        {"results": [TOLD, {**TOLD, "receiver": "b"}]},
    ),
    ("oauth-api", "erp-orders", {}, 200, [1, 2]),
    (
        "xml-in-json-out",
        "order-as-json",
        {"number": 1001},
        200,
        {
            "number": "1001",
            "customer": "Zoë & Co",
            "lines": [{"sku": "A-1", "quantity": 2, "price": 9.5, "currency": "EUR"}],
        },
    ),
    (
        "csv-report",
        "low-stock",
        {"below": "6"},
        200,
        'sku;name;missing\r\nA-1;Anvil;1\r\nB-2;"Bolt; long";6\r\n',
    ),
    ("csv-report", "low-stock", {}, 200, 'sku;name;missing\r\nB-2;"Bolt; long";5\r\n'),
    ("csv-report", "low-stock", {"below": 0}, 204, None),
    ("snippet", "quote", {"lines": LINES}, 200, {"kind": "quote", "totals": TOTALS}),
    (
        "snippet",
        "invoice",
        {"lines": LINES, "number": 8},
        200,
        {"kind": "invoice", "number": 8, "totals": TOTALS},
    ),
    (
        "snippet",
        "invoice",
        {"lines": LINES, "number": 7, "tax_percent": 7},
        200,
        {"kind": "invoice", "number": 7, "totals": {"net": 20, "tax": 1.4, "gross": 21.4}},
    ),
    (
        "price-with-currency",
        "price",
        {**PRICE, "currency": "USD"},
        200,
        {"gross": 148.75, "text": "148.75 USD", "on": "24.12.2026 11:00"},
    ),
    (
        "price-with-currency",
        "price",
        {**PRICE, "net": 1e4, "country": "XX", "currency": "EUR"},
        200,
        {"gross": 10000, "text": "10,000.00 EUR", "on": "24.12.2026 11:00"},
    ),
    (
        "signed-webhook",
        "signed-event",
        {"event": "sold", "data": {"name": "Zoë", "price": 9.5}},
        202,
        {"heard": "sold", "as": "application/json"},
    ),
    ("validate-and-fail", "accept-order", ORDER, 202, {"customer": "zoe@example.com", "pieces": 2}),
    (
        "cleanup-loop",
        "clean-up-carts",
        {"before": "2026-05-01", "at_most": 2},
        200,
        {"removed": [1, 3]},
    ),
    (
        "cleanup-loop",
        "clean-up-carts",
        {"before": "2026-01-02", "at_most": 9},
        200,
        {"removed": [1]},
    ),
]


@pytest.fixture
def systems():
    with serve_systems() as running:
        yield running


@pytest.fixture
def run(transactional_db, alice, systems):
    """Import an example and run one of its flows."""

    def import_and_run(example, slug, payload):
        path = next(path for path in EXAMPLES if path.stem == example)
        import_bundle(path.read_text("utf-8"), alice, systems.environ)
        source = alice.flows.get(slug=slug).latest.source
        return run_once(make_runnable(alice.pk, slug, source), Input(payload), seconds=10)

    return import_and_run


@pytest.fixture
def simulate(alice, systems):
    """Run an imported flow with the answers of a run that was; the systems hear nothing of it."""

    def simulate(slug, payload, trace):
        heard = len(systems.seen)
        source = alice.flows.get(slug=slug).latest.source
        runnable = make_runnable(alice.pk, slug, source)
        mocks = {name: recorded_mock(trace, name) for name, _ in runnable.calls}
        flow = Flow(
            runnable.program, runnable.calls, runnable.flows, Input(payload), Documents(source)
        )
        walked = walk_mocked(flow, mocks, Past(), Stop(), seconds=10)
        assert len(systems.seen) == heard
        return walked.outcome

    return simulate


@pytest.mark.django_db
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
class TestEveryExample:
    def test_it_imports_and_keeps_through_an_export(self, path, alice, bob, systems):
        done = import_bundle(path.read_text("utf-8"), alice, systems.environ)
        assert done.created
        exported = export_bundle(alice)
        environ = dict.fromkeys(re.findall(r"\$\{(\w+)\}", exported), "another")
        again = import_bundle(exported, alice, environ)
        assert again.created == []
        assert all(fields == ["values"] for fields in again.updated.values())  # other secrets
        assert import_bundle(exported, bob, environ).created
        assert export_bundle(bob) == exported

    def test_it_says_what_it_shows_and_which_names_it_takes(self, path, systems):
        text = path.read_text("utf-8")
        head = re.match(r"(#.*\n)+", text)[0]
        taken = set(re.findall(r"\$\{(\w+)\}", text.removeprefix(head)))
        assert taken <= systems.environ.keys()
        if path.stem != "order-with-stock":  # the demo, which has a page of its own
            assert taken == set(re.findall(r"\bDEMO_\w+", head))
        assert len(text.splitlines()) <= LONGEST


@pytest.fixture(params=["jsonatapy", "jsonata-python"])
def each_engine(request):
    before = chosen().engine
    choose(engine_named(request.param))
    yield
    choose(before)


@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize(("example", "flow", "payload", "status", "body"), RUNS)
def test_it_gives_what_it_shows_live_and_simulated(
    run, simulate, example, flow, payload, status, body
):
    done = run(example, flow, payload)
    assert (done["status"], done["http_status"], done["body"]) == ("success", status, body), done
    outcome = simulate(flow, payload, done["trace"])
    assert (outcome.status, outcome.http_status, outcome.body) == ("success", status, body), outcome


def test_it_runs_every_example():
    assert {example for example, *_ in RUNS} == {path.stem for path in EXAMPLES} - {
        "order-with-stock"  # tests/dynamic/test_quickstart.py
    }


class TestWhatEachLeavesBehind:
    def test_it_asks_for_a_page_again_that_failed_in_passing(self, run, systems):
        run("order-sync-with-paging", "order-sync", {"since": "2026-01-01"})
        first = ("GET", "/shop/orders?since=2026-01-01")
        assert systems.seen[:2] == [first, first]
        assert [target.partition("cursor=")[2] for _, target in systems.seen[2:]] == [
            "second",
            "third",
        ]

    def test_it_updates_what_is_there_and_makes_what_is_not(self, run, systems):
        run("upsert", "upsert-article", ARTICLE)
        run("upsert", "upsert-article", {**ARTICLE, "sku": "B-2"})
        written = {"name": ARTICLE["name"], "price": 12}
        assert systems.articles == {"A-1": written, "B-2": written}
        assert [method for method, _ in systems.seen] == ["GET", "PUT", "GET", "POST"]

    def test_it_removes_no_more_carts_than_allowed(self, run, systems):
        done = run("cleanup-loop", "clean-up-carts", {"before": "2026-05-01", "at_most": 2})
        assert sorted(systems.carts) == [2, 4]
        assert "stopped at 2 carts" in str(done["trace"])


class TestWhatEachRefuses:
    def test_it_tells_which_receiver_had_it_and_which_not(self, run, simulate):
        told = {"event": "e", "receivers": ["a", "broken", "b"]}
        done = run("webhook-fan-out", "fan-out", told)
        assert simulate("fan-out", told, done["trace"]).body == done["body"]
        assert done["http_status"] == 207
        results = done["body"]["results"]
        assert [one["told"] for one in results] == [True, False, True]
        assert "status 500" in results[1]["why"]

    def test_it_does_not_take_another_failure_for_a_missing_article(self, run, simulate, systems):
        broken = {**ARTICLE, "sku": "broken"}
        done = run("upsert", "upsert-article", broken)
        assert (done["status"], done["http_status"]) == ("failed", 502)
        assert done["message"] == "the shop answered 500"
        outcome = simulate("upsert-article", broken, done["trace"])
        assert (outcome.status, outcome.message) == ("failed", "the shop answered 500")
        assert [method for method, _ in systems.seen] == ["GET"]

    def test_it_refuses_a_currency_that_it_has_no_rate_for(self, run):
        done = run("price-with-currency", "price", {**PRICE, "currency": "XXX"})
        assert (done["http_status"], done["message"]) == (422, "there is no rate for XXX")

    def test_it_says_what_is_wrong_with_an_order(self, run):
        wrong = {"customer": "zoe", "lines": [{"sku": "a", "quantity": 0}]}
        done = run("validate-and-fail", "accept-order", wrong)
        assert done["status"] == "invalid_input"  # which the listener answers with 400
        assert {problem["path"] for problem in done["problems"]} == {
            "customer",
            "lines[0].sku",
            "lines[0].quantity",
        }

    @pytest.mark.parametrize(
        ("skus", "named"),
        [(("A-1", "B-2", "A-1"), ["A-1"]), (("A-1", "B-2", "A-1", "B-2"), ["A-1", "B-2"])],
    )
    def test_it_names_the_articles_that_stand_there_twice(self, run, skus, named):
        done = run("validate-and-fail", "accept-order", twice(*skus))
        assert (done["status"], done["http_status"]) == ("failed", 422)
        assert done["data"] == {"skus": named}
