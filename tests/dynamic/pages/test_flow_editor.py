"""The list of a draft's steps, as Alice changes it."""

import json

import pytest

from dynamic.flow.document import parse
from dynamic.models import Flow
from dynamic.pages.flow_editor_changes import LARGEST_UNDO
from dynamic.systems.drafts import fingerprint
from tests.page_text import text_of

DRAFT = """\
# What it does.
version: 1
steps:
  # Ask first.
  - call: ask
    api: shop/echo
  - if: "{{ payload.n }}"
    then:
      - log: many  # or so
      - log: more
    elif:
      - if: "{{ payload.m }}"
        then: [{log: other}]
  - for: x
    in: "{{ payload.list }}"
    do: [{continue: }]
  - return: {body: 1}
"""


@pytest.fixture
def echo(workshop):
    system = workshop.system("shop", name="Shop")
    return workshop.call(system, "echo", "/echo/{{ id }}", query=[{"key": "a", "value": "{{ a }}"}])


@pytest.fixture
def flow(alice, echo):
    return make(alice)


def make(owner, draft=DRAFT, slug="orders"):
    return Flow.objects.create(owner=owner, slug=slug, draft=draft, name=slug.title())


def url(flow, *parts):
    return "".join(f"{part}/" for part in (f"/flows/{flow.slug}/edit", *parts))


def do(client, flow, *operation, **changes):
    data = {"do": json.dumps(operation), "based_on": fingerprint(flow)} | changes
    return client.post(url(flow), data)


def steps_of(flow):
    flow.refresh_from_db()
    return parse(flow.draft).data["steps"]


def kinds_of(steps):
    return [next(iter(step)) for step in steps]


class TestList:
    def test_it_shows_each_step_with_those_inside_it(self, signed_in, flow):
        text = text_of(signed_in.get(url(flow)))
        for place in ("steps-0", "steps-1-then-1", "steps-1-elif-0-then-0", "steps-2-do-0"):
            assert f'id="{place}"' in text
        assert "It can run" in text
        assert 'aria-current="page">Steps' in text

    def test_it_tells_each_problem_at_its_step(self, signed_in, alice, echo):
        broken = DRAFT.replace("api: shop/echo", "api: shop/eco").replace(
            "{log: other}", "{lag: 1}"
        )
        page = signed_in.get(url(make(alice, "surplus: 1\n" + broken)))
        rows = page.context["rows"]
        assert ["shop/eco" in problem.message for problem in rows[0].problems] == [True]
        assert [len(row.problems) for row in rows] == [1, 0, 0, 0]
        assert len(rows[1].lists[1].rows[0].problems) == 1
        assert [problem.path for problem in page.context["others"]] == ["surplus"]
        assert "3 problems" in text_of(page)

    def test_it_sends_to_the_source_where_there_are_no_steps_to_show(self, signed_in, alice, db):
        for draft in ("version: [", "5", "version: 1\nsteps: 5\n"):
            flow = make(alice, draft, f"f{len(draft)}")
            assert "cannot be read as steps" in text_of(signed_in.get(url(flow)))

    def test_it_says_what_steps_are_where_there_is_none(self, signed_in, alice, db):
        flow = make(alice, "version: 1\nsteps: []\n")
        assert "No steps yet" in text_of(signed_in.get(url(flow)))

    def test_it_shows_two_hundred_steps_with_few_queries(
        self, signed_in, alice, echo, django_assert_max_num_queries
    ):
        flow = make(alice, "version: 1\nsteps:\n" + "  - {log: note}\n" * 200)
        with django_assert_max_num_queries(12):
            assert text_of(signed_in.get(url(flow))).count("data-step=") == 200

    def test_it_is_where_one_lands_with_a_new_flow(self, signed_in, alice):
        data = {"name": "New", "slug": "fresh", "draft": DRAFT}
        assert signed_in.post("/flows/new/", data).url == "/flows/fresh/edit/"


