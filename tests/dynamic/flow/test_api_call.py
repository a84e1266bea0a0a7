from urllib.parse import parse_qsl, unquote, urlsplit

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dynamic.flow.api_call import ApiCall, Row
from dynamic.flow.expressions import ExpressionInvalid
from dynamic.flow.problems import CallArguments, StepFailed


def call(base_url="https://shop.example/api", method="GET", **fields):
    return ApiCall.compile(name="shop/call", method=method, base_url=base_url, **fields)


def request(args=None, **fields):
    return call(**fields).request(args or {})


def refused(**fields):
    with pytest.raises(ExpressionInvalid) as caught:
        call(**fields)
    return caught.value


def test_it_builds_a_request():
    built = request(
        {"id": "A 1", "page": 2},
        method="post",
        path="/orders/{{ id }}",
        query=[Row("page", "{{ page }}")],
        headers=[Row("X-Trace", "t-{{ id }}")],
        body_kind="json",
        body={"order": "{{ id }}"},
    )
    assert built.api == "shop/call"
    assert built.method == "POST"
    assert built.url == "https://shop.example/api/orders/A%201?page=2"
    assert built.headers == (("X-Trace", "t-A 1"), ("Content-Type", "application/json"))
    assert built.body == b'{"order":"A 1"}'


@pytest.mark.parametrize(
    ("base_url", "path", "url"),
    [
        ("http://h", "", "http://h"),
        ("http://h/", "", "http://h"),
        ("http://h/api/", "", "http://h/api"),
        ("http://h/api", "orders", "http://h/api/orders"),
        ("http://h/api/", "/orders/", "http://h/api/orders/"),
        ("http://h:8080//", "///orders", "http://h:8080/orders"),
        ("http://[::1]:80/a", "b", "http://[::1]:80/a/b"),
        ("http://a_b.local/é", "ü x", "http://a_b.local/%C3%A9/%C3%BC%20x"),
        ("http://h", "a%20b%zz%", "http://h/a%20b%25zz%25"),
        ("http://h", "a:b@c;d=1,2", "http://h/a:b@c;d=1,2"),
    ],
)
def test_it_joins_base_url_and_path_with_one_slash(base_url, path, url):
    assert request(base_url=base_url, path=path).url == url


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        ("a/b", "a%2Fb"),
        ("//evil.example", "%2F%2Fevil.example"),
        ("\\\\evil.example", "%5C%5Cevil.example"),
        ("a?b#c", "a%3Fb%23c"),
        ("a\r\nb\0", "a%0D%0Ab%00"),
        ("100%", "100%25"),
        ("%41", "%2541"),
        ("é", "%C3%A9"),
        ("@evil.example:80", "%40evil.example%3A80"),
        ("...", "..."),
        (5, "5"),
        (1.5, "1.5"),
        (True, "true"),
    ],
)
def test_it_encodes_all_of_a_value_in_a_path(value, encoded):
    path = "/x/{{ v }}/y"
    assert request({"v": value}, path=path).url == f"https://shop.example/api/x/{encoded}/y"


# The encoded dots stay encoded, but an upstream may decode a path twice.
@pytest.mark.parametrize(
    "value", [None, "", ".", "..", "../x", "x/../y", "..\\x", "%2e%2e", "a/%2E./b", [1], {"a": 1}]
)
def test_it_refuses_a_value_that_a_path_cannot_hold(value):
    with pytest.raises(CallArguments, match=r"\{\{ v \}\}"):
        request({"v": value}, path="/x/{{ v }}")


def test_it_refuses_a_path_whose_argument_is_missing():
    with pytest.raises(CallArguments, match=r"needs \{\{ order.id \}\}, and it has no"):
        request({}, path="/x/{{ order.id }}")


def test_it_takes_dots_that_are_no_segment():
    url = request({"a": "x", "b": "csv"}, path="/v1.0/{{ a }}.{{ b }}").url
    assert url == "https://shop.example/api/v1.0/x.csv"


def test_it_refuses_harmless_parts_that_make_a_harmful_whole():
    with pytest.raises(CallArguments, match="as a segment"):
        request({"a": "x/", "b": "/y"}, path="{{ a }}.{{ b }}")
    with pytest.raises(CallArguments, match="as a segment"):
        request({"a": "x\\", "b": "/y"}, path="{{ a }}..{{ b }}")


values = st.text() | st.text("./\\%2eEfF5c:@?#", max_size=12) | st.integers() | st.booleans()


