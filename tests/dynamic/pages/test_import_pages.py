"""Importing API calls: looking at what a source comes to, and making some of it."""

import json

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dynamic.models import ApiCall, System
from dynamic.pages.importing import MOST_OFFERED

URL = "/systems/shop/import/"
CANARY = "curl-token-canary-4f0c"
CURL = f"curl https://shop.example.com/orders/5?full=1 -H 'Authorization: Bearer {CANARY}'"


@pytest.fixture
def shop(alice):
    return System.objects.create(
        owner=alice, slug="shop", name="Shop", base_url="https://shop.example.com"
    )


@pytest.fixture
def client(alice, shop):
    client = Client()
    client.force_login(alice)
    return client


def openapi(paths, **more):
    document = {"openapi": "3.0.3", "info": {"title": "Shop API", "version": "1"}}
    operations = {
        path: {"get": {"operationId": name, "responses": {"200": {"description": "ok"}}}}
        for name, path in paths.items()
    }
    servers = [{"url": "https://shop.example.com"}]
    return json.dumps(document | {"servers": servers, "paths": operations} | more)


def look(client, text="", **more):
    return client.post(URL, {"text": text, "kind": ""} | more)


def make(client, preview, *take):
    data = {"proposal": preview.context["kept"], "take": list(take)}
    return client.post(URL, data, follow=True)


def offered(preview):
    return [(offer.call.slug, offer.slug, offer.exists) for offer in preview.context["offers"]]


def test_it_shows_what_a_source_comes_to_and_makes_nothing(client):
    preview = look(client, CURL)
    assert "1 API call can be made." in preview.text
    assert "/orders/5" in preview.text
    assert not ApiCall.objects.exists()


def test_it_makes_what_was_ticked(client, shop):
    preview = look(client, openapi({"getOrder": "/orders/{id}", "stock": "/stock"}))
    assert offered(preview) == [("get-order", "get-order", False), ("stock", "stock", False)]
    made = make(client, preview, "get-order")
    assert "1 API call is made." in made.text
    call = shop.calls.get()
    assert (call.full_name, call.method, call.path) == ("shop/get-order", "GET", "/orders/{{ id }}")
    call.full_clean()


def test_it_skips_what_is_there(client, shop):
    shop.calls.create(slug="stock", name="Mine", path="/mine")
    preview = look(client, openapi({"stock": "/stock", "order": "/order"}))
    assert offered(preview) == [("order", "order", False), ("stock", "stock-2", True)]
    assert "exists, so this is skipped" in preview.text
    assert preview.text.count(" checked>") == 1
    make(client, preview, "order")
    assert set(shop.calls.values_list("slug", flat=True)) == {"stock", "order"}
    make(client, preview, "stock-2")
    assert set(shop.calls.values_list("slug", flat=True)) == {"stock", "order", "stock-2"}
    assert shop.calls.get(slug="stock").path == "/mine"


def test_it_gives_no_call_a_word_of_our_urls(client, shop):
    preview = look(client, openapi({"new": "/new", "new-2": "/other"}))
    assert offered(preview) == [("new", "new-3", False), ("new-2", "new-2", False)]
    make(client, preview, "new-3", "new-2")
    assert set(shop.calls.values_list("slug", flat=True)) == {"new-3", "new-2"}


def test_it_makes_the_same_only_once(client, shop):
    preview = look(client, openapi({"stock": "/stock"}))
    make(client, preview, "stock")
    again = make(client, preview, "stock")
    assert "1 of those that you ticked was there already." in again.text
    assert set(shop.calls.values_list("slug", flat=True)) == {"stock"}


def test_it_says_what_is_left_out_and_why(client):
    preview = look(client, f"{CURL}\ncurl https://other.example.com/x")
    assert "1 API call can be made, 1 cannot." in preview.text
    assert "it goes to https://other.example.com" in preview.text


def test_it_says_which_authentication_the_source_describes(client):
    schemes = {"k": {"type": "apiKey", "in": "header", "name": "X-Shop-Key"}}
    source = openapi(
        {"stock": "/stock"}, components={"securitySchemes": schemes}, security=[{"k": []}]
    )
    preview = look(client, source)
    assert "Static key in a header" in preview.text
    assert "X-Shop-Key" in preview.text