class TestChanging:
    @pytest.mark.parametrize(
        ("operation", "kinds", "place"),
        [
            (("move", ["steps", 0], ["steps"], 1), ["if", "call", "for", "return"], "steps-1"),
            (("move", ["steps", 3], ["steps"], 0), ["return", "call", "if", "for"], "steps-0"),
            (("copy", ["steps", 0]), ["call", "call", "if", "for", "return"], "steps-1"),
            (("delete", ["steps", 1]), ["call", "for", "return"], "steps-1"),
        ],
    )
    def test_it_changes_the_draft_and_shows_the_step(
        self, signed_in, flow, operation, kinds, place
    ):
        assert do(signed_in, flow, *operation).url == f"{url(flow)}#{place}"
        assert kinds_of(steps_of(flow)) == kinds
        assert "# What it does." in flow.draft
        assert flow.latest is None

    def test_it_moves_into_and_out_of_branches_by_its_own_buttons(self, signed_in, flow):
        row = signed_in.get(url(flow)).context["rows"][0]
        titles = [move.title for move in row.into]
        assert titles[0].startswith("Into “")
        do(signed_in, flow, *json.loads(row.into[0].value))
        steps = steps_of(flow)
        assert kinds_of(steps) == ["if", "for", "return"]
        assert kinds_of(steps[0]["then"]) == ["call", "log", "log"]
        assert "# Ask first." in flow.draft

        inner = signed_in.get(url(flow)).context["rows"][0].lists[0].rows
        do(signed_in, flow, *json.loads(inner[2].down.value))
        assert kinds_of(steps_of(flow)) == ["if", "log", "for", "return"]
        inner = signed_in.get(url(flow)).context["rows"][0].lists[0].rows
        do(signed_in, flow, *json.loads(inner[0].up.value))
        assert kinds_of(steps_of(flow)) == ["call", "if", "log", "for", "return"]

    def test_it_makes_the_first_and_the_last_stay_in_the_flow(self, signed_in, flow):
        rows = signed_in.get(url(flow)).context["rows"]
        assert (rows[0].up, rows[-1].down) == (None, None)
        only = rows[1].lists[1].rows[0]  # of an `elif`
        do(signed_in, flow, *json.loads(only.up.value))
        assert kinds_of(steps_of(flow)) == ["call", "log", "if", "for", "return"]

    def test_it_disables_and_enables(self, signed_in, flow):
        do(signed_in, flow, "disable", ["steps", 1, "then", 0])
        assert steps_of(flow)[1]["then"][0] == {"log": "many", "disabled": True}
        assert "# or so" in flow.draft
        text = text_of(signed_in.get(url(flow)))
        assert "editor-disabled" in text
        do(signed_in, flow, "enable", ["steps", 1, "then", 0])
        assert flow.draft != DRAFT
        assert steps_of(flow) == parse(DRAFT).data["steps"]

    def test_it_says_why_a_step_has_to_stay(self, signed_in, flow):
        answer = do(signed_in, flow, "delete", ["steps", 2, "do", 0])
        assert "Nothing is done. This is the only step here" in text_of(
            signed_in.get(answer.url.partition("#")[0])
        )
        assert steps_of(flow) == parse(DRAFT).data["steps"]

    def test_it_does_nothing_to_a_draft_that_was_not_seen(self, signed_in, flow):
        seen = fingerprint(flow)
        do(signed_in, flow, "delete", ["steps", 0])
        flow.refresh_from_db()
        theirs = flow.draft
        answer = do(signed_in, flow, "delete", ["steps", 0], based_on=seen)
        assert "changed since the page was shown" in text_of(signed_in.get(answer.url))
        flow.refresh_from_db()
        assert flow.draft == theirs

    def test_it_undoes_the_last_change_and_that_again(self, signed_in, flow):
        assert "Undo" not in text_of(signed_in.get(url(flow)))
        do(signed_in, flow, "delete", ["steps", 0])
        flow.refresh_from_db()
        assert "Undo the last change" in text_of(signed_in.get(url(flow)))
        do(signed_in, flow, "undo")
        flow.refresh_from_db()
        assert flow.draft == DRAFT
        do(signed_in, flow, "undo")
        assert kinds_of(steps_of(flow)) == ["if", "for", "return"]

    def test_it_undoes_nothing_that_another_changed_meanwhile(self, signed_in, flow, alice):
        do(signed_in, flow, "delete", ["steps", 0])
        Flow.objects.update(draft="# theirs\n" + DRAFT)
        assert "Undo" not in text_of(signed_in.get(url(flow)))
        answer = do(signed_in, flow, "undo")
        assert "changed since the page was shown" in text_of(signed_in.get(answer.url))
        assert alice.flows.get().draft == "# theirs\n" + DRAFT

    def test_it_keeps_no_undo_that_is_too_large_for_a_session(self, signed_in, alice, echo):
        flow = make(alice, DRAFT + "#" * LARGEST_UNDO + "\n")
        do(signed_in, flow, "delete", ["steps", 0])
        assert "Undo" not in text_of(signed_in.get(url(flow)))

    @pytest.mark.parametrize(
        "operation",
        [
            "",
            "no JSON",
            '"delete"',
            '["delete"]',
            '["delete", 5]',
            '["delete", []]',
            '["delete", [1.5]]',
            '["delete", ["steps", -1]]',
            '["burn", ["steps", 0]]',
            '["move", ["steps", 0]]',
            '["move", ["steps", 0], ["steps"], "x"]',
            '["move", ["steps", 0], ["steps"], -1]',
        ],
    )
    def test_it_knows_no_other_operations(self, signed_in, flow, operation):
        data = {"do": operation, "based_on": fingerprint(flow)}
        assert signed_in.post(url(flow), data).status_code == 404

    @pytest.mark.parametrize(
        "operation",
        [
            ("delete", ["steps", 9]),
            ("delete", ["nowhere", 0]),
            ("delete", ["steps", 0, "call"]),
            ("copy", ["steps"]),
            ("disable", ["version"]),
            ("move", ["steps", 0], ["steps"], 99),
            ("move", ["steps", 1], ["steps", 1, "then"], 0),
            ("move", ["steps", 0], ["version"], 0),
        ],
    )
    def test_it_does_nothing_where_nothing_is(self, signed_in, flow, operation):
        answer = do(signed_in, flow, *operation)
        assert answer.status_code == 302
        assert "Nothing is done" in text_of(signed_in.get(answer.url.partition("#")[0]))
        assert steps_of(flow) == parse(DRAFT).data["steps"]


