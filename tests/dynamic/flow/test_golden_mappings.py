"""Mappings as people write them: each gives the same, whichever engine evaluates it."""

import pytest

from dynamic.flow.engines.jsonata_python_engine import JsonataPythonEngine
from dynamic.flow.engines.jsonatapy_engine import JsonatapyEngine
from dynamic.flow.engines.seam import Bounds
from dynamic.flow.expressions import compile_template

PATIENT = Bounds(milliseconds=5_000)  # what they give is asked here, not how soon
ENGINES = {make.name: make(PATIENT) for make in (JsonatapyEngine, JsonataPythonEngine)}

ORDER = {
    "number": "A-1001",
    "placed": "2026-05-01T22:30:00Z",
    "customer": {"name": " Zoë  Müller ", "email": "Zoe@Example.com", "vat": None},
    "address": {"street": "Am Markt 1", "zip": "01067", "city": "Dresden", "country": "DE"},
    "lines": [
        {"sku": "A-1", "title": "Anvil", "quantity": 2, "price": 9.5, "tags": ["iron", "heavy"]},
        {"sku": "B-2", "title": "Bolt", "quantity": 100, "price": 0.05, "tags": ["iron"]},
        {"sku": "C-3", "title": "Candle", "quantity": 1, "price": 4, "tags": []},
    ],
    "notes": "please ring; order 4711, then 4712",
}
STOCK = [
    {"sku": "A-1", "site": "north", "free": 5},
    {"sku": "A-1", "site": "south", "free": 2},
    {"sku": "B-2", "site": "north", "free": 30},
]
EMPLOYEES = [
    {"id": 1, "name": "Ada", "team": "red", "hours": [8, 7.5], "boss": None},
    {"id": 2, "name": "Ben", "team": "blue", "hours": [4], "boss": 1},
    {"id": 3, "name": "Cem", "team": "red", "hours": [], "boss": 1},
]
SCOPE = {
    "payload": ORDER,
    "customer": ORDER["customer"],
    "stock": STOCK,
    "employees": EMPLOYEES,
    "rates": [["EUR", 1], ["USD", 1.25]],
    "csv": "sku;count;price\nA-1;2;9,50\nB-2;10;0,05\n",
    "xml": "<order id='7'><line sku='A-1'>2</line><line sku='B-2'>10</line><note/></order>",
}

