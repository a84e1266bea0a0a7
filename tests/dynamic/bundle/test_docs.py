"""What the documentation shows as bundles can be imported, as it stands."""

import re
from pathlib import Path

import pytest

from dynamic.bundle import export_bundle, import_bundle
from dynamic.models import ApiCall
from dynamic.models.auth_types import AUTH_TYPES

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGES = [DOCS / "api-calls.md", *sorted((DOCS / "systems").glob("*.md"))]


def bundles(page):
    return re.findall(r"```yaml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


def environ(bundle):
    return dict.fromkeys(re.findall(r"\$\{([A-Z0-9_]+)\}", bundle), "value")


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_it_imports_the_bundles_of_a_page(page, alice):
    assert bundles(page)
    for bundle in bundles(page):
        import_bundle(bundle, alice, environ(bundle))
        exported = export_bundle(alice)
        again = import_bundle(exported, alice, environ(exported))
        assert again.created == []
    for call in ApiCall.objects.all():
        call.compile("https://shop.example")


@pytest.mark.django_db
def test_it_shows_every_type_that_wants_a_credential(alice):
    for page in PAGES:
        for bundle in bundles(page):
            import_bundle(bundle, alice, environ(bundle))
    shown = set(alice.systems.values_list("auth_type", flat=True))
    assert shown >= {type_.value for type_ in AUTH_TYPES.values() if type_.wants_credential}
