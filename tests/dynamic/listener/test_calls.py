"""The listener's contract, second half: what a call gets. Each case goes through both doors."""

import json

import pytest

from dynamic.models import Pipe, Run
from tests.doors import PREFIX

JSON = [("Content-Type", "application/json")]


class TestPipes:
    @pytest.mark.parametrize("pipe_id", ["0" * 24, "x", "F" * 24, "a" * 25, "..", "%00"])
    def test_it_answers_404_for_a_pipe_that_is_not(self, scene, pipe_id):
        reply = scene.call(pipe_id)
        assert reply.status == 404
        assert reply.json["code"] == "unknown_pipe"

    def test_it_answers_the_same_404_for_somebody_elses_pipe(self, scene):
        foreign, unknown = scene.call(scene.pipes.foreign), scene.call("0" * 24)
        assert foreign.status == unknown.status == 404
        assert {**foreign.json, "request_id": ""} == {**unknown.json, "request_id": ""}

    def test_it_answers_400_for_a_pipe_that_is_off(self, scene):
        reply = scene.call(scene.pipes.off)
        assert (reply.status, reply.json["code"]) == (400, "pipe_disabled")

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
    def test_it_answers_405_for_a_method_the_pipe_does_not_take(self, scene, method):
        reply = scene.call(scene.pipes.get_only, method)
        assert (reply.status, reply.json["code"]) == (405, "method_not_allowed")
        assert reply.headers["allow"] == "GET, HEAD"

    def test_it_says_of_a_pipe_that_cannot_run_why(self, scene):
        pipe = scene.pipes.order
        scene.workshop.owner.systems.filter(slug="shop").delete()
        reply = scene.call(pipe, query="order_id=1")
        assert (reply.status, reply.json["code"]) == (500, "flow_error")
        assert "shop/get-order" in reply.json["detail"]

    def test_it_answers_head_as_get_without_the_body(self, scene):
        head, get = scene.call(scene.pipes.echo, "HEAD"), scene.call(scene.pipes.returning)
        assert (head.status, head.body) == (200, b"")
        assert int(head.headers["content-length"]) > 0
        assert get.body

    def test_it_runs_the_version_that_is_pinned(self, scene):
        pipe = scene.pipes.returning
        first = pipe.flow.latest
        pipe.flow.draft = "version: 1\nsteps:\n  - return: {body: second}\n"
        pipe.flow.save()
        pipe.flow.publish()
        Pipe.objects.filter(pk=pipe.pk).update(pinned=first)
        assert scene.call(pipe).body == b"done"


