"""Every edit, of every step of the flows that we show."""

from pathlib import Path

import pytest
import yaml

from dynamic.flow.document import parse
from dynamic.flow.editing import surgery
from dynamic.flow.editing.outline import outline
from dynamic.flow.editing.surgery import EditImpossible
from tests.dynamic.flow.editing.documents import at, places

EXAMPLES = Path(__file__).parents[4] / "examples"
FLOWS = [
    pytest.param(flow["document"], id=f"{file.stem}-{flow['slug']}")
    for file in sorted(EXAMPLES.glob("*.yaml"))
    for flow in yaml.safe_load(file.read_text("utf-8")).get("flows", [])
]


@pytest.mark.parametrize("source", FLOWS)
def test_it_edits_the_examples(source):
    data = parse(source).data
    for place in places(data):
        step = at(data, place)
        assert surgery.replace(source, place, step) == source
        off = surgery.set_disabled(source, place, True)
        assert surgery.set_disabled(off, place, False).count("\n") >= source.count("\n")
        copied, behind = surgery.copy(source, place)
        if "[{" not in source:
            assert surgery.remove(copied, behind) == source
        added = surgery.insert(source, place[:-1], place[-1], {"log": "a"})
        back, _ = surgery.move(added, place, place[:-1], len(at(data, place[:-1])))
        assert at(parse(back).data, place) == step
        try:
            surgery.remove(source, place)
        except EditImpossible:
            assert len(at(data, place[:-1])) == 1


@pytest.mark.parametrize("source", FLOWS)
def test_it_outlines_the_examples(source):
    document = parse(source)
    assert [node.place for node in every(outline(document))] == sorted(
        places(document.data), key=lambda place: document.position(place)
    )


def every(nodes):
    for node in nodes:
        yield node
        for branch in node.branches:
            yield from every(branch.nodes)
