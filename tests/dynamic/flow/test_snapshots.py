"""Copies of a trace while its run goes on."""

from dynamic.flow.snapshots import snapshot


def loop(items, steps):
    inner = [
        {
            "item": item,
            "steps": [{"step": f"{item}.{step}", "kind": "set"} for step in range(steps)],
        }
        for item in range(items)
    ]
    return {"step": "loop", "kind": "for", "count": items, "items": inner}


def test_it_stays_as_it_was_while_the_run_goes_on():
    then = [{"step": "last", "kind": "log"}]
    trace = [loop(2, 1), {"step": "end", "kind": "return", "then": then}]
    copy = snapshot(trace)
    assert copy == trace
    trace[0]["items"][0]["steps"][0]["ms"] = 1.0
    trace[0]["items"][0]["steps"].append({"step": "more", "kind": "set"})
    trace[0]["ms"] = 2.0
    then.append({"step": "more", "kind": "log"})
    trace.append({"step": "more", "kind": "set"})
    assert copy == [loop(2, 1), {"step": "end", "kind": "return", "then": then[:1]}]


def test_it_shares_what_is_never_changed():
    value = {"rows": [1, 2, 3]}
    (entry,) = snapshot([{"step": "s", "kind": "set", "value": value}])
    assert entry["value"] is value


def test_it_is_bounded_and_keeps_the_outer_steps_and_the_newest_inside():
    trace = [{"step": "first", "kind": "set"}, loop(50, 100), {"step": "now", "kind": "sleep"}]
    copy = snapshot(trace, most=300)
    assert [entry["step"] for entry in copy] == ["first", "loop", "now"]
    items = copy[1]["items"]
    assert len(items) == 50
    assert [step["step"] for step in items[49]["steps"]] == [f"49.{n}" for n in range(100)]
    assert items[48]["steps"] == trace[1]["items"][48]["steps"]
    assert items[0]["steps"] == ["… and 100 more"]
    assert len(trace[1]["items"][0]["steps"]) == 100
