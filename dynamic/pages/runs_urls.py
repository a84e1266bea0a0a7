"""Everything under /runs/. An id has its own form, so no word of ours is one."""

from django.urls import path, re_path

from dynamic.pages import runs_async, runs_compare, runs_detail, runs_digest, runs_export, runs_list

app_name = "runs"

urlpatterns = [
    path("", runs_list.run_list, name="list"),
    path("export.csv", runs_export.export_csv, name="csv"),
    path("export.jsonl", runs_export.export_json_lines, name="json_lines"),
    path("compare/", runs_compare.compare, name="compare"),
    path("digest/", runs_digest.digest, name="digest"),
    re_path(r"^(?P<pk>[0-9a-f]{24})/$", runs_detail.run_detail, name="detail"),
    re_path(r"^(?P<pk>[0-9a-f]{24})/cancel/$", runs_async.run_cancel, name="cancel"),
]
