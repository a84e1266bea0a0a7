"""The functions that expressions have beside JSONata's own: what they give, what they refuse."""

import re
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from dynamic.flow.expressions import MISSING, ExpressionFailed, compile_template
from dynamic.flow.functions.table import FUNCTIONS

DOCTYPE = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def evaluate(expression, scope=None):
    return compile_template(f"{{{{ {expression} }}}}").evaluate(scope or {})


def refusal(expression, scope=None):
    began = time.monotonic()
    with pytest.raises(ExpressionFailed) as caught:
        evaluate(expression, scope)
    assert time.monotonic() - began < 3  # about 0.1 s at most; the machine may be busy
    return str(caught.value)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_it_gives_what_its_documentation_says(name):
    function = FUNCTIONS[name]
    assert function.signature.startswith(f"${name}(")
    assert f"${name}(" in function.example
    result = evaluate(function.example)
    assert result == function.result
    assert type(result) is type(function.result)


@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() - {"uuid"}))
def test_it_gives_nothing_for_nothing(name):
    assert evaluate(f"${name}(nope, 'x')") is MISSING


@pytest.mark.parametrize("name", FUNCTIONS)
def test_it_can_be_passed_on_and_be_replaced_like_every_function(name):
    assert evaluate(f"(${name} := function($x) {{ $x + 1 }}; ${name}(1))") == 2
    assert "gives a function" in refusal(f"${name}")
    assert evaluate(f"'${name}(1)'") == f"${name}(1)"


@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() - {"uuid"}))
@pytest.mark.parametrize(
    "values", ["5", "true", "{}", "[]", "/a/", "$sum", "[[[]]], 5, [], {}", "1/0, 1/0, 1/0, 1/0"]
)
def test_it_fails_in_a_sentence_or_not_at_all_on_values_of_the_wrong_type(name, values):
    try:
        evaluate(f"${name}({values})")
    except ExpressionFailed as error:
        sentence = str(error)
    else:
        return
    assert re.fullmatch(r"The expression \{\{ .+ \}\} (fails: [A-Z\"]|gives).+\.", sentence)
    assert not re.search(r"Error|NoneType|positional|object is", sentence)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$parseDate('2026-05-01')", "2026-05-01T00:00:00.000Z"),
        ("$parseDate('2026-05-01T10:00:00+02:00')", "2026-05-01T08:00:00.000Z"),
        ("$parseDate('20260501T100000.1234Z')", "2026-05-01T10:00:00.123Z"),
        ("$parseDate('2026-05-01T10:00', null, 'America/New_York')", "2026-05-01T14:00:00.000Z"),
        ("$parseDate('2026-05-01T10:00Z', null, 'Asia/Tokyo')", "2026-05-01T10:00:00.000Z"),
        ("$parseDate('01/May/2026:10:00:00 +0200', '%d/%b/%Y:%H:%M:%S %z')",
         "2026-05-01T08:00:00.000Z"),
        ("$parseDate('100%', '%f%%')", "1900-01-01T00:00:00.100Z"),
        # The hour that comes twice is the first one, the one left out has the offset from before.
        ("$parseDate('2026-10-25T02:30', null, 'Europe/Berlin')", "2026-10-25T00:30:00.000Z"),
        ("$parseDate('2026-03-29T02:30', null, 'Europe/Berlin')", "2026-03-29T01:30:00.000Z"),
        ("$parseDate(null)", None),
        ("$toMillis($parseDate('1970-01-01T00:00:01Z'))", 1000),
        ("$formatDate(null, '%Y')", None),
        ("$formatDate(0, '%Y-%m-%dT%H:%M:%S.%f%z')", "1970-01-01T00:00:00.000000+0000"),
        ("$formatDate(-1.5e12, '%A %a %B %b %d %j %u %y %p %I')",
         "Tuesday Tue June Jun 20 171 2 22 PM 09"),
        ("$formatDate('2026-01-01', '%G-W%V 100%%')", "2026-W01 100%"),
        ("$formatDate('2026-01-01', '%H %Z %:z %z', 'Asia/Kolkata')", "05 IST +05:30 +0530"),
        ("$formatDate('2026-07-01', '%H %:z', 'America/New_York')", "20 -04:00"),
        ("$formatDate('0001-01-01', '%Y')", "0001"),
        ("$formatDate(0, '')", ""),
        ("$map(['2026-01-01', '2027-01-01'], function($d) { $formatDate($d, '%y') })",
         ["26", "27"]),
    ],
)  # fmt: skip
def test_it_reads_and_writes_dates_in_time_zones(expression, value):
    assert evaluate(expression) == value


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("$parseDate('tomorrow')", '"tomorrow" is not ISO 8601'),
        ("$parseDate('2026-02-30')", "is not ISO 8601"),
        ("$parseDate('2026', '%d')", '"2026" is not of the format "%d"'),
        ("$parseDate('1 1', '%d %d')", "the same code twice"),
        ("$parseDate('1', '%c')", 'the code "%c"'),
        ("$parseDate('1', '%')", 'the code "%"'),
        ("$parseDate('2026', $pad('%Y', 999))", "The format has more than 100"),
        ("$parseDate($pad('2026', 999))", "The date has more than 100"),
        ("$parseDate('0001-01-01', null, 'Asia/Tokyo')", "the years 1 to 9999"),
        ("$formatDate(1e300, '%Y')", "the years 1 to 9999"),
        ("$formatDate(253402300799999, '%Y', 'Asia/Tokyo')", "the years 1 to 9999"),
        ("$formatDate(true, '%Y')", "not a boolean"),
        ("$formatDate(0)", "The format must be text, not null"),
        ("$formatDate(0, '%999999999Y')", 'no code "%9"'),
        ("$formatDate(0, '%s')", 'no code "%s"'),
        ("$formatDate(0, '%')", 'no code "%"'),
    ],
)
def test_it_says_what_is_wrong_with_a_date(expression, words):
    assert words in refusal(expression)


