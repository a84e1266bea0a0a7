"""Everything under /flows/. Words of our own stand before slugs."""

from django.urls import path

from dynamic.pages import (
    flow_drift,
    flow_editor,
    flow_editor_adding,
    flow_editor_input,
    flow_editor_step,
    flow_preview,
    flow_versions,
    flows,
    simulating,
)

app_name = "flows"

_FLOW = "<slug:slug>/"
_VERSION = "<slug:slug>/versions/<int:number>/"

urlpatterns = [
    path("", flows.flow_list, name="list"),
    path("new/", flows.flow_create, name="create"),
    path(_FLOW, flows.flow_detail, name="detail"),
    path(f"{_FLOW}edit/", flow_editor.flow_steps, name="steps"),
    path(f"{_FLOW}edit/add/", flow_editor_adding.flow_add_step, name="add_step"),
    path(f"{_FLOW}edit/step/", flow_editor_step.flow_step, name="step"),
    path(f"{_FLOW}edit/input/", flow_editor_input.flow_input, name="input"),
    path(f"{_FLOW}preview/", flow_preview.flow_preview, name="preview"),
    path(f"{_FLOW}simulate/", simulating.simulate, name="simulate"),
    path(f"{_FLOW}simulate/<int:pk>/", simulating.simulation_detail, name="simulation"),
    path(f"{_FLOW}drift/<int:pk>/dismiss/", flow_drift.dismiss_drift, name="dismiss_drift"),
    path(f"{_FLOW}delete/", flows.flow_delete, name="delete"),
    path(f"{_FLOW}publish/", flow_versions.flow_publish, name="publish"),
    path(_VERSION, flow_versions.version_detail, name="version"),
    path(f"{_VERSION}draft/", flow_versions.version_to_draft, name="to_draft"),
]
