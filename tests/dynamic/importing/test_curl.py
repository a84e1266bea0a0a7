import pytest

from dynamic.flow.api_call import ApiCall, Row
from dynamic.importing.proposal import SourceInvalid
from dynamic.importing.reading import detect, read

URL = "https://shop.example/v1/orders"


def proposal(text, base_url=""):
    return read("curl", text, base_url=base_url)


def only(text, base_url=""):
    made = proposal(text, base_url)
    assert not made.left_out
    assert len(made.calls) == 1
    return made.calls[0]


def request(call, args, base_url="https://shop.example"):
    """What the call sends, by the code that sends it."""
    rows = [Row(r["key"], r["value"]) for r in call.query]
    headers = [Row(r["key"], r["value"]) for r in call.headers]
    body = call.body
    if call.body_kind in ("form", "multipart"):
        body = [Row(r["key"], r["value"], r.get("filename", "")) for r in body]
    return ApiCall.compile(
        name="shop/call",
        method=call.method,
        base_url=base_url,
        path=call.path,
        query=rows,
        headers=headers,
        body_kind=call.body_kind,
        body=body,
    ).request(args)


def pairs(rows):
    return [(row["key"], row["value"]) for row in rows]


def test_it_reads_a_request_as_documentation_writes_it():
    made = proposal(
        "curl -X POST https://shop.example/v1/orders/{order-id}/items?notify=yes \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        '  -d \'{"sku": "A-1", "count": 2}\''
    )
    assert made.base_url == "https://shop.example"
    call = made.calls[0]
    assert call.name == "POST /v1/orders/{order-id}/items"
    assert (call.method, call.path) == ("POST", "/v1/orders/{{ order_id }}/items")
    assert pairs(call.query) == [("notify", "yes")]
    assert call.headers == []
    assert (call.body_kind, call.body) == ("json", {"sku": "A-1", "count": 2})
    assert request(call, {"order_id": "7/8"}).url.endswith("/v1/orders/7%2F8/items?notify=yes")


def test_it_reads_what_a_browser_copies_as_curl():
    call = only(
        f"curl '{URL}?q=a%20b&page=2' \\\n"
        "  -H 'accept: */*' \\\n"
        "  -H 'cookie: session=hush-hush' \\\n"
        "  -H 'content-type: application/json' \\\n"
        "  -H 'priority: u=1, i' \\\n"
        "  -H 'sec-ch-ua: \"Chromium\"' \\\n"
        "  -H 'x-csrf-token: hush-hush' \\\n"
        '  --data-raw $\'{"name":"O\\\'Neil \\u00e9 \\ud83d\\ude00"}\' \\\n'
        "  --compressed"
    )
    assert call.method == "POST"
    assert call.body == {"name": "O'Neil é 😀"}
    assert pairs(call.query) == [("q", "a b"), ("page", "2")]
    assert pairs(call.headers) == [("accept", "*/*"), ("x-csrf-token", "{{ x_csrf_token }}")]
    assert "Cookies were left out: a call has none." in call.notes
    assert "hush-hush" not in repr(call)


@pytest.mark.parametrize(
    ("options", "method"),
    [
        ("", "GET"),
        ("-I", "HEAD"),
        ("-X delete", "DELETE"),
        ("-XPATCH", "PATCH"),
        ("-sSXPUT", "PUT"),
        ("-d a=1", "POST"),
        ("-d a=1 --request PUT", "PUT"),
        ("-F a=1", "POST"),
        ("-G -d a=1", "GET"),
        ("-T file.txt", "PUT"),
        ("--json '{}'", "POST"),
        ("-X OPTIONS", "OPTIONS"),
    ],
)
def test_it_takes_the_method_that_curl_would_use(options, method):
    assert only(f"curl {options} {URL}").method == method


@pytest.mark.parametrize(
    ("options", "kind", "body"),
    [
        ("""-d '{"a": 1}' -H 'Content-Type: application/json'""", "json", {"a": 1}),
        ("""--json '{"a": [null, 1.5]}'""", "json", {"a": [None, 1.5]}),
        ("""-d '{"a": 1}'""", "json", {"a": 1}),
        ("-H 'Content-Type: application/json' -d '{broken'", "text", "{broken"),
        ("-H 'Content-Type: text/xml' -d '<a>{{b}}</a>'", "xml", '<a>{{ "{{" }}b}}</a>'),
        ("-H 'Content-Type: text/plain' --data-binary '-5'", "text", "-5"),
        ("-d hello", "text", "hello"),
        ("-d @order.json -H 'Content-Type: application/json'", "json", "{{ body }}"),
        ("-d @order.txt -H 'Content-Type: text/plain'", "text", "{{ body }}"),
        ("", "none", None),
    ],
)
def test_it_tells_the_kind_of_body_by_its_type(options, kind, body):
    call = only(f"curl {URL} {options}")
    assert (call.body_kind, call.body) == (kind, body)
    request(call, {"body": "x"})


def test_it_makes_rows_of_a_form():
    call = only(f"curl {URL} -d a=1 -d 'b=x%20y+z&e=' --data-urlencode 'c=ä&b'")
    assert call.body_kind == "form"
    assert pairs(call.body) == [("a", "1"), ("b", "x y z"), ("e", ""), ("c", "ä&b")]


def test_it_sends_data_in_the_query_with_g():
    call = only(f"curl -G {URL} -d a=1 --data-urlencode 'q=x & y'")
    assert pairs(call.query) == [("a", "1"), ("q", "x & y")]
    assert call.body_kind == "none"