class TestInput:
    def test_it_writes_and_takes_away_the_schema(self, signed_in, flow):
        def save(schema):
            flow.refresh_from_db()
            data = {"schema": schema, "based_on": fingerprint(flow)}
            return signed_in.post(url(flow, "input"), data)

        assert save('{"type": "object"}').url == url(flow)
        flow.refresh_from_db()
        assert parse(flow.draft).data["input"] == {"type": "object"}
        assert "# Ask first." in flow.draft
        assert '"type": "object"' in text_of(signed_in.get(url(flow, "input")))
        assert "type" in text_of(save('{"type": "nonsense"}'))
        assert "no JSON" in text_of(save("{"))
        assert save("").url == url(flow)
        flow.refresh_from_db()
        assert flow.draft == DRAFT

    def test_it_shows_both_where_another_changed_the_flow(self, signed_in, flow):
        seen = fingerprint(flow)
        do(signed_in, flow, "delete", ["steps", 0])
        page = signed_in.post(url(flow, "input"), {"schema": "true", "based_on": seen})
        assert "changed while you were writing" in text_of(page)
        data = {"schema": "true", "based_on": page.context["form"]["based_on"].value()}
        assert signed_in.post(url(flow, "input"), data).url == url(flow)


@pytest.mark.parametrize(
    ("method", "parts", "query"),
    [
        ("get", [], ""),
        ("post", [], ""),
        ("get", ["add"], '?into=["steps"]&index=0'),
        ("get", ["step"], '?at=["steps",0]'),
        ("post", ["step"], '?at=["steps",0]'),
        ("post", ["step"], '?into=["steps"]&index=0&kind=log'),
        ("get", ["input"], ""),
        ("post", ["input"], ""),
    ],
)
def test_it_is_not_there_for_bob(client, flow, bob, method, parts, query):
    client.force_login(bob)
    data = {"do": '["delete",["steps",0]]', "based_on": fingerprint(flow), "message": "x"}
    assert getattr(client, method)(url(flow, *parts) + query, data).status_code == 404
    assert steps_of(flow) == parse(DRAFT).data["steps"]
