"""The functions that expressions have beside those of JSONata.

Every one is here with the words and the example that documentation shows and tests run. They
follow JSONata: a first argument that finds nothing gives nothing (see `bounds`), and text is not
taken from the context, so write `lines.$hash(sku, "md5")`, not `lines.sku.$hash("md5")`.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from dynamic.flow.functions.csv_text import parse_csv, to_csv
from dynamic.flow.functions.dates import format_date, parse_date
from dynamic.flow.functions.digests import hash_text, hmac_text
from dynamic.flow.functions.ids import random_uuid
from dynamic.flow.functions.lookup import lookup_table
from dynamic.flow.functions.xml_text import parse_xml, to_xml


class Function(NamedTuple):
    """A function: `result` is what `example` gives, an expression that needs no data.

    `callable` takes JSON values and any number of them, as `$map` adds some, gives a JSON value,
    and raises ValueError with a sentence.
    """

    callable: Callable[..., Any]
    signature: str
    about: str
    example: str
    result: Any

    @property
    def parameters(self) -> list[str]:
        """The names of the arguments, in order."""
        return re.findall(r"\w+", self.signature.partition("(")[2])


FUNCTIONS = {
    "parseDate": Function(
        parse_date,
        "$parseDate(text, format?, zone?)",
        "Reads a date and gives its moment in UTC, written as $now() writes it. Without a format "
        "the text is ISO 8601; a format has the codes of strptime: %Y %y %m %B %b %d %j %A %a %u "
        "%G %V %H %I %p %M %S %f %z. A date without an offset is taken in the time zone "
        "(Europe/Berlin), else in UTC. Null gives null.",
        '$parseDate("24.12.2026 18:30", "%d.%m.%Y %H:%M", "Europe/Berlin")',
        "2026-12-24T17:30:00.000Z",
    ),
    "formatDate": Function(
        format_date,
        "$formatDate(date, format, zone?)",
        "Writes a date, ISO 8601 text or milliseconds since 1970, in a time zone, else in UTC. The "
        "format has the codes of strftime, as for $parseDate, and %:z for +02:00, %Z for CEST. "
        "Null gives null.",
        '$formatDate("2026-07-01T22:30:00Z", "%Y-%m-%d %H:%M %:z", "Europe/Berlin")',
        "2026-07-02 00:30 +02:00",
    ),
    "hash": Function(
        hash_text,
        "$hash(text, algorithm, encoding?)",
        'Gives the hash of a text by "sha256", "sha512", "sha1" or "md5", written as "hex" or '
        '"base64"; hex unless said otherwise.',
        '$hash("hello", "md5")',
        "5d41402abc4b2a76b9719d911017c592",
    ),
    "hmac": Function(
        hmac_text,
        "$hmac(text, key, algorithm, encoding?)",
        "Gives the keyed hash (HMAC) of a text, with the algorithms and encodings of $hash.",
        '$hmac("hello", "key", "sha256", "base64")',
        "kwezuRXvtRcf8U2MtV+8x5jGwO8UVtZt7RpqpyOli3s=",
    ),
    "uuid": Function(
        random_uuid,
        "$uuid()",
        "Gives a random UUID (version 4), another one each time.",
        "$length($uuid())",
        36,
    ),
    "parseCsv": Function(
        parse_csv,
        "$parseCsv(text, options?)",
        "Reads CSV and gives an object for each line, by the names in the first line; all values "
        'are text. Options: "delimiter" (else a comma), and "header": false for a file without '
        "names, which gives lists.",
        '$parseCsv("sku;count\\nA-1;2\\nA-2;10", {"delimiter": ";"})',
        [{"sku": "A-1", "count": "2"}, {"sku": "A-2", "count": "10"}],
    ),
    "toCsv": Function(
        to_csv,
        "$toCsv(rows, options?)",
        "Writes a list of objects as CSV with the names in the first line, or a list of lists "
        'without. Options: "columns", the names to write and their order, and "delimiter".',
        '$toCsv([{"sku": "A-1", "count": 2}, {"sku": "a, b"}], {"columns": ["sku", "count"]})',
        'sku,count\r\nA-1,2\r\n"a, b",\r\n',
    ),
    "parseXml": Function(
        parse_xml,
        "$parseXml(text)",
        "Reads XML and gives an object: attributes as @name, text beside them or beside elements "
        "as #text, elements of one name as a list. Prefixes of names stay as written. A document "
        "with a DOCTYPE is refused.",
        "$parseXml(\"<order id='7'><line>a</line><line>b</line></order>\")",
        {"order": {"@id": "7", "line": ["a", "b"]}},
    ),
    "toXml": Function(
        to_xml,
        "$toXml(value)",
        "Writes an object as XML, in the form that $parseXml gives. Its one key is the name of the "
        "root element.",
        '$toXml({"order": {"@id": 7, "line": ["a", "b & c"]}})',
        '<order id="7"><line>a</line><line>b &amp; c</line></order>',
    ),
    "lookupTable": Function(
        lookup_table,
        "$lookupTable(table, key, default?)",
        "Gives what a table, an object or a list of pairs, has for a key; else the default, or "
        "null.",
        '$lookupTable([["DE", "Germany"], ["AT", "Austria"]], "AT", "elsewhere")',
        "Austria",
    ),
}
