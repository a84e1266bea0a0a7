"""Bounds for the JSONata functions that engines leave without one.

The limits are every engine's; the definitions are for jsonatapy (the other one has
`engines.jsonata_python_functions`). It stops an expression by time, depth and length of sequences,
but looks at the clock only between the expression's own parts, never inside a built-in function.
The functions here can make much text, or take much time, from little input, so an expression that
mentions one gets a definition of the same signature in front, which checks the arguments and then
calls the original. Written in JSONata, not as host functions of Python: regular expressions and
functions do not reach a host function (it sees None), nor does the context of `"x".$pad(5)`.
Our own host functions (`functions`) bound themselves; they get a definition for the sake of
arguments that find nothing.

Measured on jsonatapy 2.2.13: `$formatInteger(1e15, "I")` aborts the whole process (it asks for
terabytes), `$replace` of 1 MiB by 1 MiB as well; `$distinct` of 100,000 numbers takes 16 s;
`$formatNumber` with a picture of a million characters takes 7 s.
"""

import re
from typing import NamedTuple

from dynamic.flow.functions.arguments import MAX_CHARACTERS
from dynamic.flow.functions.table import FUNCTIONS, Function

MAX_MATCHES = 100_000
MAX_DISTINCT = 2_000  # $distinct compares each with each: 80 ms for as many objects
MAX_PICTURE = 250
MAX_ROMAN = 100_000

REFUSED = frozenset({"eval"})  # its text would be compiled without the definitions below


def picture_fault(picture: str) -> bool:
    """Tell whether a picture is one that the definitions below refuse."""
    return len(picture) > MAX_PICTURE or bool(re.search(r",[^\]]*[0-9]{4}", picture))


def bounded(source: str, names: frozenset[str]) -> str:
    """Put the definitions of the bounded functions among `names` in front of an expression."""
    definitions = [_define(name, source) for name in sorted(names & _FUNCTIONS.keys())]
    return f"({''.join(definitions)}({source}\n))" if definitions else source


class Bounded(NamedTuple):
    """A function in JSONata's own words; `body` may call `$original`."""

    parameters: str
    signature: str
    body: str


def _define(name: str, source: str) -> str:
    bound = _FUNCTIONS[name]
    # A signature costs 10 µs a call, and is needed only where the context stands in for an
    # argument: in `sku.$pad(5)`. Without one, the original still checks what it is given.
    by_context = name in _ALL_OPTIONAL or re.search(rf"\.\s*\(?\s*\${name}\b", source)
    signature = bound.signature if by_context else ""
    # `$original` lives in the inner block only: an expression cannot name it.
    function = f"function{bound.parameters}{signature}{bound.body}"
    return f"${name} := ($original := ${name}; {function});"


def _stop(sentence: str) -> str:
    return f'$error("{sentence}")'


def _optional(*arguments: str, required: int) -> str:
    """Call the original with those arguments that were given: some built-ins count them."""
    call = f"$original({', '.join(arguments[:required])})"
    for count in range(required + 1, len(arguments) + 1):
        call = (
            f"$exists({arguments[count - 1]}) ? $original({', '.join(arguments[:count])}) : {call}"
        )
    return call


_ALL_OPTIONAL = {"fromMillis", "toMillis"}  # called with nothing they take the context, too
_SPLIT = "$limit >= 0 ? $split($text, $pattern, $limit + 1) : $split($text, $pattern)"
_TOO_LONG = f"makes a text of more than {MAX_CHARACTERS} characters"
_BAD_PICTURE = _stop(
    f"The picture is longer than {MAX_PICTURE} characters or asks for more than 999 digits."
)
_PICTURE_FAULT = f"$length($picture) > {MAX_PICTURE} or $contains($picture, /,[^\\]]*[0-9]{{4}}/)"

