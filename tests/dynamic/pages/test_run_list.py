"""The list of runs: filters, pages, downloads."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from dynamic.models import Run
from dynamic.pages.runs_list import PER_PAGE
from dynamic.runs import export
from dynamic.runs.filters import BODIES, Filters, filtered
from tests.dynamic.history import call_entry, pipe_of, run_of, stored

URL = "/runs/"


def shown(response):
    return [row.run.pk for row in response.context["rows"]]


class TestList:
    def test_it_lists_ones_own_newest_first(self, signed_in, alice, bob):
        pipe = pipe_of(alice)
        old, new = run_of(pipe, timedelta(hours=1)), run_of(pipe)
        stored(old, new, run_of(pipe_of(bob)))
        assert shown(signed_in.get(URL)) == [new.pk, old.pk]

    def test_it_says_that_there_are_none(self, signed_in):
        text = signed_in.get(URL).content.decode()
        assert "No runs yet" in text
        assert '<form method="get"' not in text

    def test_it_asks_strangers_to_sign_in(self, client, db):
        for path in ("", "export.csv", "export.jsonl", "compare/", f"{'0' * 24}/"):
            assert client.get(URL + path).url.startswith("/account/sign-in/")

    def test_it_pages_through_two_hundred_and_back_without_counting(
        self, signed_in, alice, django_assert_max_num_queries
    ):
        pipe = pipe_of(alice)
        made = [run_of(pipe, timedelta(seconds=number)) for number in range(200)]
        stored(*made)
        ids = [run.pk for run in made]
        seen, place = [], ""
        while True:
            with django_assert_max_num_queries(9) as queries:
                response = signed_in.get(f"{URL}?status=success{place}")
            assert not [query for query in queries if "COUNT" in query["sql"]]
            seen.append(shown(response))
            page = response.context["page"]
            if not page.older:
                break
            place = f"&before={page.older}"
        assert [id_ for page in seen for id_ in page] == ids
        assert len(seen) == 4
        back = signed_in.get(f"{URL}?status=success&after={page.newer}")
        assert shown(back) == seen[2]
        assert f"?status=success&amp;after={shown(back)[0]}" in back.content.decode()
        first = signed_in.get(f"{URL}?after={ids[PER_PAGE]}")
        assert (shown(first), first.context["page"].newer) == (seen[0], "")

    @pytest.mark.parametrize("place", ["before=x", "after=%00", "before="])
    def test_it_begins_at_the_newest_where_the_place_is_none(self, signed_in, alice, place):
        run = stored(run_of(pipe_of(alice)))
        assert shown(signed_in.get(f"{URL}?{place}")) == [run.pk]


class TestFilters:
    @pytest.fixture
    def runs(self, alice):
        one, other = pipe_of(alice, "One"), pipe_of(alice, "Other")
        runs = {
            "plain": run_of(one),
            "other": run_of(other, key_public_id="9876543210"),
            "failed": run_of(one, status="failed", http_status=409, message="Sold OUT of 100%"),
            "unknown": run_of(one, status="unknown", http_status=None),
            "old": run_of(one, timedelta(days=3), request_id="abc" + "0" * 29),
        }
        stored(*runs.values())
        return runs

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("pipe={other.pipe_id}", "other"),
            ("key=9876543210", "other"),
            ("status=failed", "failed"),
            ("status=not_well", "failed unknown"),
            ("status=success", "plain other old"),
            ("text=sold+out", "failed"),
            ("text=100%25", "failed"),
            ("text={plain.pk}", "plain"),
            ("text=abc000", "old"),
            ("since={yesterday}", "plain other failed unknown"),
            ("until={yesterday}", "old"),
            ("pipe={plain.pipe_id}&status=not_well&text=out&since={yesterday}", "failed"),
            ("status=timed_out", ""),
        ],
    )
    def test_it_shows_what_fits(self, signed_in, runs, query, expected):
        yesterday = f"{timezone.now() - timedelta(days=1):%Y-%m-%dT%H:%M}"
        response = signed_in.get(f"{URL}?{query.format(yesterday=yesterday, **runs)}")
        assert set(shown(response)) == {runs[name].pk for name in expected.split()}

    @pytest.mark.parametrize("query", ["since=yesterday", "status=good", "pipe=x", "text=%00"])
    def test_it_shows_nothing_and_says_why_where_it_does_not_understand(
        self, signed_in, runs, query
    ):
        response = signed_in.get(f"{URL}?{query}")
        assert shown(response) == []
        assert "is-invalid" in response.content.decode()
        assert signed_in.get(f"{URL}export.csv?{query}").url.startswith(URL)

    def test_it_does_not_filter_by_the_pipe_of_somebody_else(self, signed_in, alice, bob):
        foreign = pipe_of(bob)
        stored(run_of(pipe_of(alice)), run_of(foreign))
        assert shown(signed_in.get(f"{URL}?pipe={foreign.pk}")) == []

    @pytest.mark.parametrize(
        ("filters", "index"),
        [
            (Filters(), "runs_of_owner"),
            (Filters(status="not_well"), "runs_that_went_wrong"),
            (Filters(status="failed"), "runs_that_went_wrong"),
            (Filters(pipe="p"), "runs_of_"),
            (Filters(since=timezone.now()), "runs_of_owner"),
            (Filters(text="sold"), "runs_of_owner"),
            (Filters(key="9876543210", status="success"), "runs_of_owner"),
        ],
    )
    def test_it_goes_through_an_index_and_sorts_nothing(self, alice, filters, index):
        runs = filtered(alice.runs.defer(*BODIES), filters).order_by("-id")[:51]
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":  # it would read and sort a small table
                cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
            plan = runs.explain()
        assert index in plan
        assert "sort" not in plan.lower()
        assert "B-TREE" not in plan


def rows_of(response):
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


class TestDownloads:
    def test_it_gives_the_filtered_runs_as_csv(self, signed_in, alice, bob):
        pipe = pipe_of(alice, "Übermorgen")
        bad = run_of(pipe, status="failed", message='He said "no", twice;\nthen left')
        stored(bad, run_of(pipe), run_of(pipe_of(bob), status="failed"))
        response = signed_in.get(f"{URL}export.csv?status=failed")
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        assert response["Content-Disposition"].startswith('attachment; filename="runs-')
        (row,) = rows_of(response)
        assert (row["id"], row["pipe"], row["ms"]) == (bad.pk, "Übermorgen", "12.5")
        assert row["message"] == bad.message

    @pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
    def test_it_writes_no_formula(self, signed_in, alice, begins):
        stored(run_of(pipe_of(alice), message=f"{begins}HYPERLINK(1)"))
        (row,) = rows_of(signed_in.get(f"{URL}export.csv"))
        assert row["message"] == f"'{begins}HYPERLINK(1)"

    def test_it_gives_everything_as_json_lines(self, signed_in, alice):
        run = stored(run_of(pipe_of(alice), trace=[call_entry(data={"a": "\0ü"})]))
        response = signed_in.get(f"{URL}export.jsonl")
        (line,) = b"".join(response.streaming_content).decode().splitlines()
        told = json.loads(line)
        assert (told["id"], told["pipe"], told["pipe_id"]) == (run.pk, "Orders", run.pipe_id)
        assert (told["input"], told["trace"]) == (run.input, run.trace)

    @pytest.mark.parametrize("count", [6, 7])
    def test_it_says_how_many_are_left_out(self, alice, monkeypatch, count):
        monkeypatch.setattr(export, "_BATCH", 2)
        monkeypatch.setattr(export, "_MOST_COUNTED", 3)
        pipe = pipe_of(alice)
        made = [run_of(pipe, timedelta(seconds=number)) for number in range(count)]
        stored(*made)
        *lines, last = "".join(export.as_csv(Run.objects.all(), most=5)).splitlines()
        assert [line[:24] for line in lines[1:]] == [run.pk for run in made[:5]]
        assert last.startswith(f"{count - 5} older runs are left out")
        *lines, last = "".join(export.as_json_lines(Run.objects.all(), most=3)).splitlines()
        assert len(lines) == 3
        assert json.loads(last) == {"left_out": 3, "least": True}

    def test_it_says_nothing_where_all_are_there(self, alice):
        stored(run_of(pipe_of(alice)))
        assert len("".join(export.as_csv(Run.objects.all(), most=1)).splitlines()) == 2

    def test_it_is_streamed_by_an_asgi_server(self, transactional_db, asgi_door, client, alice):
        client.force_login(alice)
        pipe = pipe_of(alice)
        stored(*(run_of(pipe, timedelta(seconds=number)) for number in range(60)))
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        headers = [("Cookie", f"{settings.SESSION_COOKIE_NAME}={cookie}")]
        reply = asgi_door.request("GET", f"{URL}export.jsonl", headers)
        assert (reply.status, len(reply.body.splitlines())) == (200, 60)
        assert "synchronous iterator" not in asgi_door.log.read_text()
