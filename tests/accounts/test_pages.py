"""What holds for every page: the browser may run and load only what we serve ourselves."""

import re

import pytest
from django.core.management import call_command
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views import defaults

from integrator.paths import BASE

TEMPLATES = sorted((BASE / "templates").rglob("*.html"))
STATIC = sorted(
    path for path in (BASE / "integrator" / "static").rglob("*") if path.suffix in {".css", ".js"}
)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(BASE)))
def test_it_holds_no_inline_code_and_no_inline_style(template):
    text = template.read_text()
    assert not re.search(r"<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:", text)
    for script in re.findall(r"<script[^>]*>", text):
        assert " src=" in script or 'type="application/json"' in script


@pytest.mark.parametrize("file", TEMPLATES + STATIC, ids=lambda path: str(path.relative_to(BASE)))
def test_it_loads_nothing_from_elsewhere(file):
    loads = r"""(?:src|href|url|import|fetch)\s*(?:=|\(|\s)\s*["']?\s*(?:https?:)?//"""
    assert not re.search(loads, file.read_text())
    assert "sourceMappingURL" not in file.read_text()


def test_it_sends_a_strict_content_security_policy(client, db):
    policy = client.get(reverse("account_login")).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy


def test_it_can_be_collected_with_every_file_found(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    assert list(tmp_path.glob("integrator.*.css"))


def test_it_says_that_nothing_is_there(client, db):
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert "Nothing is here" in response.text


def test_it_says_that_a_form_has_expired(db):
    response = Client(enforce_csrf_checks=True).post(reverse("account_login"))
    assert response.status_code == 403
    assert "This form has expired" in response.text


@pytest.mark.parametrize(
    ("view", "status", "words"),
    [
        (defaults.bad_request, 400, "This request cannot be understood"),
        (defaults.permission_denied, 403, "You may not see this"),
    ],
)
def test_it_says_what_is_wrong_with_a_request(view, status, words):
    response = view(RequestFactory().get("/"), Exception())
    assert response.status_code == status
    assert words in response.text


def test_it_shows_the_page_for_our_own_failures_without_touching_the_database():
    response = defaults.server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert "Something broke on our side" in response.text
