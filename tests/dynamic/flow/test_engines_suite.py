"""JSONata's own test suite on both engines (see jsonata_suite/README.md).

An engine must fail where a case says so, and where it names a code the code must be the case's.
What differs is listed, exactly: a listed case that does as the suite says fails its test, too.
"""

import json
import math
import re
from pathlib import Path

import pytest

from dynamic.flow.engines.jsonata_python_engine import JsonataPythonEngine
from dynamic.flow.engines.jsonatapy_engine import JsonatapyEngine
from dynamic.flow.engines.seam import Bounds, EngineError
from dynamic.flow.expressions import ExpressionInvalid, compile_template
from dynamic.flow.values import MISSING

SUITE = Path(__file__).parent / "jsonata_suite"
GROUPS = json.loads((SUITE / "cases.json").read_text())["groups"]
DATASETS = json.loads((SUITE / "datasets.json").read_text())

NO_INPUT = "The case has no input at all; a scope is always there, and null instead."
LONG_LISTS = "The case makes lists of more than 100,000 items, which we refuse."
NO_INPUT_CASES = ["encoding/case001", "encoding/case003", "function-trim/case002"]
LONG_LIST_CASES = [
    *("flattening/large.0", "flattening/large.1"),
    *("range-operator/case021", "range-operator/case024"),
]

KNOWN = {
    JsonatapyEngine: {
        NO_INPUT: [
            *NO_INPUT_CASES,
            *("descendent-operator/case016", "function-string/case022", "transform/case022"),
        ],
        LONG_LISTS: LONG_LIST_CASES,
        "Our $join checks its texts one by one, so another code tells of a wrong one.": [
            *("function-join/case008", "function-join/case009"),
        ],
        "Our $join without arguments gives nothing.": ["function-join/case011"],
    },
    JsonataPythonEngine: {
        NO_INPUT: [
            *NO_INPUT_CASES,
            *("descendent-operator/case016", "function-string/case022", "transform/case022"),
        ],
        LONG_LISTS: LONG_LIST_CASES,
        "It takes longer than a second, and here it has 300 ms.": [
            *("performance/case000", "performance/case001"),
        ],
        "It fails as it must, but names another code.": [
            *("function-formatNumber/case028", "function-formatNumber/case032"),
            *("function-number/case008", "function-string/case019"),
            *("range-operator/case022", "range-operator/case023"),
            *("literals/case015", "partial-application/case003", "function-error/case007"),
        ],
        "It writes every digit that a float has beyond 2^53.": [
            "function-formatInteger/formatInteger.43"
        ],
        "It has one digit after the point less in an exponent's mantissa.": [
            "function-formatNumber/case014"
        ],
        "It takes the two halves of a character that are escaped for two characters.": [
            "function-length/case004"
        ],
        "It reads dates with a space in place of the T, too.": ["function-tomillis/case009"],
        "It does not take a function of the expression's for a pattern.": ["matchers/case000"],
    },
}


def same(one, other):
    """Equal as JSON; floats to 13 digits, as the engines add in another order."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other or math.isclose(one, other, rel_tol=1e-13)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return type(one) is type(other) and one == other


def bounds_of(make, group, case):
    """Ample ones, but for what the suite wants to be ended and what is too slow."""
    if case.get("code") == "U1001":
        return Bounds(milliseconds=100, depth=case["depth"])
    slow = make is JsonataPythonEngine and group == "performance"
    return Bounds(milliseconds=300 if slow else 5_000)


def text_of(case):
    text = case["expr"]
    for name, value in case.get("bindings", {}).items():
        text = f"(${name} := {json.dumps(value)}; {text}\n)"
    return text


def data_of(case):
    if "dataset" in case:
        return DATASETS.get(case["dataset"])
    return case.get("data")


def does_as_it_says(engine, case):
    text, data = text_of(case), data_of(case)
    before = json.dumps(data)
    try:
        value = engine.compile(text, frozenset(re.findall(r"\$(\w+)", text))).evaluate(data)
    except EngineError as error:
        codes = {"D1011", "D1012"} if case.get("code") == "U1001" else {case.get("code")}
        return "code" in case and error.code in {*codes, None}
    finally:
        assert json.dumps(data) == before, "an evaluation changed its data"
    return gives(value, case)


def gives(value, case):
    if "result" not in case:
        return value is MISSING and "undefinedResult" in case
    if "unordered" in case:
        return sorted(value, key=json.dumps) == sorted(case["result"], key=json.dumps)
    return same(value, case["result"])


@pytest.mark.parametrize("make", KNOWN, ids=lambda make: make.name)
@pytest.mark.parametrize("group", GROUPS)
def test_it_does_what_the_suite_says(make, group):
    known = {case for cases in KNOWN[make].values() for case in cases}
    differ = {
        f"{group}/{case['case']}"
        for case in GROUPS[group]
        if not does_as_it_says(make(bounds_of(make, group, case)), case)
    }
    assert differ == {case for case in known if case.startswith(f"{group}/")}


def test_it_gives_the_same_through_a_template():
    engine = JsonatapyEngine(Bounds(milliseconds=5_000))
    known = {case for cases in KNOWN[JsonatapyEngine].values() for case in cases}
    for group, cases in GROUPS.items():
        for case in cases:
            if "code" in case or f"{group}/{case['case']}" in known:
                continue
            template = f"{{{{ {text_of(case)} }}}}"
            if group == "function-eval":  # no flow has it
                with pytest.raises(ExpressionInvalid, match=r"\$eval is not available"):
                    compile_template(template, engine)
            else:
                value = compile_template(template, engine).evaluate(data_of(case))
                assert gives(value, case), case
