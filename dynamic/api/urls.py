from django.urls import include, path, re_path
from rest_framework.routers import DefaultRouter

from dynamic.api.auth_types import AuthTypeViewSet
from dynamic.api.callback_secret import CallbackSecretView
from dynamic.api.calls import CallViewSet
from dynamic.api.credentials import CredentialViewSet
from dynamic.api.flow_versions import FlowVersionViewSet
from dynamic.api.flows import FlowViewSet
from dynamic.api.owner import REF
from dynamic.api.pipes import PipeViewSet
from dynamic.api.run_answers import RunAnswerView
from dynamic.api.run_cancelling import CancelRunView
from dynamic.api.runs import RunViewSet
from dynamic.api.shares import FlowShareViewSet, PipeShareViewSet, SystemShareViewSet
from dynamic.api.systems import SystemViewSet

_SYSTEM = f"systems/(?P<system_slug>{REF})"

router = DefaultRouter()
router.register("flows", FlowViewSet, basename="flow")
router.register(f"flows/(?P<flow_slug>{REF})/versions", FlowVersionViewSet, basename="flow-version")
router.register("pipes", PipeViewSet, basename="pipe")
router.register("runs", RunViewSet, basename="run")
router.register("systems", SystemViewSet, basename="system")
router.register(f"{_SYSTEM}/credentials", CredentialViewSet, basename="credential")
router.register(f"{_SYSTEM}/calls", CallViewSet, basename="call")
router.register(f"systems/(?P<ref>{REF})/shares", SystemShareViewSet, basename="system-share")
router.register(f"flows/(?P<ref>{REF})/shares", FlowShareViewSet, basename="flow-share")
router.register("pipes/(?P<ref>[0-9a-f]{24})/shares", PipeShareViewSet, basename="pipe-share")
router.register("authentication-types", AuthTypeViewSet, basename="authentication-type")

urlpatterns = [
    re_path(
        r"^pipes/(?P<id>[0-9a-f]{24})/callback-secret/$",
        CallbackSecretView.as_view(),
        name="callback-secret",
    ),
    re_path(r"^runs/(?P<id>[0-9a-f]{24})/answer/$", RunAnswerView.as_view(), name="run-answer"),
    re_path(r"^runs/(?P<id>[0-9a-f]{24})/cancel/$", CancelRunView.as_view(), name="run-cancel"),
    path("", include(router.urls)),
]