def test_it_says_where_the_source_is_for_a_system_of_many(client, shop):
    System.objects.update(base_url="")
    assert "below <code>https://shop.example.com</code>" in look(client, CURL).text


def test_it_makes_paths_for_the_default_credential_of_such_a_system(client, shop):
    System.objects.update(base_url="")
    shop.credentials.create(base_url="https://shop.example.com/orders")
    preview = look(client, CURL)
    assert preview.context["offers"][0].call.path == "/5"
    assert "below <code>" not in preview.text


def test_it_takes_no_secret_over(client, shop):
    preview = look(client, CURL)
    assert CANARY not in preview.text
    kept = signing.loads(preview.context["kept"], salt="dynamic.pages.importing")
    assert CANARY not in json.dumps(kept)
    make(client, preview, preview.context["offers"][0].slug)
    assert CANARY not in str(list(ApiCall.objects.values()))
    assert shop.calls.count() == 1


def test_it_reads_a_file(client):
    file = SimpleUploadedFile("api.json", b"\xef\xbb\xbf" + openapi({"stock": "/stock"}).encode())
    assert "Shop API" in look(client, file=file).text


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"\xff\xfe", "It is no text in UTF-8."),
        (b"x" * (5 * 2**20 + 1), "It is larger than 5 MiB."),
        (b"", "The submitted file is empty."),
        (b"hello", "Paste a curl command"),
    ],
)
def test_it_refuses_a_file_that_it_cannot_read(client, content, fault):
    response = look(client, file=SimpleUploadedFile("api.json", content))
    assert fault in "".join(response.context["form"].errors["file"])


@pytest.mark.parametrize(
    ("text", "kind", "fault"),
    [
        ("", "", "Paste something, or choose a file."),
        ("hello", "", "Paste a curl command"),
        ("curl", "openapi", ""),
        (CURL, "wsdl", ""),
        ("x" * 500_001, "", "at most 500000 characters"),
    ],
)
def test_it_refuses_a_text_that_is_no_source(client, text, kind, fault):
    errors = look(client, text, kind=kind).context["form"].errors
    assert errors
    assert fault in str(errors)


def test_it_refuses_a_proposal_that_is_not_its_own(client, alice, shop):
    preview = look(client, openapi({"stock": "/stock"}))
    other = System.objects.create(owner=alice, slug="other", name="Other")
    kept = preview.context["kept"]
    for url, proposal in ((URL, kept[:-1]), (URL, ""), (f"/systems/{other.slug}/import/", kept)):
        response = client.post(url, {"proposal": proposal, "take": ["stock"]}, follow=True)
        assert "That page was not whole any more." in response.text
    assert not ApiCall.objects.exists()


def test_it_makes_nothing_where_nothing_is_ticked(client):
    preview = look(client, openapi({"stock": "/stock"}))
    assert "Nothing was ticked" in make(client, preview).text
    assert "Nothing was ticked" in make(client, preview, "no-such").text


def test_it_goes_on_with_what_one_page_could_not_hold(client, shop):
    source = openapi({f"call-{n}": f"/calls/{n}" for n in range(MOST_OFFERED + 2)})
    preview = look(client, source)
    assert "These are 500 of 502." in preview.text
    ApiCall.objects.bulk_create(
        ApiCall(system=shop, slug=slug, name=slug) for slug, _, _ in offered(preview)
    )
    rest = [offer for offer in offered(look(client, source)) if not offer[2]]
    assert [slug for slug, _, _ in rest] == ["call-500", "call-501"]


def test_it_makes_all_or_nothing(client, shop):
    preview = look(client, openapi({"a": "/a", "b": "/b"}))
    # A system whose common rows no longer fit: none of its calls compiles.
    System.objects.update(common_headers=[{"label": "", "key": "no header", "value": ""}])
    response = make(client, preview, "a", "b")
    assert "Nothing was made." in response.text
    assert not ApiCall.objects.exists()


def test_it_is_not_for_others(shop, bob):
    client = Client()
    assert "/account/sign-in/" in client.get(URL)["Location"]
    client.force_login(bob)
    assert client.get(URL).status_code == look(client, CURL).status_code == 404
