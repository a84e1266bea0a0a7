"""Writing `input` into the text of a document."""

import pytest

from dynamic.flow.document import parse
from dynamic.flow.editing.input_schema import set_input, without_input
from dynamic.flow.editing.surgery import EditImpossible

SOURCE = """\
# What it does.
version: 1
# What it takes.
input:  # a schema
  type: object  # with a comment
# What it does first.
steps:
  - log: x  # told
"""
SCHEMA = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}


def test_it_writes_another_schema_and_keeps_all_other_comments():
    text = set_input(SOURCE, SCHEMA)
    assert parse(text).data == {**parse(SOURCE).data, "input": SCHEMA}
    for kept in ("# What it does.", "# What it takes.", "# a schema", "does first.", "# told"):
        assert kept in text


def test_it_leaves_a_document_alone_that_says_so_already():
    assert set_input(SOURCE, {"type": "object"}) == SOURCE
    assert without_input(without_input(SOURCE)) == without_input(SOURCE)


def test_it_takes_it_out_and_puts_it_above_the_steps():
    text = without_input(SOURCE)
    assert text == SOURCE[:27] + SOURCE[SOURCE.index("# What it does first") :]
    assert set_input(text, True) == text.replace("version: 1\n", "version: 1\ninput: true\n")


@pytest.mark.parametrize("source", ["{version: 1, steps: []}", "[]", "5"])
def test_it_says_what_it_cannot_write(source):
    with pytest.raises(EditImpossible, match="edit it as text"):
        set_input(source, SCHEMA)
