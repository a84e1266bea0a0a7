"""What is written as YAML reads back as the same, whatever it is."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dynamic.bundle.layout import BOUNDS
from dynamic.bundle.writing import write
from dynamic.flow.document import parse

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
LINES = st.text(st.sampled_from("ab:#-|>%@&*!?'\"{}[], \t\n0x1e.~"), max_size=30)
NUMBERS = st.from_regex(r"[-+]?(0o|0x)?[0-9a-f.]{1,6}([eE][-+]?[0-9])?", fullmatch=True)
LEAVES = (
    TEXTS
    | LINES
    | NUMBERS
    | st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
)
DATA = st.recursive(LEAVES, lambda held: st.lists(held) | st.dictionaries(TEXTS | LINES, held))


@given(DATA)
@example("0o17")
@example("1e5")
@example("+.5")
@example("0x1f")
@example("a\n  \n")
@example("  a\nb\n\n")
@example("\n a")
@example("no")
def test_it_reads_back_as_it_was(data):
    assert parse(write({"integrator": 1, "a": [{"b": data}]}), BOUNDS).data["a"] == [{"b": data}]


@pytest.mark.parametrize(
    "text", ["version: 1\nsteps: []\n", "a  \nb", "a\n\n\tb\n", "# Zoë’s\nx: “y”\n\n", "a:\n\n b"]
)
def test_it_writes_a_text_of_several_lines_as_a_block(text):
    written = write({"document": text})
    assert "document: |" in written
    assert parse(written).data["document"] == text


def test_it_writes_what_a_person_would():
    data = {"systems": [{"slug": "shop", "retry": {"attempts": 3}, "path": "/a/{{ id }}"}]}
    assert write(data).splitlines()[2:] == [
        "systems:",
        "  - slug: shop",
        "    retry:",
        "      attempts: 3",
        "    path: /a/{{ id }}",
    ]


def test_it_writes_what_stands_twice_twice():
    rows = [{"key": "a"}]
    assert write({"a": rows, "b": rows}).count("- key: a") == 2
