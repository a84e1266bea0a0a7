from django.urls import include, path

from dynamic.listener.view import listener

urlpatterns = [
    # Under ASGI the listener's door answers before Django sees the call.
    path("listener/<str:pipe_id>", listener, name="listener"),
    path("listener/<str:pipe_id>/", listener),
    path("", include("dynamic.api.urls")),
]
