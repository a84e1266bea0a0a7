"""The modifiers of a mapping: each with words for people, its arguments, and its JSONata.

In a template `<v>` is the value, and `<name>` the literal of an argument. A modifier is given
neither nothing nor null, but for `default`. One that takes values is made for each item of a list;
one that takes lists (`of_lists`) is given all of it, and one thing as what it is: `[<v>]` is a list
of either.
"""

from dataclasses import dataclass
from typing import Literal

from dynamic.flow.functions.digests import ALGORITHMS, ENCODINGS
from dynamic.flow.mapping.arguments import MOST_PLACES, Argument

Kind = Literal["text", "number", ""]  # what a value has to be, or is known to be; "" is anything

_PLACE_IN_TEXT = Argument("length", "Characters", "whole", required=True, least=1)
_TEXT = Argument("text", "Text", required=True)
_BY = Argument("by", "By", "number", required=True)
_NO = '["", "0", "false", "no", "off"]'
_ITEMS = "[<v>][$ != null]"
_ISO = "%Y-%m-%dT%H:%M:%S%:z"


@dataclass(frozen=True, slots=True)
class Modifier:
    """A value becomes what it `takes` before; `may_miss` is one that may give nothing."""

    title: str
    about: str
    template: str
    arguments: tuple[Argument, ...] = ()
    takes: Kind = ""
    gives: Kind = ""
    of_lists: bool = False
    may_miss: bool = False


def _text(title: str, about: str, template: str, *arguments: Argument) -> Modifier:
    return Modifier(title, about, template, arguments, "text", "text")


def _number(title: str, about: str, template: str, *arguments: Argument) -> Modifier:
    return Modifier(title, about, template, arguments, "number", "number")


def _list(title: str, about: str, template: str, *arguments: Argument) -> Modifier:
    return Modifier(title, about, template, arguments, of_lists=True)


