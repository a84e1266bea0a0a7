"""The pages of API calls: making, changing, copying, switching off, deleting."""

import pytest
from django.forms import BoundField
from django.test import Client
from django.urls import reverse

from dynamic.models import ApiCall, Flow, FlowVersion, Pipe, System
from dynamic.pages.call_editing import CallEditor

FLOW = "version: 1\nsteps:\n  - call: x\n    api: {}\n"
PATHS = ("call_detail", "call_test", "call_sample", "call_copy", "call_active", "call_delete")


@pytest.fixture
def shop(alice):
    return System.objects.create(
        owner=alice, slug="shop", name="Shop", base_url="https://shop.example.com"
    )


@pytest.fixture
def call(shop):
    return shop.calls.create(slug="get-order", name="Get an order", path="/orders/{{ id }}")


@pytest.fixture
def client(alice):
    client = Client()
    client.force_login(alice)
    return client


def url_of(name, call):
    return reverse(f"systems:{name}", args=[call.system.slug, call.slug])


def filled(call, **changes):
    """What a browser would send for the page of this call, with some of it changed."""
    data = {}
    for form in CallEditor(call).parts:
        for field in form:
            data[field.html_name] = sent(field)
    data = {name: value for name, value in data.items() if value is not None}
    return data | {name.replace("__", "-"): value for name, value in changes.items()}


def sent(field: BoundField):
    value = field.value()
    if isinstance(value, bool):
        return "on" if value else None
    return "" if value is None else str(value).replace("\n", "\r\n")


def new_call(client, shop, **fields):
    data = filled(ApiCall(system=shop), **{"name": "Get an order"} | fields)
    return client.post(reverse("systems:call_create", args=[shop.slug]), data)


def faults(response):
    """By the names of the page's controls."""
    return {
        form[name].html_name if name != "__all__" else name: list(messages)
        for form in response.context["editor"].parts
        for name, messages in form.errors.items()
    }


def test_it_makes_a_call(client, shop):
    response = new_call(
        client,
        shop,
        method="POST",
        path="/orders/{{ id }}",
        query="Article::sku::{{ sku }}",
        headers="X-Kind::a",
        body_kind="json",
        body_json='{"lines": "{{ lines }}"}',
        sample_arguments='{"id": 1}',
        fine_statuses="200, 404",
        sample_response="[1]",
        read_timeout="9",
        follow_redirects="on",
        skip_auth="on",
        retry__attempts="3",
        retry__every_method="on",
        paging__kind="cursor",
        paging__next="{{ data.next }}",
    )
    call = shop.calls.get()
    assert response["Location"] == url_of("call_detail", call)
    assert call.full_name == "shop/get-an-order"
    assert (call.method, call.path) == ("POST", "/orders/{{ id }}")
    assert call.query == [{"label": "Article", "key": "sku", "value": "{{ sku }}"}]
    assert call.headers == [{"label": "", "key": "X-Kind", "value": "a"}]
    assert (call.body_kind, call.body) == ("json", {"lines": "{{ lines }}"})
    assert (call.sample_arguments, call.sample_response) == ({"id": 1}, [1])
    assert (call.active, call.skip_auth, call.follow_redirects) == (True, True, True)
    assert (call.connect_timeout, call.read_timeout, call.fine_statuses) == (None, 9, "200, 404")
    assert call.retry == {
        "attempts": 3,
        "statuses": "429, 502-504",
        "wait": 0.5,
        "every_method": True,
    }
    assert call.paging == {
        "kind": "cursor",
        "items": "{{ data }}",
        "next": "{{ data.next }}",
        "most_pages": 100,
        "most_items": 10_000,
    }


def test_it_goes_on_to_the_test(client, shop):
    response = new_call(client, shop, test="")
    assert response["Location"] == url_of("call_test", shop.calls.get())


BODIES = {
    "json": ["a", {"b": None}],
    "form": [{"label": "", "key": "a", "value": "x\\n\ny"}],
    "multipart": [
        {"label": "F", "key": "f", "value": "{{ f }}", "filename": "a", "content_type": "text/x"}
    ],
    "text": "one\ntwo ",
    "xml": "<a>{{ b }}</a>",
    "none": None,
}


