"""Everything under /flows/. Words of our own stand before slugs."""

from django.urls import path

from dynamic.pages import flow_trying, flow_versions, flows

app_name = "flows"

_FLOW = "<slug:slug>/"
_VERSION = "<slug:slug>/versions/<int:number>/"

urlpatterns = [
    path("", flows.flow_list, name="list"),
    path("new/", flows.flow_create, name="create"),
    path(_FLOW, flows.flow_detail, name="detail"),
    path(f"{_FLOW}try/", flow_trying.flow_try, name="try"),
    path(f"{_FLOW}delete/", flows.flow_delete, name="delete"),
    path(f"{_FLOW}publish/", flow_versions.flow_publish, name="publish"),
    path(_VERSION, flow_versions.version_detail, name="version"),
    path(f"{_VERSION}draft/", flow_versions.version_to_draft, name="to_draft"),
]