MODIFIERS = {
    "text": _text("As text", "A number, or an object as JSON, becomes text.", "<v>"),
    "number": Modifier(
        "As number",
        "A text such as 12.5 becomes a number; a blank one is nothing.",
        '($text := $trim(<v>); $text != "" ? $number($text))',
        takes="text",
        gives="number",
        may_miss=True,
    ),
    "decimal_comma": Modifier(
        "As number, with a comma",
        "A text such as 1.234,5 becomes a number; a number stays one, and a blank text is nothing.",
        '($value := <v>; $text := $replace($replace($trim($string($value)), ".", ""), ",", "."); '
        '$type($value) = "number" ? $value : $text != "" ? $number($text))',
        gives="number",
        may_miss=True,
    ),
    "boolean": Modifier(
        "As true or false",
        "False are 0, false, no, off, blanks and what is empty; all else is true.",
        f'($value := <v>; $type($value) = "string" ? $not($lowercase($trim($value)) in {_NO}) '
        ": $boolean($value))",
    ),
    "list": _list("As list", "One thing becomes a list of one.", "[<v>]"),
    "default": _list(
        "Default",
        "A value in place of nothing or null, for the modifiers that follow.",
        "",  # `compiling` writes it
        Argument("value", "Value", "any", required=True),
    ),
    "trim": _text("Trim", "No blanks around it, and single ones inside.", "$trim(<v>)"),
    "upper": _text("Upper case", "All letters are capitals.", "$uppercase(<v>)"),
    "lower": _text("Lower case", "No letter is a capital.", "$lowercase(<v>)"),
    "capitalise": _text(
        "Capitalise",
        "The first letter is a capital.",
        "($text := <v>; $uppercase($substring($text, 0, 1)) & $substring($text, 1))",
    ),
    "prefix": _text("Prefix", "A text before it.", "(<text> & <v>)", _TEXT),
    "suffix": _text("Suffix", "A text after it.", "(<v> & <text>)", _TEXT),
    "replace": _text(
        "Replace",
        "Another text wherever it holds this one.",
        "$replace(<v>, <find>, <by>)",
        Argument("find", "Find", required=True, least=1),
        Argument("by", "Replace by", default=""),
    ),
    "substring": _text(
        "Part of it",
        "So many characters, beginning after the first `start` ones.",
        "$substring(<v>, <start>, <length>)",
        Argument("start", "After", "whole", required=True),
        Argument("length", "Characters", "whole", default=MOST_PLACES),
    ),
    "left": _text(
        "Left", "Its first characters.", "$substring(<v>, 0, <length>)", _PLACE_IN_TEXT
    ),
    "right": _text("Right", "Its last characters.", "$substring(<v>, -<length>)", _PLACE_IN_TEXT),
    "pad": _text(
        "Pad",
        "Filled up on its left to so many characters.",
        "$pad(<v>, -<width>, <fill>)",
        Argument("width", "Characters", "whole", required=True),
        Argument("fill", "With", default="0", least=1),
    ),
    "pad_right": _text(
        "Pad on the right",
        "Filled up on its right to so many characters.",
        "$pad(<v>, <width>, <fill>)",
        Argument("width", "Characters", "whole", required=True),
        Argument("fill", "With", default=" ", least=1),
    ),
    "split": _list(
        "Split",
        "A list of the texts between the separators.",
        f"[$reduce({_ITEMS}, function($all, $one) "
        "{ $append($all, $split($string($one), <separator>)) }, [])]",
        Argument("separator", "Separator", default=","),
    ),
    "join": _list(
        "Join",
        "One text of the items of a list.",
        f"$join([$map({_ITEMS}, function($one) {{ $string($one) }})], <separator>)",
        Argument("separator", "Separator", default=", "),
    ),
    "first": _list("First", "The first item of a list.", "[<v>][0]"),
    "last": _list("Last", "The last item of a list.", "[<v>][-1]"),
    "count": _list("Count", "How many items a list has.", "$count([<v>])"),
    "sum": _list(
        "Sum",
        "The sum of a list of numbers.",
        f"$sum([$map({_ITEMS}, function($one) {{ $number($one) }})])",
    ),
    "unique": _list("Unique", "A list without what comes again.", "[$distinct([<v>])]"),
    "sort": _list("Sort", "A list of texts or of numbers in order.", "[$sort([<v>])]"),
    "sort_by": _list(
        "Sort by a field",
        "A list of objects in the order of what a field of theirs has.",
        "[$sort([<v>], function($one, $other) "
        "{ $lookup($one, <field>) > $lookup($other, <field>) })]",
        Argument("field", "Field", required=True),
    ),
    "reverse": _list("Reverse", "A list from its end.", "[$reverse([<v>])]"),
    "round": _number(
        "Round",
        "To so many decimal places; a half to the even digit, as JSONata does.",
        "$round(<v>, <places>)",
        Argument("places", "Places", "whole", default=0),
    ),
    "add": _number("Add", "A number more.", "(<v> + <number>)",
                   Argument("number", "Number", "number", required=True)),
    "multiply": _number("Multiply", "By a number.", "(<v> * <by>)", _BY),
    "divide": _number(
        "Divide",
        "By a number other than 0.",
        "(<v> / <by>)",
        Argument("by", "By", "nonzero", required=True),
    ),
    "date": Modifier(
        "Date",
        "A date, text or milliseconds since 1970, in another format. Without `from` the text is "
        "ISO 8601; the zone is that of a text without an offset, and of the outcome.",
        '($date := <v>; $formatDate($type($date) = "number" ? $date '
        ": $parseDate($date, <from>, <zone>), <to>, <zone>))",
        (
            Argument("to", "Format", "format", default=_ISO),
            Argument("from", "Read as", "format"),
            Argument("zone", "Time zone", "zone", default="UTC"),
        ),
        gives="text",
    ),
    "lookup": Modifier(
        "Look up",
        "What a table has for it, or else another value; without that, nothing.",
        "($found := $lookup(<table>, <v>); $exists($found) ? $found : <else>)",
        (Argument("table", "Table", "table", required=True), Argument("else", "Else", "any")),
        takes="text",
        may_miss=True,
    ),
    "hash": _text(
        "Hash",
        "Its hash, by sha256, sha512, sha1 or md5, as hex or base64.",
        "$hash(<v>, <algorithm>, <encoding>)",
        Argument("algorithm", "Algorithm", "choice", "sha256", choices=ALGORITHMS),
        Argument("encoding", "Written as", "choice", "hex", choices=ENCODINGS),
    ),
    "base64_encode": _text("Encode as Base64", "Its UTF-8 as Base64.", "$base64encode(<v>)"),
    "base64_decode": _text("Decode Base64", "The text that it was.", "$base64decode(<v>)"),
    "url_encode": _text("Encode for a URL", "As part of a URL.", "$encodeUrlComponent(<v>)"),
    "url_decode": _text("Decode from a URL", "The text that it was.", "$decodeUrlComponent(<v>)"),
}  # fmt: skip
