from django.urls import include, path
from rest_framework.routers import DefaultRouter

from dynamic.api.auth_types import AuthTypeViewSet
from dynamic.api.calls import CallViewSet
from dynamic.api.credentials import CredentialViewSet
from dynamic.api.flow_versions import FlowVersionViewSet
from dynamic.api.flows import FlowViewSet
from dynamic.api.owner import SLUG
from dynamic.api.pipes import PipeViewSet
from dynamic.api.runs import RunViewSet
from dynamic.api.systems import SystemViewSet

_SYSTEM = f"systems/(?P<system_slug>{SLUG})"

router = DefaultRouter()
router.register("flows", FlowViewSet, basename="flow")
router.register(
    f"flows/(?P<flow_slug>{SLUG})/versions", FlowVersionViewSet, basename="flow-version"
)
router.register("pipes", PipeViewSet, basename="pipe")
router.register("runs", RunViewSet, basename="run")
router.register("systems", SystemViewSet, basename="system")
router.register(f"{_SYSTEM}/credentials", CredentialViewSet, basename="credential")
router.register(f"{_SYSTEM}/calls", CallViewSet, basename="call")
router.register("authentication-types", AuthTypeViewSet, basename="authentication-type")

urlpatterns = [path("", include(router.urls))]
