"""Each modifier of a mapping, on the engine that runs flows."""

import json
import re
from pathlib import Path

import pytest
import yaml

from dynamic.flow.engines.choice import engine_named
from dynamic.flow.expressions import MISSING, ExpressionFailed, compile_template
from dynamic.flow.mapping.compiling import to_jsonata
from dynamic.flow.mapping.modifiers import MODIFIERS
from dynamic.flow.mapping.table import Reader

DOCS = Path(__file__).resolve().parents[4] / "docs" / "flows.md"
NOTHING = object()

CASES = [
    (["text"], 5, "5"),
    (["text"], True, "true"),
    (["text"], {"a": [1]}, '{"a":[1]}'),
    (["number"], " 12.50 ", 12.5),
    (["number"], 7, 7),
    (["number"], " ", NOTHING),
    (["decimal_comma"], "1.234,5", 1234.5),
    (["decimal_comma"], "", NOTHING),
    (["decimal_comma"], [1234.5, "1,5"], [1234.5, 1.5]),
    (["boolean"], "No", False),
    (["boolean"], " yes ", True),
    (["boolean"], 0, False),
    (["boolean"], ["", "off", "on", 1], [False, False, True, True]),
    (["list"], 5, [5]),
    (["list"], [5], [5]),
    ([{"default": 0}], None, 0),
    ([{"default": 0}], NOTHING, 0),
    ([{"default": {"value": {"a": ["{{ b }}"]}}}], None, {"a": ["{{ b }}"]}),
    ([{"default": 0}], "", ""),
    (["trim"], "  a   b ", "a b"),
    (["upper"], "straße", "STRASSE"),
    (["lower"], "ÄB", "äb"),
    (["capitalise"], "éa b", "Éa b"),
    (["capitalise"], "", ""),
    ([{"prefix": "A-"}], 7, "A-7"),
    ([{"suffix": " €"}], "7", "7 €"),
    ([{"replace": {"find": ".", "by": "$1"}}], "a.b.c", "a$1b$1c"),
    ([{"replace": ["a"]}], "banana", "bnn"),
    ([{"substring": 2}], "abcd", "cd"),
    ([{"substring": [1, 2]}], "äöüß", "öü"),
    ([{"left": 2}], "abc", "ab"),
    ([{"left": 9}], "abc", "abc"),
    ([{"right": 2}], "abc", "bc"),
    ([{"right": 9}], "abc", "abc"),
    ([{"pad": 5}], 42, "00042"),
    ([{"pad": {"width": 4, "fill": "xy"}}], "a", "xyxa"),
    ([{"pad": 1}], "abc", "abc"),
    ([{"pad_right": [4, "."]}], "a", "a..."),
    (["split"], "a,b", ["a", "b"]),
    (["split"], "a", ["a"]),
    (["split"], ["a,b", None, "c"], ["a", "b", "c"]),
    ([{"split": ""}], "ab", ["a", "b"]),
    (["join"], ["a", 1, None], "a, 1"),
    ([{"join": ""}], ["a", "b"], "ab"),
    (["join"], "a", "a"),
    (["join"], [], ""),
    (["first"], [1, 2], 1),
    (["first"], "a", "a"),
    (["first"], [], NOTHING),
    (["last"], [1, 2], 2),
    (["last"], [], NOTHING),
    (["count"], ["a", "b"], 2),
    (["count"], "a", 1),
    (["count"], [], 0),
    (["sum"], ["1.5", 2, None], 3.5),
    (["sum"], [], 0),
    (["sum"], 4, 4),
    (["unique"], ["b", "a", "b"], ["b", "a"]),
    (["unique"], ["b"], ["b"]),
    (["sort"], ["b", "a"], ["a", "b"]),
    (["sort"], [10, 9], [9, 10]),
    (["sort"], "a", ["a"]),
    ([{"sort_by": "n m"}], [{"n m": 2}, {"n m": 1}], [{"n m": 1}, {"n m": 2}]),
    (["reverse"], [1, 2], [2, 1]),
    (["round"], "2.5", 2),
    ([{"round": 2}], 1.255001, 1.26),
    ([{"add": -1}], "5", 4),
    ([{"multiply": 1.5}], [2, "4"], [3, 6]),
    ([{"divide": 100}], 1999, 19.99),
    (["date"], "2026-12-24T10:00:00+02:00", "2026-12-24T08:00:00+00:00"),
    ([{"date": "%d.%m.%Y"}], "2026-12-24", "24.12.2026"),
    ([{"date": "%Y"}], 0, "1970"),
    (
        [{"date": {"from": "%d.%m.%Y %H:%M", "to": "%Y-%m-%dT%H:%M%:z", "zone": "Europe/Berlin"}}],
        "24.12.2026 18:30",
        "2026-12-24T18:30+01:00",
    ),
    ([{"lookup": {"table": {"DE": "Germany"}, "else": "?"}}], ["DE", "XX"], ["Germany", "?"]),
    ([{"lookup": {"table": {"1": [5]}}}], 1, [5]),
    ([{"lookup": {"table": {"a": 1}}}], "b", NOTHING),
    ([{"lookup": {"table": {"a": "x"}}}, {"suffix": "!"}], ["a"], ["x!"]),
    ([{"lookup": {"table": {}}}, {"suffix": "!"}, {"default": "d"}], "b", "d"),
    (["hash"], "hello", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"),
    ([{"hash": ["md5", "base64"]}], "hello", "XUFAKrxLKna5cZ2REBfFkg=="),
    (["base64_encode"], "ü€", "w7zigqw="),
    (["base64_decode"], "w7zigqw=", "ü€"),
    (["url_encode"], "ü &/", "%C3%BC%20%26%2F"),
    (["url_decode"], "%C3%BC%20", "ü "),
    (["trim", "upper", {"prefix": "x"}, {"split": "B"}, "count"], " abc ", 2),
    ([{"split": ";"}, "trim", "number", "sum", {"round": 1}], "1.24; 2", 3.2),
]


ENGINES = {name: engine_named(name) for name in ("jsonatapy", "jsonata-python")}


def mapped(uses, value, engine=ENGINES["jsonatapy"]):
    """What a mapping makes of one field with these modifiers; NOTHING where it is left out."""
    problems = []
    fields = [{"to": "x", "from": "x", "use": uses}]
    rows = Reader(lambda path, message: problems.append(message)).rows(fields, ())
    assert not problems
    scope = {"payload": {} if value is NOTHING else {"x": value}}
    text = to_jsonata("payload", rows)
    found = compile_template(f"{{{{ {text} }}}}", engine).evaluate(scope)
    assert found is not MISSING
    return found.get("x", NOTHING)


def problems_of(uses):
    problems = []
    Reader(lambda path, message: problems.append(message)).rows(
        [{"to": "x", "from": "x", "use": uses}], ()
    )
    return problems


def name_of(use):
    return use if isinstance(use, str) else next(iter(use))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("uses", "value", "expected"), CASES)