@pytest.mark.parametrize("kind", BODIES)
def test_it_changes_nothing_that_nobody_changed(client, shop, kind):
    call = shop.calls.create(
        slug="Odd_Slug",
        name="Odd",
        body_kind=kind,
        body=BODIES[kind],
        headers=[{"label": "a::b:", "key": "X-A", "value": "c::d"}],
        retry={"attempts": 2, "statuses": "500", "wait": 1.5, "every_method": False},
        paging={
            "kind": "page",
            "items": "{{ data.x }}",
            "start": 0,
            "most_pages": 2,
            "most_items": 9,
        },
        sample_response={"a": "\n"},
    )
    before = ApiCall.objects.values().get()
    client.post(url_of("call_detail", call), filled(call))
    assert ApiCall.objects.values().get() == before


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("name", "", "This field is required."),
        ("slug", "new", "“new” is a word of our own URLs: choose another one."),
        ("slug", "get-order", "The call “Get an order” of this system has this slug."),
        ("path", "/{{ 1 + }}", "does not parse"),
        ("query", "nothing", "Row 1 is “nothing”: write label::key::value."),
        ("headers", "a b::c", "'a b' is not a header name."),
        ("sample_arguments", "[1]", "Write an object"),
        ("sample_arguments", '{\n "a": x}', "It is no JSON from line 2, column 7"),
        ("sample_response", "[" * 200 + "]" * 200, "It is more than 100 levels deep."),
        ("sample_response", '"\\u0000"', "A text in it holds \\u0000, which cannot be kept."),
        ("fine_statuses", "abc", "'abc' is no status"),
        ("connect_timeout", "0", "greater than or equal to 1"),
        ("retry-attempts", "11", "less than or equal to 10"),
        ("retry-statuses", "9", "'9' is no status"),
        ("retry-wait", "61", "less than or equal to 60"),
    ],
)
def test_it_tells_what_is_wrong_at_its_field(client, call, name, value, fault):
    response = new_call(client, call.system, **{name: value})
    assert fault in "".join(faults(response).pop(name))
    assert not faults(response).keys() - {name}
    form = next(form for form in response.context["editor"].parts if name in map_of(form))
    assert map_of(form)[name].value() == value
    assert call.system.calls.count() == 1


def map_of(form):
    return {field.html_name: field for field in form}


@pytest.mark.parametrize(
    ("kind", "name", "value", "fault"),
    [
        ("json", "body_json", "", "This field is required."),
        ("json", "body_json", "{", "It is no JSON from line 1"),
        ("json", "body_json", '"{{ 1 + }}"', "does not parse"),
        ("form", "body_form", "a", "write label::key::value"),
        ("multipart", "body_files", "a::b::c::d::x\\ny", "It is not a content type."),
        ("text", "body_text", "{{ 1 + }}", "does not parse"),
        ("xml", "body_text", "{{ 1 + }}", "does not parse"),
    ],
)
def test_it_checks_the_body_of_the_chosen_kind_alone(client, shop, kind, name, value, fault):
    response = new_call(client, shop, body_kind=kind, **{name: value})
    assert fault in "".join(faults(response).pop(name))
    new_call(client, shop, body_kind="none", **{name: value})
    assert shop.calls.get().body is None


@pytest.mark.parametrize(
    ("kind", "name", "value", "fault"),
    [
        ("cursor", "next", "data.next", "next is an expression"),
        ("next_link", "next", "", "next is an expression"),
        ("page", "items", "{{ 1 + }}", "does not parse"),
        ("page", "size", "50", "Write both, the size and its parameter, or neither."),
        ("offset", "start", "-1", "greater than or equal to 0"),
        ("link_header", "most_pages", "1001", "less than or equal to 1000"),
    ],
)
def test_it_checks_what_the_chosen_paging_wants_alone(client, shop, kind, name, value, fault):
    name = f"paging-{name}"
    response = new_call(client, shop, **{"paging-kind": kind, name: value})
    assert fault in "".join(faults(response)[name])
    new_call(client, shop, **{"paging-kind": "", name: value})
    assert shop.calls.get().paging == {}


def test_it_finds_a_slug_that_is_free(client, call):
    new_call(client, call.system)
    new_call(client, call.system, name="New")
    new_call(client, call.system, name="Übergrößen bestellen")
    new_call(client, call.system, name="注文")
    slugs = call.system.calls.values_list("slug", flat=True)
    assert set(slugs) == {"get-order", "get-an-order", "new-2", "ubergroen-bestellen", "call"}


