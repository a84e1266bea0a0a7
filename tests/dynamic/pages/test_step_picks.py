"""What a step can use, as far as the document and the samples tell."""

from dynamic.flow.document import parse
from dynamic.pages.step_picks import MOST_FIELDS, MOST_PICKS, groups_of
from dynamic.pages.step_scope import MOST_EVALUATED, Scope, scope_at

ORDER = {"id": 7, "lines": [{"sku": "A", "in stock": 2}, {"sku": "B"}]}
FLOW = """\
version: 1
input:
  type: object
  properties: {order_id: {type: integer}, note: {$ref: "#/$defs/n"}}
  $defs: {n: {type: string}}
steps:
  - call: order
    api: shop/get-order
  - set: {lines: "{{ steps.order.data.lines }}", count: "{{ $count(lines) }}"}
  - for: line
    in: "{{ lines }}"
    do:
      - set: {sku: "{{ line.sku }}"}
      - if: "{{ sku }}"
        then: [{log: here}]
        elif: [{if: "{{ a }}", then: [{set: {found: true}}, {log: here}]}]
    collect: "{{ line }}"
    as: kept
  - set: {never: 1}
    disabled: true
  - try:
      - {run: other, flow: inner}
    catch:
      - log: here
    as: fault
  - map: small
    from: "{{ lines }}"
    fields: [{to: article, from: sku}]
  - map: broken
    from: "{{ lines }}"
    fields: 5
  - return: {body: "{{ kept }}"}
"""


def at(*place, flow=FLOW):
    return scope_at(parse(flow).data, place[:-1], place[-1], {"shop/get-order": ORDER})


def test_it_sees_nothing_but_the_call_at_first():
    scope = at("steps", 0)
    assert scope.payload == {"order_id": 1, "note": "text"}
    assert (scope.variables, scope.answers) == ({}, {})


def test_it_sees_what_stands_before():
    scope = at("steps", 2)
    assert scope.variables == {"lines": ORDER["lines"], "count": 2}
    assert scope.answers["order"]["data"] == ORDER


def test_it_sees_the_item_within_a_loop_and_what_other_branches_do_not_leave():
    scope = at("steps", 2, "do", 1, "then", 0)
    assert scope.variables["line"] == ORDER["lines"][0]
    assert scope.variables["sku"] == "A"
    assert "found" not in scope.variables
    assert at("steps", 2, "do", 1, "elif", 0, "then", 1).variables["found"] is True
    assert "line" not in at("steps", 3).variables


def test_it_sees_what_a_loop_leaves_and_nothing_of_disabled_steps():
    scope = at("steps", 7)
    assert scope.variables["small"] == [{"article": "A"}, {"article": "B"}]
    assert scope.variables["broken"] is None
    assert scope.variables["kept"] == [ORDER["lines"][0]]
    assert scope.variables["found"] is True
    assert "never" not in scope.variables
    assert list(scope.answers) == ["order", "other"]


def test_it_sees_what_went_wrong_within_a_catch():
    scope = at("steps", 4, "catch", 0)
    assert scope.variables["fault"]["status"] == 422
    assert "other" in scope.answers


def test_it_finds_its_way_in_what_is_no_flow():
    for flow in ("5", "steps: 5", "steps: [5, {for: 1, do: 2}, {set: x}, {if: 1, elif: [1]}]"):
        for place in (
            ("steps", 4),
            ("steps", 1, "do", 3),
            ("elsewhere", 0),
            ("steps", 9, "then", 2),
        ):
            at(*place, flow=flow)


def test_it_evaluates_no_more_than_a_page_can_wait_for():
    many = "".join(f"  - set: {{v{n}: '{{{{ 1 + {n} }}}}'}}\n" for n in range(MOST_EVALUATED + 1))
    variables = at("steps", MOST_EVALUATED + 1, flow=f"version: 1\nsteps:\n{many}").variables
    assert variables[f"v{MOST_EVALUATED - 1}"] == MOST_EVALUATED
    assert variables[f"v{MOST_EVALUATED}"] is None


def test_it_offers_each_value_and_its_fields():
    groups = groups_of(at("steps", 2))
    assert [group.title for group in groups] == [
        "Variables",
        "Answer of order",
        "What the caller sent",
    ]
    picks = {pick.path: pick.sample for group in groups for pick in group.picks}
    assert picks["steps.order.data"] == "object"
    assert picks["steps.order.data.lines"] == "list of 2"
    assert picks["steps.order.data.lines.sku"] == "A"
    assert picks["steps.order.data.lines.`in stock`"] == "2"
    assert picks["payload.order_id"] == "1"
    assert picks["count"] == "2"
    assert next(iter(picks)) == "count"  # the nearest


def test_it_offers_no_more_than_a_page_holds():
    wide = {f"field_{number}": number for number in range(200)}
    deep = {"a": {"b": {"c": {"d": {"e": {"f": {"g": 1}}}}}}}
    scope = Scope(variables={"wide": wide, "deep": deep})
    paths = [pick.path for pick in groups_of(scope)[0].picks]
    assert len([path for path in paths if path.startswith("wide")]) == MOST_FIELDS
    assert "deep.a.b.c.d.e" in paths
    assert "deep.a.b.c.d.e.f" not in paths
    scope = Scope(variables={f"v{n}": wide for n in range(20)})
    assert sum(len(group.picks) for group in groups_of(scope)) == MOST_PICKS