@pytest.mark.parametrize(
    "zone",
    ["Mars/Base", "", "Europe", "/etc/passwd", "../../etc/passwd", "Europe/../UTC", "tzdata.zi",
     "a b", "Europe/Berlin\x00", "é"],
)  # fmt: skip
def test_it_refuses_a_time_zone_that_is_none(zone):
    assert "There is no time zone" in refusal("$formatDate(0, '%Y', zone)", {"zone": zone})


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$hash('', 'sha1')", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("$hash('é', 'md5', 'base64')", "Zt3Nl8/eq7L2+4qZm0vHbw=="),
        ("$length($hash('a', 'sha512'))", 128),
        # RFC 4231, test case 2; RFC 2202, test case 2.
        ("$hmac('what do ya want for nothing?', 'Jefe', 'sha256')",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        ("$hmac('what do ya want for nothing?', 'Jefe', 'md5', 'hex')",
         "750c783e6ab0b503eaa86e310a5db738"),
    ],
)  # fmt: skip
def test_it_hashes(expression, value):
    assert evaluate(expression) == value


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("$hash('a')", "The algorithm must be one of sha256, sha512, sha1, md5, not null"),
        ("$.$hash('sha256')", "The algorithm must be one of"),
        ("$hash('a', 'crc')", 'not "crc"'),
        ("$hash('a', 'md5', 'utf8')", "The encoding must be one of hex, base64"),
        ("$hash(null, 'md5')", "The text must be text, not null"),
        ("$hmac('a', '', 'md5')", "The key is empty"),
        ("$hmac('a', 5, 'md5')", "The key must be text, not a number"),
    ],
)
def test_it_says_what_is_wrong_with_a_hash(expression, words):
    assert words in refusal(expression)


def test_it_makes_another_uuid_each_time():
    made = [uuid.UUID(one) for one in evaluate("[1..100].$uuid()")]
    assert len(set(made)) == 100
    assert {one.version for one in made} == {4}