# name: (template, what it gives)
MAPPINGS = {
    "an order for an old shop": (
        {
            "OrderNo": "{{ payload.number }}",
            "Customer": "{{ $trim(customer.name) }} <{{ $lowercase(customer.email) }}>",
            "Vat": "{{ payload.customer.vat }}",
            "Phone": "{{ payload.customer.phone }}",
            "Positions": """{{ payload.lines.{
                "ArticleNo": sku,
                "Qty": quantity,
                "Total": $round(quantity * price, 2),
                "First": tags[0]
            } }}""",
            "Net": "{{ $round($sum(payload.lines.(quantity * price)), 2) }}",
            "Domestic": "{{ payload.address.country in ['DE', 'AT'] }}",
        },
        {
            "OrderNo": "A-1001",
            "Customer": "Zoë Müller <zoe@example.com>",
            "Vat": None,
            "Positions": [
                {"ArticleNo": "A-1", "Qty": 2, "Total": 19, "First": "iron"},
                {"ArticleNo": "B-2", "Qty": 100, "Total": 5, "First": "iron"},
                {"ArticleNo": "C-3", "Qty": 1, "Total": 4},
            ],
            "Net": 28,
            "Domestic": True,
        },
    ),
    "grouping by a field": (
        "{{ stock{sku: {'free': $sum(free), 'sites': [site]}} }}",
        {
            "A-1": {"free": 7, "sites": ["north", "south"]},
            "B-2": {"free": 30, "sites": ["north"]},
        },
    ),
    "lines joined with what is in stock": (
        """{{ payload.lines@$l.{
            "sku": $l.sku,
            "free": $sum($$.stock[sku = $l.sku].free),
            "short": $l.quantity > $sum($$.stock[sku = $l.sku].free)
        } }}""",
        [
            {"sku": "A-1", "free": 7, "short": False},
            {"sku": "B-2", "free": 30, "short": True},
            {"sku": "C-3"},
        ],
    ),
    "a join of two lists": (
        """{{ stock@$s.payload.lines@$l[$l.sku = $s.sku].($l.title & " at " & $s.site) }}""",
        ["Anvil at north", "Anvil at south", "Bolt at north"],
    ),
    "$map, $filter and $reduce": (
        """{{ (
            $big := $filter(payload.lines, function($line) { $line.quantity * $line.price > 4.5 });
            $named := $map($big, function($line, $i) { ($i + 1) & ". " & $line.title });
            $reduce($named, function($all, $one) { $all & ", " & $one }, "Order") & "."
        ) }}""",
        "Order, 1. Anvil, 2. Bolt.",
    ),
    "sorting by two things": (
        "{{ stock^(>free, site).(sku & '@' & site) }}",
        ["B-2@north", "A-1@north", "A-1@south"],
    ),
    "sorting by a function": (
        "{{ $sort(payload.lines, function($l, $r) { $l.price > $r.price }).sku }}",
        ["B-2", "C-3", "A-1"],
    ),
    "dates": (
        {
            "local": "{{ $formatDate(payload.placed, '%d.%m.%Y %H:%M', 'Europe/Berlin') }}",
            "day": "{{ $fromMillis($toMillis(payload.placed), '[Y0001]-[M01]-[D01]') }}",
            "week": "{{ $fromMillis(1778279400000, '[FNn], [D1o] [MNn]') }}",
            "back": "{{ $parseDate('24.12.2026', '%d.%m.%Y', 'Europe/Berlin') }}",
            "hours": "{{ ($toMillis(payload.placed) - $toMillis('2026-04-30')) / 3600000 }}",
        },
        {
            "local": "02.05.2026 00:30",
            "day": "2026-05-01",
            "week": "Friday, 8th May",
            "back": "2026-12-23T23:00:00.000Z",
            "hours": 46.5,
        },
    ),
    "texts": (
        {
            "slug": "{{ $lowercase($replace(payload.address.street, /[^A-Za-z0-9]+/, '-')) }}",
            "name": "{{ $substringAfter($trim(payload.customer.name), ' ') }}",
            "padded": "{{ $pad($string(payload.lines[0].quantity), -5, '0') }}",
            "numbers": "{{ $match(payload.notes, /[0-9]+/).match }}",
            "swapped": "{{ $replace('Doe, Jane', /(\\w+), (\\w+)/, '$2 $1') }}",
            "words": "{{ $count($split(payload.notes, /[;, ]+/)) }}",
            "amount": "{{ $formatNumber(1234.5, '#,##0.00') }}",
            "german": "{{ $replace($formatNumber(1234.5, '0.00'), '.', ',') }}",
            "initials": "{{ $join($split('Ada King', ' ').$substring(0, 1)) }}",
            "url": "{{ 'q=' & $encodeUrlComponent('a b&ü') }}",
            "base64": "{{ $base64encode('user:pass') }}",
        },
        {
            "slug": "am-markt-1",
            "name": "Müller",
            "padded": "00002",
            "numbers": ["4711", "4712"],
            "swapped": "Jane Doe",
            "words": 6,
            "amount": "1,234.50",
            "german": "1234,50",
            "initials": "AK",
            "url": "q=a%20b%26%C3%BC",
            "base64": "dXNlcjpwYXNz",
        },
    ),
    "CSV in": (
        """{{ $parseCsv(csv, {"delimiter": ";"}).{
            "sku": sku, "count": $number(count), "price": $number($replace(price, ",", "."))
        } }}""",
        [{"sku": "A-1", "count": 2, "price": 9.5}, {"sku": "B-2", "count": 10, "price": 0.05}],
    ),
    "CSV out": (
        """{{ $toCsv(
            payload.lines.{"sku": sku, "tags": $join(tags, "|")}, {"columns": ["sku", "tags"]}
        ) }}""",
        "sku,tags\r\nA-1,iron|heavy\r\nB-2,iron\r\nC-3,\r\n",
    ),
    "XML in": (
        """{{ $parseXml(xml).order.{
            "id": $number(`@id`), "lines": line.{"sku": `@sku`, "count": $number(`#text`)}
        } }}""",
        {"id": 7, "lines": [{"sku": "A-1", "count": 2}, {"sku": "B-2", "count": 10}]},
    ),
    "XML out": (
        "{{ $toXml({'order': {'@no': payload.number, 'sku': payload.lines.sku}}) }}",
        '<order no="A-1001"><sku>A-1</sku><sku>B-2</sku><sku>C-3</sku></order>',
    ),
    "our tables and digests": (
        {
            "price": "{{ payload.lines[0].price * $lookupTable(rates, 'USD') }}",
            "unknown": "{{ $lookupTable({'a': 1}, 'b', 'none') }}",
            "signature": "{{ $hmac($string({'n': payload.number}), 'key', 'sha256') }}",
            "digest": "{{ payload.lines[0].$hash(sku, 'md5') }}",
        },
        {
            "price": 11.875,
            "unknown": "none",
            "signature": "3d74d94ac2eaf27bc1378f15a6f4de331407f74882f386064f545ccedf019ac5",
            "digest": "44cd4242f4e60762eedb063bfe4ceb3c",
        },
    ),
    "what is missing, null, or one": (
        {
            "bosses": "{{ employees[boss = 1].name }}",
            "top": "{{ employees[boss = null].name }}",
            "tops": "{{ employees[boss = null].name[] }}",
            "none": "{{ employees[team = 'green'].name }}",
            "nothing": "{{ [employees[team = 'green'].name] }}",
            "default": "{{ $exists(payload.phone) ? payload.phone : 'none' }}",
            "coalesced": "{{ payload.phone ?? payload.address.city }}",
            "elvis": "{{ payload.customer.vat ?: 'no VAT' }}",
            "hours": "{{ employees.{'n': name, 'h': $sum(hours)} }}",
        },
        {
            "bosses": ["Ben", "Cem"],
            "top": "Ada",
            "tops": ["Ada"],
            "nothing": [],
            "default": "none",
            "coalesced": "Dresden",
            "elvis": "no VAT",
            "hours": [{"n": "Ada", "h": 15.5}, {"n": "Ben", "h": 4}, {"n": "Cem", "h": 0}],
        },
    ),
    "objects taken apart and put together": (
        {
            "merged": "{{ $merge([payload.address, {'zip': 'changed'}]).zip }}",
            "without": "{{ payload.address ~> |$|{'city': 'DRESDEN'}, ['street', 'country']| }}",
            "entries": "{{ $each(payload.address, function($v, $k) { $k & '=' & $v }) }}",
            "kept": "{{ $sift(payload.address, function($v, $k) { $length($v) > 5 }) }}",
            "keyed": "{{ $merge(stock[site = 'north'].{sku: free}) }}",
            "keys": "{{ $keys(payload.address)[[0..1]] }}",
            "all": "{{ $count(payload.**.sku) }}",
            "parents": "{{ payload.lines.tags.(% .sku & ':' & $) }}",
        },
        {
            "merged": "changed",
            "without": {"zip": "01067", "city": "DRESDEN"},
            "entries": ["street=Am Markt 1", "zip=01067", "city=Dresden", "country=DE"],
            "kept": {"street": "Am Markt 1", "city": "Dresden"},
            "keyed": {"A-1": 5, "B-2": 30},
            "keys": ["street", "zip"],
            "all": 3,
            "parents": ["A-1:iron", "A-1:heavy", "B-2:iron"],
        },
    ),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", MAPPINGS)
def test_it_maps(name, engine):
    template, result = MAPPINGS[name]
    assert compile_template(template, ENGINES[engine]).evaluate(SCOPE) == result