def test_it_shows_the_name_for_flows_and_the_calls_of_a_system(client, call):
    assert "shop/get-order" in client.get(url_of("call_detail", call)).text
    listed = client.get("/systems/shop/").text
    assert url_of("call_detail", call) in listed
    assert "/orders/{{ id }}" in listed


def test_it_copies_a_call(client, call):
    client.post(url_of("call_copy", call))
    client.post(url_of("call_copy", call))
    copies = call.system.calls.exclude(pk=call.pk).order_by("pk")
    assert [copy.slug for copy in copies] == ["get-order-2", "get-order-3"]
    assert {(copy.name, copy.path) for copy in copies} == {("Get an order (copy)", call.path)}


def test_it_switches_a_call_off_and_on(client, call):
    for data, active in (({}, False), ({}, False), ({"active": "on"}, True)):
        client.post(url_of("call_active", call), data)
        call.refresh_from_db()
        assert call.active is active


def test_it_deletes_a_call_after_asking(client, call):
    assert "Delete “Get an order”?" in client.get(url_of("call_delete", call)).text
    assert ApiCall.objects.exists()
    assert client.post(url_of("call_delete", call))["Location"] == "/systems/shop/"
    assert not ApiCall.objects.exists()


def flow_of(owner, *sources, pinned=None):
    """A flow with these versions, the last of which is its draft, and a pipe."""
    flow = Flow.objects.create(owner=owner, slug="f", name="Nightly", draft=sources[-1])
    for number, source in enumerate(sources, 1):
        flow.versions.create(number=number, source=source)
    version = FlowVersion.objects.filter(flow=flow, number=pinned).first()
    Pipe.objects.create(owner=owner, name="P", flow=flow, pinned=version)
    return flow


MAKES, MAKES_NOT = FLOW.format('"shop\\/get-order"'), FLOW.format("shop/get-order-2")
OTHERS = "version: 1\nsteps: # shop/get-order\n  - return: {body: shop/get-order}\n"


@pytest.mark.parametrize(
    ("sources", "pinned", "refused"),
    [
        ([MAKES], None, True),
        ([MAKES, MAKES_NOT], 1, True),
        ([MAKES, MAKES_NOT], None, False),
        ([OTHERS], None, False),
        (["steps: [{call: shop/get-order"], None, True),  # a draft that is being written
    ],
)
def test_it_keeps_a_call_that_flows_make(client, alice, call, sources, pinned, refused):
    flow_of(alice, *sources, pinned=pinned)
    response = client.post(url_of("call_delete", call))
    assert ApiCall.objects.exists() is refused
    if refused:
        assert "Nightly" in response.text


def test_it_keeps_the_slug_that_flows_name(client, alice, call):
    flow = flow_of(alice, MAKES)
    response = client.post(url_of("call_detail", call), filled(call, slug="order"))
    assert "Flows name it shop/get-order: “Nightly”." in faults(response)["slug"][0]
    Pipe.objects.all().delete()
    flow.delete()
    response = client.post(url_of("call_detail", call), filled(call, slug="order"))
    assert response["Location"] == "/systems/shop/calls/order/"


def test_it_takes_no_notice_of_the_flows_of_others(client, bob, call):
    flow_of(bob, MAKES)
    client.post(url_of("call_delete", call))
    assert not ApiCall.objects.exists()


def test_it_shows_nobody_the_calls_of_others(bob, call):
    client = Client()
    client.force_login(bob)
    for name in PATHS:
        assert client.post(url_of(name, call)).status_code == 404
    for name in ("call_detail", "call_test", "call_delete"):
        assert client.get(url_of(name, call)).status_code == 404
    new = reverse("systems:call_create", args=["shop"])
    assert client.get(new).status_code == client.post(new).status_code == 404
    assert ApiCall.objects.count() == 1


def test_it_asks_who_is_there(call):
    for name in PATHS:
        assert "/account/sign-in/" in Client().post(url_of(name, call))["Location"]


def test_it_changes_nothing_for_other_sites(alice, call):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    for name in PATHS:
        assert client.post(url_of(name, call)).status_code == 403
    for name in ("call_sample", "call_copy", "call_active"):
        assert client.get(url_of(name, call)).status_code == 405