@pytest.mark.parametrize(
    ("text", "options", "rows"),
    [
        ("a,b\n1,2\r\n3,4\r5,6", {}, [{"a": "1", "b": "2"}, {"a": "3", "b": "4"},
                                      {"a": "5", "b": "6"}]),
        ('\ufeffa\n"x, ""y""\nz"\n\n', {}, [{"a": 'x, "y"\nz'}]),
        ("a\tb\n 1\t", {"delimiter": "\t"}, [{"a": " 1", "b": ""}]),
        ("a,b\n1", {}, [{"a": "1"}]),
        ("a,b\n1", {"header": False}, [["a", "b"], ["1"]]),
        ("a\n=1+1\n0012", {}, [{"a": "=1+1"}, {"a": "0012"}]),
        ("a,b", {}, []),
        ("", {}, []),
        ("\n\n", {"header": False}, []),
    ],
)  # fmt: skip
def test_it_reads_csv(text, options, rows):
    assert evaluate("$parseCsv(t, o)", {"t": text, "o": options}) == rows


@pytest.mark.parametrize(
    ("rows", "options", "text"),
    [
        ([{"a": 1}, {"b": True}], {}, "a,b\r\n1,\r\n,true\r\n"),
        ({"a": 1.0, "b": None}, {}, "a,b\r\n1,\r\n"),
        ([["a", 1.5], [{"k": [1]}, "=1"]], {}, 'a,1.5\r\n"{""k"":[1]}",=1\r\n'),
        ([{"a": 'x"y', "b": "l\nm"}], {"delimiter": ";"}, 'a;b\r\n"x""y";"l\nm"\r\n'),
        ([[1, 2]], {"columns": ["x", "y"]}, "x,y\r\n1,2\r\n"),
        ([], {"columns": ["x"]}, "x\r\n"),
        ([], {}, ""),
    ],
)
def test_it_writes_csv(rows, options, text):
    assert evaluate("$toCsv(r, o)", {"r": rows, "o": options}) == text


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("$parseCsv('a,a')", 'names the column "a" twice'),
        ("$parseCsv('a\\n1,2')", "has at line 2 2 cells, the first line 1"),
        ("$parseCsv('a\\n\"b')", "cannot be read at line 2"),
        ("$parseCsv('a', {'sep': ';'})", 'no option "sep", only header and delimiter'),
        ("$parseCsv('a', {'delimiter': ''})", "must be one character"),
        ("$parseCsv('a', {'header': 'no'})", "must be true or false, not text"),
        ("$parseCsv('a', ';')", "The options must be an object, not text"),
        ("$toCsv('a')", "The rows must be a list, not text"),
        ("$toCsv(['a'])", "Row 0 must be an object or a list, not text"),
        ("$toCsv([{'a': 1}, 5])", "Row 1 must be an object or a list, not a number"),
        ("$toCsv([{'a': 1/0}])", "A number is infinite"),
        ("$toCsv([{'a': [{'b': 1/0}]}])", "A number is infinite"),
        ("$toCsv([{}], {'columns': [1]})", "must be a list of names"),
    ],
)
def test_it_says_what_is_wrong_with_csv(expression, words):
    assert words in refusal(expression)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("<a/>", {"a": ""}),
        ("\ufeff<?xml version='1.0' encoding='ISO-8859-1'?><a>é</a>", {"a": "é"}),
        ("<a>\n <b/>\n</a>", {"a": {"b": ""}}),
        ("<a>\n</a>", {"a": ""}),
        ("<a> x </a>", {"a": " x "}),
        ("<a i='1'/>", {"a": {"@i": "1"}}),
        ("<a i='1'>x</a>", {"a": {"@i": "1", "#text": "x"}}),
        ("<a>x<b/>y<b>1</b><b><c/></b></a>", {"a": {"b": ["", "1", {"c": ""}], "#text": "xy"}}),
        ("<s:a xmlns:s='u:x'><s:b/></s:a>", {"s:a": {"@xmlns:s": "u:x", "s:b": ""}}),
        ("<a>&lt;&amp;&gt;&quot;&apos;&#233;<![CDATA[<b>]]><!-- c --><?p i?></a>",
         {"a": "<&>\"'é<b>"}),
    ],
)  # fmt: skip
def test_it_reads_xml(text, value):
    assert evaluate("$parseXml(t)", {"t": text}) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": None}, "<a></a>"),
        ({"a": 1.0}, "<a>1</a>"),
        ({"a": {"b": [1, True, {"c": "x"}], "e": []}},
         "<a><b>1</b><b>true</b><b><c>x</c></b></a>"),
        ({"a": {"@i": "\"<&>'\n", "#text": "<&>\r\n"}},
         '<a i="&quot;&lt;&amp;&gt;\'&#10;">&lt;&amp;&gt;&#13;\n</a>'),
        ({"s:é": {"#text": "t", "@x": None, "b": ""}}, '<s:é x="">t<b></b></s:é>'),
    ],
)  # fmt: skip
def test_it_writes_xml(value, text):
    assert evaluate("$toXml(v)", {"v": value}) == text
    assert evaluate("$toXml($parseXml(t))", {"t": text}) == text