def test_it_makes_arguments_of_files_in_a_form():
    call = only(f"curl {URL} -F 'pic=@/tmp/cat.png;type=image/png' -F note=hi -F 'text=<a.txt'")
    assert call.body == [
        {
            "label": "",
            "key": "pic",
            "value": "{{ pic }}",
            "filename": "cat.png",
            "content_type": "image/png",
        },
        {"label": "", "key": "note", "value": "hi"},
        {"label": "", "key": "text", "value": "{{ text }}"},
    ]
    assert "The content of the file /tmp/cat.png is the argument pic." in call.notes


@pytest.mark.parametrize(
    ("options", "hint", "name"),
    [
        ("-u alice:hush-hush", "basic", ""),
        ("-ualice:hush-hush", "basic", ""),
        ("-H 'Authorization: Basic hush-hush'", "basic", ""),
        ("-H 'Authorization: Bearer hush-hush'", "header", "Authorization"),
        ("--oauth2-bearer hush-hush", "header", "Authorization"),
        ("-H 'X-Api-Key: hush-hush'", "header", "X-Api-Key"),
        ("-H 'Ocp-Apim-Subscription-Key: hush-hush'", "header", "Ocp-Apim-Subscription-Key"),
        ("--url-query api_key=hush-hush", "query", "api_key"),
        ("-H 'Authorization: Digest hush-hush'", "", ""),
        ("-H 'Cookie: sid=hush-hush' -b 'sid=hush-hush'", "", ""),
        ("-d password=hush-hush", "", ""),
        ("""--json '{"a": [{"client_secret": "hush-hush"}]}'""", "", ""),
    ],
)
def test_it_keeps_no_credential(options, hint, name):
    made = proposal(f"curl {options} {URL}")
    assert "hush-hush" not in repr(made)
    assert (made.auth_hint, made.auth_name) == (hint, name)
    assert made.calls[0].notes


def test_it_keeps_no_user_of_a_url():
    made = proposal("curl https://alice:hush-hush@shop.example/v1/orders")
    assert "hush-hush" not in repr(made)
    assert (made.base_url, made.auth_hint) == ("https://shop.example", "basic")


def test_it_shows_no_user_of_a_url_that_it_leaves_out():
    made = proposal("curl ftp://alice:hush-hush@shop.example/x")
    assert made.left_out
    assert "hush-hush" not in repr(made)


def test_it_reads_several_commands():
    made = proposal(
        "# all orders\n"
        f"$ curl -s {URL} 2>/dev/null | jq .\n\n"
        f"curl {URL}/1; curl {URL}/2 --next -X DELETE {URL}/3\n"
        "echo done\n"
    )
    assert [(call.method, call.path) for call in made.calls] == [
        ("GET", "/v1/orders"),
        ("GET", "/v1/orders/1"),
        ("GET", "/v1/orders/2"),
        ("DELETE", "/v1/orders/3"),
    ]
    assert made.left_out == ("The command in line 5 is not curl.",)


def test_it_gives_each_call_a_slug_of_its_own():
    made = proposal(f"curl {URL}\n" * 12)
    slugs = [call.slug for call in made.calls]
    assert slugs[:3] == ["get-v1-orders", "get-v1-orders-2", "get-v1-orders-3"]
    assert len(set(slugs)) == 12


@pytest.mark.parametrize(
    ("base_url", "path"),
    [
        ("https://shop.example", "/v1/orders"),
        ("https://SHOP.example:443/", "/v1/orders"),
        ("https://shop.example/v1", "/orders"),
        ("https://shop.example/v1/orders", "/"),
    ],
)
def test_it_makes_paths_relative_to_the_system(base_url, path):
    assert only(f"curl {URL}", base_url).path == path


@pytest.mark.parametrize(
    "base_url",
    [
        "https://other.example",
        "http://shop.example",
        "https://shop.example/v",
        "https://shop.example:8443",
    ],
)
def test_it_leaves_out_requests_to_elsewhere(base_url):
    made = proposal(f"curl {URL}", base_url)
    assert made.calls == ()
    assert "it goes to https://shop.example, the system is at" in made.left_out[0]


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("curl ftp://shop.example/x", "does not begin with http://"),
        (f"curl -X TRACE {URL}", "TRACE is not a method"),
        ("curl -X POST", "has no URL"),
        ("curl https://shop.example/a/../b", "segment"),
        ("curl 'https://{{host}}/x'", "cannot be the base URL"),
    ],
)
def test_it_says_why_a_request_was_left_out(command, reason):
    made = proposal(command)
    assert made.calls == ()
    assert reason in made.left_out[0]


def test_it_notes_what_it_does_not_know():
    call = only(f"curl -k --frobnicate {URL}")
    assert call.notes == (
        "-k was left out: certificates are always checked.",
        "The option --frobnicate is not known, and was left out.",
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('curl ^"https://shop.example^" ^\r\n  -H ^"accept: */*^"', "Copy it as cURL (bash)"),
        ("curl https://shop.example `\n -Method POST", "Copy it as cURL (bash)"),
        ("curl 'https://shop.example", "The quote ' in line 1 is not closed."),
        ("wget -q", "is not curl"),
        ("", "begins with “curl”"),
    ],
)
def test_it_says_what_to_paste_instead(text, sentence):
    try:
        found = " ".join(proposal(text).left_out)
    except SourceInvalid as error:
        found = str(error)
    assert sentence in found


@pytest.mark.parametrize(
    "text", [f"curl {URL}", f"  $ curl {URL}", f"# orders\ncurl {URL}", f"```bash\ncurl {URL}\n```"]
)
def test_it_knows_curl_when_it_sees_it(text):
    assert detect(text) == "curl"
    assert len(proposal(text).calls) == 1
