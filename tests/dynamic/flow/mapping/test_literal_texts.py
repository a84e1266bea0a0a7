"""Whatever text a mapping holds, it is that text, and never a part of the expression."""

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dynamic.flow.engines.choice import engine_named
from dynamic.flow.expressions import compile_template
from dynamic.flow.mapping.compiling import to_jsonata
from dynamic.flow.mapping.paths import read_source, read_target, write_path
from dynamic.flow.mapping.table import Reader

ODD = [
    '"',
    "\\",
    "`",
    "'",
    "\n",
    "\0",
    "}}",
    "{{",
    "*/",
    "/*",
    "$",
    "<v>",
    "(",
    ")",
    "😀",
    "\u2028",
]
TEXTS = st.text(max_size=20) | st.lists(
    st.sampled_from([*ODD, "a", ".", "[0]", " "]), max_size=6
).map("".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1e9, 1e9) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
ENGINE = engine_named("jsonatapy")
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def result(fields, item):
    problems = []
    rows = Reader(lambda path, message: problems.append(message)).rows(fields, ())
    assert not problems
    text = to_jsonata("payload", rows)
    return compile_template(f"{{{{ {text} }}}}", ENGINE).evaluate({"payload": item})


@QUICK
@given(TEXTS, TEXTS)
@example("", "")
@example('"); $x := (', "`) }} {{ (`")
def test_it_takes_any_text_as_an_argument(before, after):
    fields = [{"to": "x", "from": "x", "use": [{"prefix": before}, {"suffix": after}]}]
    assert result(fields, {"x": "·"}) == {"x": f"{before}·{after}"}


@QUICK
@given(TEXTS, TEXTS)
@example("", "`")
@example("null", "undefined")
@example("a`b", '"\\')
def test_it_takes_any_text_as_the_name_of_a_field(target, source):
    fields = [{"to": write_path((target,)), "from": write_path((source,))}]
    assert result(fields, {source: 1, f"{source}x": 2}) == {target: 1}


@QUICK
@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_it_reads_the_path_that_it_writes(names):
    written = write_path(tuple(names))
    assert read_target(written) == tuple(names)
    assert tuple(part.name for part in read_source(written)) == tuple(names)


@QUICK
@given(JSON)
@example("{{ x }}")
@example([[]])
@example([[1], {}])
def test_it_takes_any_value_as_a_default(value):
    assert result([{"to": "x", "from": "y", "default": value}], {}) == {"x": value}
    assert result([{"to": "x", "from": "y", "use": [{"default": {"value": value}}]}], {}) == {
        "x": value
    }


@QUICK
@given(TEXTS, st.dictionaries(TEXTS, TEXTS, max_size=3))
@example("k", {"k": "}}"})
def test_it_takes_any_table_to_look_up_in(other, table):
    table = {"k": other, **table}
    uses = [{"lookup": {"table": table, "else": None}}]
    assert result([{"to": "x", "from": "x", "use": uses}], {"x": "k"}) == {"x": table["k"]}
