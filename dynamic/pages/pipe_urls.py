"""Everything under /pipes/. Words of our own stand before ids."""

from django.urls import path, re_path

from dynamic.pages import (
    archiving,
    pipe_callbacks,
    pipe_console,
    pipe_downloads,
    pipe_editing,
    pipe_purging,
    pipes,
    sharing,
)

app_name = "pipes"

_PIPE = "(?P<pipe_id>[0-9a-f]{24})/"

urlpatterns = [
    path("", pipes.pipe_list, name="list"),
    path("new/", pipe_editing.pipe_create, name="create"),
    path("openapi.json", pipe_downloads.openapi_of_all, name="openapi_of_all"),
    path("postman.json", pipe_downloads.postman_of_all, name="postman_of_all"),
    re_path(rf"^{_PIPE}$", pipes.pipe_detail, name="detail"),
    re_path(rf"^{_PIPE}edit/$", pipe_editing.pipe_edit, name="edit"),
    re_path(rf"^{_PIPE}share/$", sharing.share_pipe, name="share"),
    re_path(rf"^{_PIPE}archive/$", archiving.pipe_archive, name="archive"),
    re_path(rf"^{_PIPE}restore/$", archiving.pipe_restore, name="restore"),
    re_path(rf"^{_PIPE}delete/$", pipe_editing.pipe_delete, name="delete"),
    re_path(rf"^{_PIPE}purge/$", pipe_purging.pipe_purge, name="purge"),
    re_path(rf"^{_PIPE}callbacks/$", pipe_callbacks.pipe_callbacks, name="callbacks"),
    re_path(
        rf"^{_PIPE}callbacks/remove/$",
        pipe_callbacks.callback_secret_remove,
        name="callback_secret_remove",
    ),
    re_path(rf"^{_PIPE}openapi\.json$", pipe_downloads.openapi_of_one, name="openapi"),
    re_path(rf"^{_PIPE}postman\.json$", pipe_downloads.postman_of_one, name="postman"),
    re_path(rf"^{_PIPE}console/$", pipe_console.pipe_console, name="console"),
    re_path(
        rf"^{_PIPE}console/runs/(?P<run_id>[0-9a-f]{{24}})/$",
        pipe_console.run_trace,
        name="trace",
    ),
]