@given(values, values)
@example("..", "..")
@example("%2e", "%2e")
@example("/", "/evil.example")
@example("%", "2e%2e")
def test_it_never_leaves_the_base_url(first, second):
    paths = ["{{ a }}", "/{{ a }}/{{ b }}", "x{{ a }}{{ b }}", "{{ a }}.{{ b }}/"]
    for path in paths:
        try:
            url = request({"a": first, "b": second}, path=path).url
        except StepFailed:
            continue
        parts = urlsplit(url)
        assert (parts.scheme, parts.netloc) == ("https", "shop.example")
        assert (parts.query, parts.fragment) == ("", "")
        assert parts.path.startswith("/api/")
        assert url.isascii()
        for text in (parts.path, unquote(parts.path), unquote(unquote(parts.path))):
            assert ".." not in text.replace("\\", "/").split("/")


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "shop.example",
        "ftp://h",
        "file:///etc/passwd",
        "http://",
        "http:///x",
        "http://user:pw@h",
        "http://user@h",
        "http://@h",
        "http://h?x=1",
        "http://h?",
        "http://h#x",
        "http://h:99999",
        "http://h:x",
        "http://h\\@evil",
        "http://h /x",
        "http://h\n",
        "http://h/../x",
        "http://h/%2e%2e/x",
        "http://höst",
        "http://{{ host }}",
        "http://[::1",
        "javascript:alert(1)",
    ],
)
def test_it_refuses_a_base_url_that_is_not_plain(base_url):
    assert refused(base_url=base_url).field == "base_url"


@pytest.mark.parametrize(
    "path", ["/a/../b", "..", "./a", "/%2e%2E/", "a?b=1", "a#b", "a\\b", "a\nb", "http://evil/x"]
)
def test_it_refuses_a_path_that_is_more_than_a_path(path):
    assert refused(path=path).field == "path"


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("path", {"path": "/{{ }}"}),
        ("query[1].value", {"query": [Row("a", "1"), Row("b", "{{ + }}")]}),
        ("query[0].key", {"query": [Row("", "1")]}),
        ("headers[0].value", {"headers": [Row("A", "{{")]}),
        ("body", {"body_kind": "json", "body": {"a": ["{{ + }}"]}}),
        ("body[0].value", {"body_kind": "form", "body": [{"key": "a", "value": "{{ + }}"}]}),
        ("body", {"body_kind": "form", "body": {"a": 1}}),
        ("body", {"body_kind": "form", "body": [{"key": 1, "value": ""}]}),
        ("body", {"body_kind": "text", "body": {"a": 1}}),
        ("body_kind", {"body_kind": "yaml"}),
        ("method", {"method": "GET /"}),
        ("method", {"method": ""}),
    ],
)
def test_it_names_the_field_that_does_not_compile(field, fields):
    error = refused(**fields)
    assert error.field == field
    assert str(error).startswith(f"{field}: ")


@pytest.mark.parametrize(
    ("value", "query"),
    [
        ("x", "k=x"),
        ("a b&c=d+e/?", "k=a%20b%26c%3Dd%2Be%2F%3F"),
        ("", "k="),
        (0, "k=0"),
        (False, "k=false"),
        (1.0, "k=1"),
        (["a", None, 2], "k=a&k=2"),
        ([], ""),
        (None, ""),
        ({"a": 1}, "k=%7B%22a%22%3A1%7D"),
    ],
)
def test_it_writes_query_rows(value, query):
    assert urlsplit(request({"v": value}, query=[Row("k", "{{ v }}")]).url).query == query


def test_it_leaves_out_a_query_row_without_a_value():
    rows = [Row("a", "{{ nope }}"), Row("b", "x{{ nope }}"), Row("a b", "1")]
    assert request({}, query=rows).url == "https://shop.example/api?b=x&a%20b=1"


@given(st.lists(st.tuples(st.text(min_size=1), st.text(st.characters(codec="utf-8"))), max_size=4))
def test_it_writes_a_query_that_reads_back_the_same(pairs):
    args = {f"v{index}": value for index, (_, value) in enumerate(pairs)}
    rows = [Row(key, f"{{{{ v{index} }}}}") for index, (key, _) in enumerate(pairs)]
    query = urlsplit(request(args, query=rows).url).query
    assert parse_qsl(query, keep_blank_values=True) == pairs


@pytest.mark.parametrize("value", ["a\r\nX: 1", "a\nb", "a\0b", "€", "\r"])
def test_it_refuses_a_header_value_that_cannot_be_sent(value):
    with pytest.raises(StepFailed, match="header X-A"):
        request({"v": value}, headers=[Row("X-A", "{{ v }}")])
    assert refused(headers=[Row("X-A", value)]).field == "headers[0].value"


