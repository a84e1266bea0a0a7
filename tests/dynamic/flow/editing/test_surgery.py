from textwrap import dedent

import pytest

from dynamic.flow.document import parse
from dynamic.flow.editing import surgery
from dynamic.flow.editing.surgery import EditImpossible
from dynamic.flow.problems import DocumentInvalid


def text(indented):
    return dedent(indented).removeprefix("\n")


FLOW = text(
    """
    # Orders, as the shop has them.
    version: 1
    steps:
      # Find it.
      - call: order  # its name
        api: shop/get-order
        # The caller's own number.
        with: {id: "{{ payload.id }}"}

      # Decide.
      - if: "{{ steps.order.data.paid }}"
        then: [{return: {status: 409}}]  # too late
        else:
          - set:
              # Net, without tax.
              net: 1  # of one
              note: |
                first

                # no comment
      - for: line
        in: "{{ lines }}"
        do:
          - log: hi
          # - log: there
    # The end.
    """
)


def test_it_inserts_before_a_step_and_its_comments():
    source = surgery.insert(FLOW, ("steps",), 1, {"sleep": 2})
    assert source == FLOW.replace("  # Decide.\n", "  - sleep: 2\n\n  # Decide.\n")


def test_it_inserts_at_the_end_behind_what_is_indented_deeper_and_before_what_is_not():
    source = surgery.insert(FLOW, ("steps",), 3, {"disabled": True, "log": 'say "{{ x }}"'})
    lines = "  - log: 'say \"{{ x }}\"'\n    disabled: true\n# The end.\n"
    assert source == FLOW.replace("# The end.\n", lines)


def test_it_turns_only_the_list_in_brackets_into_lines():
    source = surgery.insert(FLOW, ("steps", 1, "then"), 0, {"set": {"a": "{{ 1 }}"}})
    lines = '    then:  # too late\n      - set: {a: "{{ 1 }}"}\n      - {return: {status: 409}}\n'
    assert source == FLOW.replace("    then: [{return: {status: 409}}]  # too late\n", lines)


def test_it_makes_a_list_where_it_belongs():
    before = "steps:\n- if: a\n  then:\n  - log: b\n  # of if\n- log: c\n"
    after = "steps:\n- if: a\n  then:\n  - log: b\n  else:\n  - log: d\n  # of if\n- log: c\n"
    assert surgery.insert(before, ("steps", 0, "else"), 0, {"log": "d"}) == after


@pytest.mark.parametrize("empty", ["steps:", "steps: []", "steps: null  # none", ""])
def test_it_begins_a_flow(empty):
    source = surgery.insert(f"version: 1\n{empty}\n", ("steps",), 0, {"log": "a"})
    assert parse(source).data == {"version": 1, "steps": [{"log": "a"}]}
    assert ("# none" in source) == ("# none" in empty)


def test_it_removes_a_step_with_the_comments_above_it():
    after = FLOW[: FLOW.index("  # Find")] + FLOW[FLOW.index("  # Decide") :]
    assert surgery.remove(FLOW, ("steps", 0)) == after


def test_it_removes_else_with_its_only_step():
    after = FLOW[: FLOW.index("    else")] + FLOW[FLOW.index("  - for") :]
    assert surgery.remove(FLOW, ("steps", 1, "else", 0)) == after


def test_it_removes_a_part_of_elif_with_its_only_step():
    before = text(
        """
        steps:
          - if: a
            then: [{log: a}]
            elif:
              # b?
              - if: b
                then: [{log: b}]
              # c?
              - if: c
                then: [{log: c}]
        """
    )
    after = surgery.remove(before, ("steps", 0, "elif", 0, "then", 0))
    assert after == before[: before.index("      # b?")] + before[before.index("      # c?") :]
    last = surgery.remove(after, ("steps", 0, "elif", 0, "then", 0))
    assert last == "steps:\n  - if: a\n    then: [{log: a}]\n"


@pytest.mark.parametrize("place", [("steps", 2, "do", 0), ("steps", 1, "then", 0)])
def test_it_does_not_remove_a_step_that_has_to_be(place):
    with pytest.raises(EditImpossible, match="only step here"):
        surgery.remove(FLOW, place)


def test_it_moves_a_step_with_its_comments_and_indents_it():
    source, place = surgery.move(FLOW, ("steps", 1, "else", 0), ("steps", 2, "do"), 0)
    assert place == ("steps", 2, "do", 0)
    moved = FLOW[FLOW.index("      - set") : FLOW.index("  - for")]
    without = FLOW[: FLOW.index("    else")] + FLOW[FLOW.index("  - for") :]
    assert source == without.replace("      - log: hi", moved + "      - log: hi")


