from django.urls import include, path
from rest_framework.routers import DefaultRouter

from dynamic.api import PipeViewSet, RunViewSet
from dynamic.listener.view import listener

router = DefaultRouter()
router.register("pipes", PipeViewSet, basename="pipe")
router.register("runs", RunViewSet, basename="run")

urlpatterns = [
    # Under ASGI the listener's door answers before Django sees the call.
    path("listener/<str:pipe_id>", listener, name="listener"),
    path("listener/<str:pipe_id>/", listener),
    path("", include(router.urls)),
]