@pytest.mark.parametrize(
    "name",
    ["", "a b", "a:", "ä", "a\n", "Host", "content-length", "Transfer-Encoding", "CONNECTION",
     "Upgrade", "TE", "Trailer", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "Expect"],
)  # fmt: skip
def test_it_refuses_a_header_name_that_is_no_token_or_not_ours(name):
    assert refused(headers=[Row(name, "x")]).field == "headers[0].key"


def test_it_writes_header_rows():
    rows = [Row("X-A", " {{ a }} "), Row("X-B", "{{ nope }}"), Row("X-A", "é")]
    assert request({"a": 1}, headers=rows).headers == (("X-A", "1"), ("X-A", "é"))


@pytest.mark.parametrize(
    ("kind", "body", "sent", "content_type"),
    [
        ("none", None, None, None),
        ("json", {"a": "{{ id }}", "b": ["{{ nope }}"], "c": "{{ nope }}"}, b'{"a":7,"b":[null]}',
         "application/json"),
        ("json", None, b"null", "application/json"),
        ("json", "{{ id }}", b"7", "application/json"),
        ("text", "n {{ id }} é", "n 7 é".encode(), "text/plain; charset=utf-8"),
        ("form", [{"key": "a b", "value": "{{ id }} &é"}, {"key": "n", "value": "{{ nope }}"}],
         b"a+b=7+%26%C3%A9", "application/x-www-form-urlencoded"),
        ("form", [], b"", "application/x-www-form-urlencoded"),
    ],
)  # fmt: skip
def test_it_writes_bodies(kind, body, sent, content_type):
    built = request({"id": 7}, body_kind=kind, body=body)
    assert built.body == sent
    assert dict(built.headers).get("Content-Type") == content_type


def test_it_keeps_a_content_type_that_a_row_sets():
    rows = [Row("content-type", "application/vnd.shop+json")]
    built = request(headers=rows, body_kind="json", body={})
    assert built.headers == (("content-type", "application/vnd.shop+json"),)


def test_it_refuses_a_body_without_a_value():
    with pytest.raises(CallArguments, match="body"):
        request({}, body_kind="json", body="{{ nope }}")


def test_it_ignores_arguments_it_does_not_mention():
    assert request({"unused": [1]}).url == "https://shop.example/api"


def test_it_sends_json_that_reads_back_the_same():
    body = {"text": '"\\\n€😀', "numbers": [0, -1, 1.5, 2**53 - 1], "nested": [[], {}, None]}
    sent = request({"v": body}, body_kind="json", body="{{ v }}").body
    assert orjson.loads(sent) == body


def test_it_sends_files_of_one_key_each_by_its_own_name():
    rows = [
        {"key": "f", "value": "1", "filename": "a.txt", "content_type": "text/plain"},
        {"key": "f", "value": "2", "filename": "b.bin"},
        {"key": "f", "value": "3"},
    ]
    sent = request(body_kind="multipart", body=rows).body.decode()
    heads = [part.partition("\r\n\r\n")[0].split("\r\n")[1:] for part in sent.split("------")[1:-1]]
    name = 'Content-Disposition: form-data; name="f"'
    assert heads == [
        [f'{name}; filename="a.txt"', "Content-Type: text/plain"],
        [f'{name}; filename="b.bin"', "Content-Type: application/octet-stream"],
        [name],
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"path": "/\ud800"},
        {"query": [Row("a", "\ud800")]},
        {"query": [Row("\ud800", "a")]},
        {"body_kind": "text", "body": "\ud800"},
        {"body_kind": "json", "body": {"\ud800": 1}},
        {"body_kind": "json", "body": [10**30]},
        {"body_kind": "form", "body": [{"key": "\ud800", "value": ""}]},
        {"body_kind": "multipart", "body": [{"key": "a", "value": "", "filename": "\ud800"}]},
    ],
    ids=ascii,
)
def test_it_refuses_what_no_request_can_hold(fields):
    assert refused(**fields).field.startswith(("path", "query[0]", "body"))


def test_it_says_when_parts_that_fit_make_a_body_that_is_too_deep():
    deep = 1
    for _ in range(254):
        deep = [deep]
    with pytest.raises(CallArguments, match="cannot be written as JSON"):
        request({"p": deep}, body_kind="json", body={"a": {"b": "{{ p }}"}})