class TestBodies:
    def echoed(self, scene, body, *headers, method="POST"):
        reply = scene.call(scene.pipes.echo, method, headers=list(headers), body=body)
        assert reply.status == 200, reply.body
        return reply.json["payload"]

    @pytest.mark.parametrize(
        "value", [{"a": [1, 2.5, None, True, "é"]}, [], "text", 1, None, {"": {"deep": {}}}]
    )
    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    def test_it_reads_json(self, scene, value, method):
        assert self.echoed(scene, json.dumps(value).encode(), *JSON, method=method) == value

    @pytest.mark.parametrize(
        "content_type", ["application/json; charset=utf-8", "application/vnd.x+json", "text/json"]
    )
    def test_it_reads_json_under_its_other_names(self, scene, content_type):
        got = self.echoed(scene, b'{"a":1}', ("Content-Type", content_type))
        assert got == ('{"a":1}' if content_type == "text/json" else {"a": 1})

    def test_it_reads_json_where_nothing_else_is_said(self, scene):
        if scene.door.name == "asgi":
            assert self.echoed(scene, b'{"a":1}') == {"a": 1}

    def test_it_reads_json_that_begins_with_a_bom(self, scene):
        assert self.echoed(scene, b"\xef\xbb\xbf[1]", *JSON) == [1]

    def test_it_reads_a_form(self, scene):
        form = ("Content-Type", "application/x-www-form-urlencoded")
        got = self.echoed(scene, b"a=1&b=x%20y+z&a=2&c=", form)
        assert got == {"a": ["1", "2"], "b": "x y z", "c": ""}

    def test_it_reads_text_in_its_charset(self, scene):
        latin = ("Content-Type", "text/plain; charset=iso-8859-1")
        assert self.echoed(scene, "Zoë".encode("latin-1"), latin) == "Zoë"

    def test_it_gives_null_for_no_body(self, scene):
        assert self.echoed(scene, b"") is None

    def test_it_gives_the_query_as_payload_on_get(self, scene):
        reply = scene.call(scene.pipes.echo, query="a=1&b=2&b=3&c=%C3%A9")
        assert reply.json["payload"] == {"a": "1", "b": ["2", "3"], "c": "é"}

    @pytest.mark.parametrize(
        "body",
        [
            b"{",
            b"{'a': 1}",
            b"[NaN]",
            b"[Infinity]",
            b'"\xff"',
            b'"\\ud800"',
            b"[1] x",
            b'{"a":1}\0',
            "[1]".encode("utf-16"),
            b"[" * 900,
            b"[" * 300 + b"]" * 300,
            b'{"a":' * 250 + b"1" + b"}" * 250,
            b"[" * 900 + b"]" * 900,
        ],
    )
    def test_it_answers_400_for_what_is_not_json(self, scene, body):
        reply = scene.call(scene.pipes.echo, "POST", headers=JSON, body=body)
        assert (reply.status, reply.json["code"]) == (400, "invalid_body")

    @pytest.mark.parametrize(
        ("content_type", "status"),
        [
            ("application/xml", 415),
            ("multipart/form-data; boundary=x", 415),
            ("application/octet-stream", 415),
            ("text/plain; charset=klingon", 415),
            ("text/plain; charset=ascii", 400),
            ("text/plain; charset=undefined", 400),
            ("text/plain; charset=idna", 400),
            ("application/x-www-form-urlencoded", 400),
        ],
    )
    def test_it_says_what_it_cannot_read(self, scene, content_type, status):
        reply = scene.call(
            scene.pipes.echo, "POST", headers=[("Content-Type", content_type)], body=b"a=\xff%ff"
        )
        assert reply.status == status

    def test_it_refuses_text_that_is_no_unicode(self, scene):
        odd = [("Content-Type", "text/plain; charset=unicode_escape")]
        reply = scene.call(scene.pipes.echo, "POST", headers=odd, body=b"\\ud800")
        assert (reply.status, reply.json["code"]) == (400, "invalid_body")

    def test_it_takes_json_of_many_flat_parts(self, scene):
        rows = [{"a": [1]}] * 60
        assert self.echoed(scene, json.dumps(rows).encode(), *JSON) == rows

    def test_it_refuses_a_compressed_body(self, scene):
        headers = [*JSON, ("Content-Encoding", "gzip")]
        assert scene.call(scene.pipes.echo, "POST", headers=headers, body=b"x").status == 415

    def test_it_takes_a_body_up_to_the_limit_and_no_byte_more(self, scene):
        text = [("Content-Type", "text/plain")]
        ok = scene.call(scene.pipes.echo, "POST", headers=text, body=b"x" * 4000)
        over = scene.call(scene.pipes.echo, "POST", headers=text, body=b"x" * 4001)
        assert ok.status == 200
        assert (over.status, over.json["code"]) == (413, "body_too_large")