@pytest.mark.parametrize(
    "text",
    [
        f"{DOCTYPE}<r>&b;</r>",
        "<!DOCTYPE r><r/>",
        "<!DOCTYPE r SYSTEM 'file:///etc/passwd'><r/>",
        "<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><r>&x;</r>",
        "<!DOCTYPE r [<!ENTITY % x SYSTEM 'http://127.0.0.1/'> %x;]><r/>",
    ],
)
def test_it_refuses_xml_with_entities_of_its_own(text):
    assert "DOCTYPE" in refusal("$parseXml(t)", {"t": text})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no element found"),
        ("<a>", "no element found"),
        ("<a></b>", "mismatched tag: line 1"),
        ("<a/><b/>", "junk after document element"),
        ("<a>&b;</a>", "undefined entity"),
        ("<a>&#0;</a>", "invalid character number"),
        ("<a>&#xD800;</a>", "invalid character number"),
        ("<a i='1' i='2'/>", "duplicate attribute"),
        ("<a>\x00</a>", "not well-formed"),
    ],
)
def test_it_says_what_is_wrong_with_xml_it_reads(text, words):
    assert words in refusal("$parseXml(t)", {"t": text})


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({}, "an object with one key"),
        ({"a": 1, "b": 2}, "an object with one key"),
        ({"a": [1, 2]}, "one root element"),
        ({"a": {"b": [[1]]}}, '"b" holds a list'),
        ({"a": {"@i": {}}}, '"@i" must be text in XML, not an object'),
        ({"a": {"#text": []}}, '"a" must be text in XML, not a list'),
        ({"a": "\x01"}, "control character"),
        ({"a b": 1}, '"a b" is no name'),
        ({"": 1}, '"" is no name'),
        ({"1": 1}, '"1" is no name'),
        ({"a": {"@": 1}}, '"" is no name'),
        ({"a": {"@x='' y": 1}}, "is no name"),
        ({"a><b": 1}, "is no name"),
        ({"a\n": 1}, "is no name"),
    ],
)
def test_it_says_what_is_wrong_with_xml_it_writes(value, words):
    assert words in refusal("$toXml(v)", {"v": value})


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$lookupTable({'DE': 1}, 'DE')", 1),
        ("$lookupTable({'DE': 1}, 'AT')", None),
        ("$lookupTable({'DE': null}, 'DE', 2)", None),
        ("$lookupTable({'404': 'gone'}, 404, 'ok')", "gone"),
        ("$lookupTable({'DE': 1}, nope, 'none')", "none"),
        ("$lookupTable([[1, 'n'], ['1', 't'], [true, 'b']], true)", "b"),
        ("$lookupTable([[1, 'n'], ['1', 't'], [true, 'b']], '1')", "t"),
        ("$lookupTable([[1, [1, 2]], [1, 3]], 1.0)", [1, 2]),
        ("$lookupTable([], 1, {'d': 1})", {"d": 1}),
    ],
)
def test_it_looks_up(expression, value):
    assert evaluate(expression) == value


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("$lookupTable('x', 1)", "The table must be an object or a list of pairs, not text"),
        ("$lookupTable(['DE', 1], 'DE')", "Item 0 of the table is no pair"),
        ("$lookupTable([[1, 2, 3]], 1)", "Item 0 of the table is no pair"),
        ("$lookupTable({}, [])", "The key must be text, a number or a boolean, not a list"),
    ],
)
def test_it_says_what_is_wrong_with_a_look_up(expression, words):
    assert words in refusal(expression)


def test_it_reads_xml_as_deep_as_it_may_be_into_what_json_can_hold():
    text = "<a>" + "<b/><b>" * 99 + "</b>" * 99 + "</a>"
    assert evaluate("$toXml($parseXml(t))", {"t": text}) == text.replace("<b/>", "<b></b>")
    assert "b" in evaluate("$parseXml(t)", {"t": text})["a"]