def test_it_changes_a_value(uses, value, expected, engine):
    found = mapped(uses, value, ENGINES[engine])
    assert found == expected
    assert (found is True) == (expected is True)


def test_it_leaves_null_in_a_list_as_it_is():
    assert mapped(["trim"], [" a", None, "b "]) == ["a", None, "b"]


def test_it_is_tested_whole():
    assert {name_of(use) for uses, _, _ in CASES for use in uses} == set(MODIFIERS)


@pytest.mark.parametrize("name", sorted(MODIFIERS.keys() - {"default"}))
def test_it_makes_nothing_of_nothing_and_null_of_null(name):
    use = next(use for uses, _, _ in CASES for use in uses if name_of(use) == name)
    assert mapped([use], NOTHING) is NOTHING
    assert mapped([use], None) is None


@pytest.mark.parametrize(
    ("use", "sentence"),
    [
        ("upcase", "upcase is no modifier. They are text, number,"),
        ("trimm", "trimm is no modifier. Did you mean trim?"),
        ({"trim": 1, "upper": 2}, "is no modifier."),
        (5, "5 is no modifier."),
        ({"trim": 1}, "trim: it has no arguments, and here are 1."),
        ({"trim": {"a": 1}}, "trim: there is no argument a. It has none."),
        ({"pad": {"wide": 1}}, "pad: there is no argument wide. Its own are width, fill."),
        (
            {"date": {"format": "%Y"}},
            "date: there is no argument format. Its own are to, from, zone.",
        ),
        ("pad", "pad: width is missing."),
        ({"pad": "8"}, "pad: width is a whole number from 0 to 10,000."),
        ({"pad": 10_001}, "pad: width is a whole number"),
        ({"left": 0}, "left: length is a whole number from 1 to"),
        ({"replace": ""}, "replace: find must not be empty."),
        ({"prefix": [[1]]}, "prefix: text is a text."),
        ({"prefix": "x" * 1001}, "prefix: text has at most 1,000 characters."),
        ({"add": True}, "add: number is a number."),
        ({"divide": 0}, "divide: by is a number other than 0."),
        ({"hash": "md4"}, "hash: algorithm is one of sha256, sha512, sha1, md5."),
        ({"date": "%Q"}, "date: The format has no code"),
        ({"date": {"zone": "Berlin"}}, "date: There is no time zone"),
        ({"lookup": 5}, "lookup: table is a mapping."),
    ],
)
def test_it_refuses_what_it_cannot_take(use, sentence):
    (problem,) = problems_of([use])
    assert sentence in problem


def test_it_fails_on_what_is_no_number():
    with pytest.raises(ExpressionFailed, match="number"):
        mapped(["round"], "many")


def test_it_is_in_the_docs_with_an_example():
    text = DOCS.read_text("utf-8")
    table = text.partition("| modifier | arguments | | example |\n| --- | --- | --- | --- |\n")[2]
    row = r"^\| `(\w+)` \| (.*?) \| (.*) \| `(.*)`: `(.*)` → `(.*)` \|$"
    told = re.findall(row, table.partition("\n\n")[0], re.MULTILINE)
    assert [(name, arguments, about) for name, arguments, about, *_ in told] == [
        (
            name,
            ", ".join(f"`{each.name}{'' if each.required else '?'}`" for each in mod.arguments),
            mod.about,
        )
        for name, mod in MODIFIERS.items()
    ]
    for name, _, _, use, value, result in told:
        use = yaml.safe_load(use)
        assert name_of(use) == name
        assert mapped([use], json.loads(value)) == json.loads(result)
