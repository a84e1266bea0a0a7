"""Everything under /systems/. Words of our own stand before slugs."""

from django.urls import path

from dynamic.pages import (
    archiving,
    call_trying,
    calls,
    credentials,
    importing,
    sharing,
    system_editing,
    systems,
)
from dynamic.pages.refs import OWN, REF

app_name = "systems"

_CALL = f"{REF}calls/<slug:call_slug>/"
_CREDENTIAL = f"{OWN}credentials/<int:pk>/"

urlpatterns = [
    path("", systems.system_list, name="list"),
    path("new/", system_editing.system_create, name="create"),
    path("oauth/callback/", credentials.oauth_callback, name="oauth_callback"),
    path(REF, systems.system_detail, name="detail"),
    path(f"{REF}edit/", system_editing.system_edit, name="edit"),
    path(f"{OWN}authentication/", system_editing.system_authentication, name="auth"),
    path(f"{OWN}archive/", archiving.system_archive, name="archive"),
    path(f"{OWN}restore/", archiving.system_restore, name="restore"),
    path(f"{REF}share/", sharing.share_system, name="share"),
    path(f"{REF}test/", systems.system_test, name="test"),
    path(f"{OWN}credentials/new/", credentials.credential_create, name="credential_create"),
    path(_CREDENTIAL, credentials.credential_edit, name="credential_edit"),
    path(f"{_CREDENTIAL}delete/", credentials.credential_delete, name="credential_delete"),
    path(f"{_CREDENTIAL}default/", credentials.credential_default, name="credential_default"),
    path(f"{_CREDENTIAL}connect/", credentials.credential_connect, name="credential_connect"),
    path(f"{REF}import/", importing.call_import, name="call_import"),
    path(f"{REF}calls/new/", calls.call_create, name="call_create"),
    path(_CALL, calls.call_detail, name="call_detail"),
    path(f"{_CALL}test/", call_trying.call_test, name="call_test"),
    path(f"{_CALL}sample/", call_trying.call_sample, name="call_sample"),
    path(f"{_CALL}copy/", calls.call_copy, name="call_copy"),
    path(f"{_CALL}active/", calls.call_active, name="call_active"),
    path(f"{_CALL}delete/", calls.call_delete, name="call_delete"),
]