MEGABYTE = 2**20
MANY = {f"k{number}": [] for number in range(90_000)}


@pytest.mark.parametrize(
    ("expression", "scope", "words"),
    [
        ("$hash(t, 'md5')", {"t": "a" * (MEGABYTE + 1)}, "1,048,576 characters"),
        ("$parseCsv(t)", {"t": "a" * (MEGABYTE + 1)}, "1,048,576 characters"),
        ("$parseCsv(t)", {"t": "," * MEGABYTE}, "100,000 cells"),
        ("$parseCsv(t)", {"t": "a\n" * (MEGABYTE // 2)}, "50,000 rows"),
        ("$parseCsv(t)", {"t": '"' + "a" * (MEGABYTE - 1)}, "cannot be read at line 1"),
        ("$toCsv(r)", {"r": [[]] * 50_001}, "50,000 rows"),
        ("$toCsv(r)", {"r": [MANY] * 50_000}, "100,000 cells"),
        ("$toCsv(r)", {"r": [[1] * 50_000] * 3}, "100,000 cells"),
        ("$toCsv([o], {'columns': c})", {"o": {"a": "a" * MEGABYTE}, "c": ["a"] * 99_999},
         "1,048,576 characters"),
        ("$parseXml(t)", {"t": "<a>" * 300_000}, "100 elements deep"),
        ("$parseXml(t)", {"t": f"<r>{'<a/>' * 200_000}</r>"}, "50,000 elements"),
        ("$parseXml(t)", {"t": "<r " + "='' ".join(MANY) + "=''/>"},
         "50,000 elements and attributes"),
        ("$toXml({'r': v})", {"v": {"a": [MANY] * 90_000}}, "50,000 elements"),
        ("$toXml({'r': t})", {"t": "&" * MEGABYTE}, "1,048,576 characters"),
        ("$toXml({'r': {'a': v}})", {"v": ["a" * 1000] * 2000}, "1,048,576 characters"),
        ("$toXml($reduce([1..150], function($a, $i) { {'a': $a} }))", {}, "100 elements deep"),
        ("$lookupTable(t, 1)", {"t": [[2, 3]] * 50_001}, "50,000 pairs"),
    ],
)  # fmt: skip
def test_it_refuses_what_is_too_much(expression, scope, words):
    assert words in refusal(expression, scope)


@pytest.mark.parametrize(
    "expression",
    [
        "$map([1..99999], function($i) { $hash($$.text, 'sha512') })",
        "$map([1..99999], function($i) { $lookupTable($$.pairs, 'x') })",
        "$map([1..99999], function($i) { $formatDate(0, '%Y', 'Mars/' & $i) })",
        "$map([1..99999], function($i) { $parseXml('<a/>') })",
        "$hash($pad('a', 1e9), 'md5')",
        "$parseCsv($replace(text, 'a', text))",
        "($hash := $pad; $hash('a', 1e9))",
        "($original := $hash; $map([1..1e7], function($i) { $original($i, 'md5') }))",
        "($f := function($n) { $hash($f($n + 1), 'md5') }; $f(0))",
    ],
)
def test_it_stays_within_the_bounds_of_expressions(expression):
    scope = {"text": "a" * 300_000, "pairs": [["a", 1]] * 10_000}
    assert refusal(expression, scope)
    assert evaluate("$uuid()")


def test_it_works_on_every_thread():
    template = compile_template(
        "{{ [$uuid(), $formatDate(n, '%Y', 'Asia/Tokyo'), $parseXml(x).a, $parseCsv(c).b] }}"
    )

    def run(number):
        scope = {"t": str(number), "n": number, "x": f"<a>{number}</a>", "c": f"b\n{number}"}
        return template.evaluate(scope)[1:]

    # One after the other: each waits for the GIL by the clock that bounds its expression.
    pools = [ThreadPoolExecutor(1) for _ in range(4)]
    found = [pools[number % 4].submit(run, number).result() for number in range(100)]
    for pool in pools:
        pool.shutdown()
    assert found == [["1970", str(number), str(number)] for number in range(100)]