def test_it_moves_to_the_index_that_a_step_has_afterwards():
    source, place = surgery.move(FLOW, ("steps", 0), ("steps",), 1)
    assert place == ("steps", 1)
    assert [next(iter(step)) for step in parse(source).data["steps"]] == ["if", "call", "for"]
    assert surgery.move(FLOW, ("steps", 0), ("steps",), 0) == (FLOW, ("steps", 0))


def test_it_knows_where_a_step_stands_when_the_way_there_moves():
    source, place = surgery.move(FLOW, ("steps", 0), ("steps", 2, "do"), 1)
    assert place == ("steps", 1, "do", 1)
    assert "      # Find it.\n      - call: order  # its name\n" in source


def test_it_does_not_move_a_step_into_itself():
    with pytest.raises(EditImpossible, match="into itself"):
        surgery.move(FLOW, ("steps", 1), ("steps", 1, "else"), 0)


def test_it_copies_with_names_that_are_free():
    before = text(
        """
        steps:
          - for: x
            in: y
            do:
              - call: "a"  # one
                api: s/a
              - if: z
                then: [{call: b_2, api: s/b}]
                else: [{run: b_2, flow: b}]
          - call: a_2
            api: s/a
        """
    )
    source, place = surgery.copy(before, ("steps", 0))
    copied = before[before.index("  - for") : before.index("  - call: a_2")]
    copied = copied.replace('"a"', "a_3").replace("b_2", "b_3")
    assert place == ("steps", 1)
    assert source == before.replace("  - call: a_2", copied + "  - call: a_2")


def test_it_disables_and_enables():
    source = surgery.set_disabled(FLOW, ("steps", 0), True)
    lines = "  - call: order  # its name\n    disabled: true\n"
    assert source == FLOW.replace("  - call: order  # its name\n", lines)
    assert surgery.set_disabled(source, ("steps", 0), False) == FLOW
    assert surgery.set_disabled(FLOW, ("steps", 0), False) == FLOW


def test_it_writes_anew_only_what_changed():
    step = {
        "call": "order",
        "api": "shop/find",
        "with": {"id": "{{ payload.id }}"},
        "on_error": "continue",
        "retry": {"attempts": 3},
    }
    source = surgery.replace(FLOW, ("steps", 0), step)
    added = 'id }}"}\n    retry: {attempts: 3}\n    on_error: continue\n'
    assert source == FLOW.replace("get-order", "find").replace('id }}"}\n', added, 1)


def test_it_looks_into_mappings():
    step = parse(FLOW).data["steps"][1]
    step["else"][0]["set"] |= {"net": 2, "more": {"list": [{"a": "b\nc"}], "empty": []}}
    source = surgery.replace(FLOW, ("steps", 1), step)
    comment = "            # no comment\n"
    lines = ["more:", "  list:", "    - a: |-", "        b", "        c", "  empty: []"]
    added = "".join(f"          {line}\n" for line in lines)
    assert source == FLOW.replace("net: 1", "net: 2").replace(comment, comment + added)


def test_it_changes_the_kind_of_a_step():
    source = surgery.replace(FLOW, ("steps", 0), {"with": {"id": 1}, "flow": "f", "run": "order"})
    assert source == FLOW.replace("call: order  # its name", "run: order").replace(
        "    api: shop/get-order\n", "    flow: f\n"
    ).replace('{id: "{{ payload.id }}"}', "{id: 1}")


def test_it_keeps_the_order_of_variables():
    before = "steps:\n  - set:\n      b: 1 # b\n      a: '{{ b }}'\n"
    source = surgery.replace(before, ("steps", 0), {"set": {"a": 1, "b": "{{ a }}"}})
    assert list(parse(source).data["steps"][0]["set"]) == ["a", "b"]


def test_it_edits_json():
    before = '{\n\t"version": 1,\n\t"steps": [\n\t\t{"log": "a"},\n\t\t{\n\t\t\t"set": {"b": 1}'
    before += "\n\t\t}\n\t]\n}"
    source = surgery.insert(before, ("steps",), 1, {"log": "c"})
    data = {"version": 1, "steps": [{"log": "a"}, {"log": "c"}, {"set": {"b": 1}}]}
    assert parse(source).data == data
    assert source.startswith('version: 1\nsteps:\n  - {"log": "a"}\n  - log: c\n  - {\n')


