"""Whatever the document: an edit of the text says what the same edit of the data says, and every
comment outside of what it takes away or writes anew is still there, once."""

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dynamic.flow.document import parse
from dynamic.flow.editing import surgery
from dynamic.flow.editing.surgery import EditImpossible
from tests.dynamic.flow.editing.documents import DOCUMENTS, NESTED, at, lists, places

quick = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
NEW = NESTED.filter(lambda step: isinstance(step, dict))


def exact(data):
    return json.dumps(data, sort_keys=True)


def assert_says(source, data):
    assert exact(parse(source).data) == exact(data), source


def assert_keeps(written, source, gone=None):
    for comment, owner in written.owners.items():
        unsure = gone and comment in written.inside and gone[: len(owner)] == owner
        if not gone or (owner[: len(gone)] != gone and not unsure):
            assert source.count(comment) == 1, (comment, source)


def removed(data, place):
    """Take a step out; give the place of all that went, or None where it has to stay."""
    steps = at(data, place[:-1])
    if len(steps) > 1:
        steps.pop(place[-1])
        return place
    around, key = at(data, place[:-2]), place[-2]
    if key == "else" or (key == "then" and "return" in around):
        del around[key]
        return place[:-1]
    if len(place) > 4 and place[-4] == "elif":
        at(data, place[:-3]).pop(place[-3])
        if not at(data, place[:-3]):
            del at(data, place[:-4])["elif"]
            return place[:-3]
        return place[:-2]
    return None


@quick
@given(DOCUMENTS, NEW, st.data())
def test_it_inserts(written, step, draw):
    place, steps = draw.draw(st.sampled_from(lists(written.data)))
    index = draw.draw(st.integers(0, len(steps)))
    source = surgery.insert(written.source, place, index, step)
    data = copy.deepcopy(written.data)
    at(data, place).insert(index, step)
    assert_says(source, data)
    assert_keeps(written, source)
    assert_says(surgery.remove(source, (*place, index)), written.data)


@quick
@given(DOCUMENTS, NEW, st.data())
def test_it_makes_a_list(written, step, draw):
    ifs = [
        place
        for place in places(written.data)
        if "if" in (at(written.data, place) or {}) and "else" not in at(written.data, place)
    ]
    if not ifs:
        return
    place = draw.draw(st.sampled_from(ifs))
    source = surgery.insert(written.source, (*place, "else"), 0, step)
    data = copy.deepcopy(written.data)
    at(data, place)["else"] = [step]
    assert_says(source, data)
    assert_keeps(written, source)


@quick
@given(DOCUMENTS, st.data())
def test_it_removes(written, draw):
    place = draw.draw(st.sampled_from(places(written.data)))
    data = copy.deepcopy(written.data)
    gone = removed(data, place)
    if gone is None:
        with pytest.raises(EditImpossible):
            surgery.remove(written.source, place)
        return
    source = surgery.remove(written.source, place)
    assert_says(source, data)
    assert_keeps(written, source, gone[:-1] if isinstance(gone[-1], str) else gone)


@quick
@given(DOCUMENTS, NEW, st.data())
def test_it_replaces(written, step, draw):
    place = draw.draw(st.sampled_from(places(written.data)))
    old = at(written.data, place)
    if isinstance(old, dict) and draw.draw(st.booleans()):
        step = {**old, **step}
    source = surgery.replace(written.source, place, step)
    data = copy.deepcopy(written.data)
    at(data, place[:-1])[place[-1]] = step
    assert_says(source, data)
    for key, value in step.items():  # in its order, which `set` goes by
        assert json.dumps(at(parse(source).data, place)[key]) == json.dumps(value)
    assert_keeps(written, source, place)
    assert surgery.replace(source, place, step) == source


@quick
@given(DOCUMENTS, st.data())
def test_it_moves_there_and_back(written, draw):
    place = draw.draw(st.sampled_from(places(written.data)))
    targets = [entry for entry in lists(written.data) if entry[0][: len(place)] != place]
    target, steps = draw.draw(st.sampled_from(targets))
    within = target == place[:-1]
    index = draw.draw(st.integers(0, len(steps) - within))
    step = at(written.data, place)
    if len(at(written.data, place[:-1])) == 1:
        if not within and removed(copy.deepcopy(written.data), place) is None:
            with pytest.raises(EditImpossible):
                surgery.move(written.source, place, target, index)
        return
    source, new = surgery.move(written.source, place, target, index)
    data = copy.deepcopy(written.data)
    target_list = at(data, target)
    at(data, place[:-1]).pop(place[-1])
    target_list.insert(index, step)
    assert_says(source, data)
    assert exact(at(data, new)) == exact(step)
    assert_keeps(written, source)
    back_to = place[:-1]
    if not within and new[:-1] == back_to[: len(new) - 1] and len(back_to) >= len(new):
        back_to = moved_on(back_to, new)
    back, again = surgery.move(source, new, back_to, place[-1])
    assert_says(back, written.data)
    assert again == place


def moved_on(place, new):
    """Where a list is called while a step stands at a place before it, which moved the others."""
    depth = len(new) - 1
    more = place[depth] >= new[depth]
    return (*place[:depth], place[depth] + more, *place[depth + 1 :])


@quick
@given(DOCUMENTS, st.data())
def test_it_copies(written, draw):
    place = draw.draw(st.sampled_from(places(written.data)))
    source, new = surgery.copy(written.source, place)
    assert new == (*place[:-1], place[-1] + 1)
    data = parse(source).data
    copied = at(data, new)
    without_names = {"call": "x"} if isinstance(copied, dict) and "call" in copied else {}
    if without_names:
        assert copied["call"] not in names(written.data)
    at(data, new[:-1]).pop(new[-1])
    assert exact(data) == exact(written.data)
    assert all(source.count(comment) in (1, 2) for comment in written.owners)


def names(data):
    steps = [at(data, place) for place in places(data)]
    return {step["call"] for step in steps if isinstance(step, dict) and "call" in step}


@quick
@given(DOCUMENTS, st.data())
def test_it_disables_and_enables(written, draw):
    place = draw.draw(st.sampled_from(places(written.data)))
    step = at(written.data, place)
    if not isinstance(step, dict):
        with pytest.raises(EditImpossible):
            surgery.set_disabled(written.source, place, True)
        return
    source = surgery.set_disabled(written.source, place, True)
    data = copy.deepcopy(written.data)
    at(data, place)["disabled"] = True
    assert_says(source, data)
    if step.get("disabled") is None:
        assert_keeps(written, source)
    assert_says(
        surgery.set_disabled(source, place, False),
        written.data if "disabled" not in step else without_disabled(data, place),
    )


def without_disabled(data, place):
    del at(data, place)["disabled"]
    return data