_FUNCTIONS = {
    "pad": Bounded(
        "($text, $width, $fill)",
        "<s-ns?:s>",
        f"""{{
        $abs($width) > {MAX_CHARACTERS} ? {_stop(f"$pad {_TOO_LONG}.")}
        : {_optional("$text", "$width", "$fill", required=2)} }}""",
    ),
    # Between the matches stands the old text; each match is replaced by the new text, in which
    # every $ may bring back a part of the old text ($0, $1, …). Matches are counted only when as
    # many as the text has characters would be too many.
    "replace": Bounded(
        "($text, $pattern, $new, $limit)",
        "<s-(sf)(sf)n?:s>",
        f"""{{(
        $old := $length($text);
        $size := $exists($text) and $type($new) = "string" and $pattern != ""
            and ($old + 1) * (2 * $length($new) + 1) > {MAX_CHARACTERS}
            ? $count({_SPLIT}) * $length($new) + $old * $count($split($new, "$")) : 0;
        $size > {MAX_CHARACTERS} ? {_stop(f"$replace {_TOO_LONG}.")}
        : {_optional("$text", "$pattern", "$new", "$limit", required=3)} )}}""",
    ),
    "join": Bounded(
        "($texts, $separator)",
        "<a<s>s?:s>",
        f"""{{(
        $size := $sum($map($texts, function($text) {{ $length($text) }}))
            + $count($texts) * ($separator ? $length($separator) : 0);
        $size > {MAX_CHARACTERS} ? {_stop(f"$join {_TOO_LONG}.")}
        : {_optional("$texts", "$separator", required=1)} )}}""",
    ),
    "match": Bounded(
        "($text, $pattern, $limit)",
        "<s-fn?:a>",
        f"""{{(
        $limit > {MAX_MATCHES} ? {_stop(f"$match finds at most {MAX_MATCHES} matches.")};
        $found := $original($text, $pattern, $exists($limit) ? $limit : {MAX_MATCHES + 1});
        $count($found) > {MAX_MATCHES}
            ? {_stop(f"$match finds more than {MAX_MATCHES} matches.")} : $found )}}""",
    ),
    "distinct": Bounded(
        "($values)",
        "<x:x>",
        f"""{{
        $count($values) > {MAX_DISTINCT}
            ? {_stop(f"$distinct takes at most {MAX_DISTINCT} values.")} : $original($values) }}""",
    ),
    "formatInteger": Bounded(
        "($number, $picture)",
        "<n-s:s>",
        f"""{{
        {_PICTURE_FAULT} ? {_BAD_PICTURE}
        : $abs($number) > {MAX_ROMAN} and $contains($picture, /[Ii]/)
            ? {_stop(f"Roman numerals end at {MAX_ROMAN}.")}
        : $original($number, $picture) }}""",
    ),
    "formatNumber": Bounded(
        "($number, $picture, $options)",
        "<n-so?:s>",
        f"""{{
        {_PICTURE_FAULT} ? {_BAD_PICTURE}
        : {_optional("$number", "$picture", "$options", required=2)} }}""",
    ),
    "parseInteger": Bounded(
        "($text, $picture)",
        "<s-s:n>",
        f"""{{
        {_PICTURE_FAULT} ? {_BAD_PICTURE} : $original($text, $picture) }}""",
    ),
    "fromMillis": Bounded(
        "($millis, $picture, $zone)",
        "<n-s?s?:s>",
        f"""{{
        {_PICTURE_FAULT} ? {_BAD_PICTURE}
        : {_optional("$millis", "$picture", "$zone", required=1)} }}""",
    ),
    "toMillis": Bounded(
        "($text, $picture)",
        "<s-s?:n>",
        f"""{{
        {_PICTURE_FAULT} ? {_BAD_PICTURE}
        : {_optional("$text", "$picture", required=1)} }}""",
    ),
}


def _of_ours(function: Function) -> Bounded:
    """Let nothing, which reaches a host function as null, give nothing, as JSONata does."""
    names = [f"${name}" for name in function.parameters]
    listed = ", ".join(names)
    return Bounded(f"({listed})", "", f"{{ $exists({names[0]}) ? $original({listed}) }}")


_FUNCTIONS |= {name: _of_ours(each) for name, each in FUNCTIONS.items() if each.parameters}