def test_it_keeps_comments_in_brackets():
    before = text(
        """
        steps: [
          # one
          {log: a},  # behind a
          # two
          {log: b, # in b
           disabled: true}
          # end
        ]
        """
    )
    source = surgery.move(before, ("steps", 1), ("steps",), 0)[0]
    assert source == text(
        """
        steps:
          # two
          - {log: b, # in b
            disabled: true}
          # one
          - {log: a}  # behind a
          # end
        """
    )


def test_it_keeps_line_breaks_and_the_mark_of_a_file():
    before = "\ufeffsteps:\r\n  - log: a\r\n  - log: |\r\n      b"
    source = surgery.move(before, ("steps", 1), ("steps",), 0)[0]
    assert source == "\ufeffsteps:\r\n  - log: |-\r\n      b\r\n  - log: a\r\n"


def test_it_keeps_texts_that_hold_the_blank_lines_below():
    before = "steps:\n  - log: |+  # why\n      a\n\n  # b\n  - log: b\n"
    source = surgery.insert(before, ("steps",), 1, {"log": "c"})
    assert source == before.replace("  # b", "  - log: c\n  # b")
    moved = surgery.move(
        "steps:\n  - log: b\n  - log: |+\n      a\n\n", ("steps", 0), ("steps",), 1
    )
    assert parse(moved[0]).data == {"steps": [{"log": "a\n\n"}, {"log": "b"}]}
    end = surgery.move(
        "steps:\n  - log: |+\n      a\n\n  - log: b\n\nversion: 1\n", ("steps", 0), ("steps",), 1
    )
    assert parse(end[0]).data == {"steps": [{"log": "b"}, {"log": "a\n\n"}], "version": 1}


@pytest.mark.parametrize(
    "before",
    [
        "%YAML 1.2\n---\nsteps:\n  - log: a\n  - log: b\n...\n",
        "--- {steps: [{log: a}, {log: b}]}\n",
        "---\nsteps:\n-\n  log: a\n-   # dash\n\n    # inner\n    log: b\n",
        "steps:\n  - log: >\n      a\n     # less\n  - log: 'b\n\n    c'\n",
        'steps:\n  - log: a\n     b\n\n\n      # deep\n  - {log: "b\\\n  c"}\n',
        "steps:\n  - ? log\n    : a\n  - log: b\n",
        'steps: [log: a, "log": b]',
        "steps:\n  - log: |2\n       a\n  - log: b # \t tab\n",
    ],
)
def test_it_swaps_steps_however_they_are_written(before):
    steps = parse(before).data["steps"]
    source, place = surgery.move(before, ("steps", 0), ("steps",), 1)
    assert parse(source).data["steps"] == steps[::-1]
    assert all(
        comment in source
        for comment in ("# less", "# deep", "# inner", "# \t tab")
        if comment in before
    )
    assert parse(surgery.move(source, place, ("steps",), 0)[0]).data["steps"] == steps
    for index in (0, 1):
        disabled = parse(surgery.set_disabled(before, ("steps", index), True)).data["steps"]
        assert disabled[index] == {**steps[index], "disabled": True}


@pytest.mark.parametrize(
    ("place", "step"),
    [
        (("steps", 9), {"log": "a"}),
        (("steps",), {"log": "a"}),
        (("steps", -1), {"log": "a"}),
        (("steps", 0), {"log": float("inf")}),
        (("steps", 0), {"log": "\ud800"}),
        (("steps", 0), {"log": 2**60}),
        (("steps", 0), {"log": "x" * 600_000}),
        (("steps", 0), {}),
    ],
)
def test_it_refuses_what_cannot_be(place, step):
    with pytest.raises(EditImpossible):
        surgery.replace(FLOW, place, step)


def test_it_refuses_an_index_beyond_the_list():
    with pytest.raises(EditImpossible):
        surgery.insert(FLOW, ("steps",), 4, {"log": "a"})
    with pytest.raises(EditImpossible):
        surgery.insert(FLOW, ("steps", 7, "then"), 0, {"log": "a"})
    with pytest.raises(EditImpossible):
        surgery.move(FLOW, ("steps", 0), ("steps",), 3)


def test_it_says_what_is_no_yaml():
    with pytest.raises(DocumentInvalid):
        surgery.remove("steps: [", ("steps", 0))
