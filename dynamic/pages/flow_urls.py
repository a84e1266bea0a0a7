"""Everything under /flows/. Words of our own stand before slugs."""

from django.urls import path

from dynamic.pages import (
    archiving,
    flow_drift,
    flow_editor,
    flow_editor_adding,
    flow_editor_input,
    flow_editor_step,
    flow_preview,
    flow_versions,
    flows,
    sharing,
    simulating,
)
from dynamic.pages.refs import OWN, REF

app_name = "flows"

_VERSION = f"{REF}versions/<int:number>/"

urlpatterns = [
    path("", flows.flow_list, name="list"),
    path("new/", flows.flow_create, name="create"),
    path(REF, flows.flow_detail, name="detail"),
    path(f"{REF}edit/", flow_editor.flow_steps, name="steps"),
    path(f"{REF}edit/add/", flow_editor_adding.flow_add_step, name="add_step"),
    path(f"{REF}edit/step/", flow_editor_step.flow_step, name="step"),
    path(f"{REF}edit/input/", flow_editor_input.flow_input, name="input"),
    path(f"{REF}preview/", flow_preview.flow_preview, name="preview"),
    path(f"{REF}simulate/", simulating.simulate, name="simulate"),
    path(f"{REF}simulate/<int:pk>/", simulating.simulation_detail, name="simulation"),
    path(f"{REF}drift/<int:pk>/dismiss/", flow_drift.dismiss_drift, name="dismiss_drift"),
    path(f"{REF}share/", sharing.share_flow, name="share"),
    path(f"{OWN}archive/", archiving.flow_archive, name="archive"),
    path(f"{OWN}restore/", archiving.flow_restore, name="restore"),
    path(f"{OWN}delete/", flows.flow_delete, name="delete"),
    path(f"{REF}publish/", flow_versions.flow_publish, name="publish"),
    path(_VERSION, flow_versions.version_detail, name="version"),
    path(f"{_VERSION}draft/", flow_versions.version_to_draft, name="to_draft"),
]