class TestFlows:
    def test_it_joins_two_systems(self, scene, upstream):
        body = json.dumps({"order_id": "1001"}).encode()
        reply = scene.call(scene.pipes.order, "POST", headers=JSON, body=body)
        assert reply.json == {"order": "1001", "free": [5, 5]}
        assert upstream.seen == [
            ("GET", "/shop/orders/1001"),
            ("GET", "/warehouse/stock?sku=A&sku=B"),
        ]

    def test_it_answers_400_for_a_missing_input_before_the_first_step(self, scene, upstream):
        reply = scene.call(scene.pipes.order, query="orderid=1")
        assert (reply.status, reply.json["code"]) == (400, "invalid_input")
        assert "order_id" in json.dumps(reply.json["problems"])
        assert upstream.seen == []

    def test_it_gives_the_flows_status_headers_and_body(self, scene):
        reply = scene.call(scene.pipes.returning)
        assert (reply.status, reply.body) == (201, b"done")
        assert reply.headers["content-type"].startswith("text/plain")
        assert reply.headers["x-kind"] == "test"

    def test_it_answers_204_where_the_flow_returns_nothing(self, scene):
        reply = scene.call(scene.pipes.silent)
        assert (reply.status, reply.body) == (204, b"")

    def test_it_answers_what_the_flow_says_where_it_fails(self, scene):
        reply = scene.call(scene.pipes.failing)
        assert (reply.status, reply.json["code"]) == (409, "flow_failed")
        assert (reply.json["detail"], reply.json["data"]) == ("Sold out", {"left": 0})

    def test_it_answers_with_a_status_that_has_no_name(self, scene):
        document = "version: 1\nsteps:\n  - fail: {status: 499, message: no}\n"
        pipe = scene.workshop.pipe(document, "Nameless")
        reply = scene.call(pipe, "POST")
        assert (reply.status, reply.json["code"]) == (499, "flow_failed")
        assert Run.objects.filter(pk=reply.headers["run-id"]).exists()

    def test_it_keeps_the_run_of_an_answer_it_cannot_write(self, scene):
        deep = "".join("{a: " for _ in range(40))
        document = f"version: 1\nsteps:\n  - return: {{body: {deep}1{'}' * 40}}}\n"
        deep_pipe = scene.workshop.pipe(document, "Deep")
        assert scene.call(deep_pipe, "POST").status == 200
        wrapped = "".join('  - set: {v: {a: {b: {c: {d: {e: "{{ v }}"}}}}}}\n' for _ in range(60))
        pipe = scene.workshop.pipe(
            f"version: 1\nsteps:\n  - set: {{v: 1}}\n{wrapped}"
            '  - return: {body: "{{ v }}"}\n',
            "Deeper",
        )
        reply = scene.call(pipe, "POST")
        assert (reply.status, reply.json["code"]) == (500, "flow_error")
        assert Run.objects.filter(pk=reply.headers["run-id"]).exists()

    @pytest.mark.parametrize("code", [301, 400, 401, 404, 429, 500, 503])
    def test_it_answers_502_whatever_the_upstreams_error(self, scene, code):
        reply = scene.call(scene.pipes.status, query=f"code={code}")
        assert (reply.status, reply.json["code"]) == (502, "upstream_failed")
        assert str(code) in reply.json["detail"]

    @pytest.mark.parametrize("name", ["html", "reset"])
    def test_it_answers_502_for_an_answer_of_no_use(self, scene, name):
        reply = scene.call(getattr(scene.pipes, name))
        assert (reply.status, reply.json["code"]) == (502, "upstream_failed")

    def test_it_answers_504_at_the_deadline(self, scene):
        reply = scene.call(scene.pipes.hang)
        assert (reply.status, reply.json["code"]) == (504, "deadline_passed")

    def test_it_answers_500_where_an_expression_fails(self, scene):
        reply = scene.call(scene.pipes.broken, query="a=1")
        assert (reply.status, reply.json["code"]) == (500, "flow_error")


class TestAnswers:
    CASES = ["echo", "failing", "off", "html", "silent"]

    @pytest.mark.parametrize("name", CASES)
    def test_it_carries_the_headers_that_every_answer_has(self, scene, name):
        headers = scene.call(getattr(scene.pipes, name)).headers
        assert len(headers["request-id"]) == 32
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        # A pipe that returns HTML must not be able to act as a page of ours.
        assert headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert headers["referrer-policy"] == "no-referrer"

    @pytest.mark.parametrize(
        ("name", "status"),
        [("echo", "success"), ("failing", "failed"), ("html", "upstream_failed")],
    )
    def test_it_names_the_run(self, scene, name, status):
        headers = scene.call(getattr(scene.pipes, name), "POST").headers
        assert headers["run-status"] == status
        assert Run.objects.get(pk=headers["run-id"]).status == status

    def test_it_gives_problems_in_their_own_media_type(self, scene):
        reply = scene.call(scene.pipes.off)
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.json["status"] == 400
        assert reply.json["title"] == "Bad Request"
        assert reply.json["request_id"] == reply.headers["request-id"]


class TestFlowsWithinFlows:
    def test_it_runs_the_published_version_of_another_flow(self, door, workshop):
        twice = 'version: 1\nsteps:\n  - return: {body: "{{ payload.n * 2 }}"}\n'
        slug = workshop.pipe(twice, "Twice").flow.slug
        outer = workshop.pipe(
            f"version: 1\nsteps:\n  - for: n\n    in: '{{{{ [1, 2] }}}}'\n    parallel: 2\n"
            f"    do: [{{run: twice, flow: {slug}, with: {{n: '{{{{ n }}}}'}}}}]\n"
            "    collect: '{{ steps.twice.data }}'\n    as: all\n"
            "  - return: {body: '{{ all }}'}\n",
            "Outer",
        )
        _, token = workshop.key()
        reply = door.request("GET", f"{PREFIX}{outer.id}", [("Access-Token", token)])
        assert reply.json == [2, 4]
