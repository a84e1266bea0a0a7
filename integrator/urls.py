"""The site map."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView

from dynamic.api.flow_schema import flow_schema
from dynamic.api.metrics import metrics
from integrator.openapi import SwaggerView

handler400 = "integrator.rest.bad_request"
handler404 = "integrator.rest.not_found"
handler500 = "integrator.rest.server_error"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="apikeys:list"), name="home"),
    path("systems/", include("dynamic.pages.urls")),
    path("flows/", include("dynamic.pages.flow_urls")),
    path("pipes/", include("dynamic.pages.pipe_urls")),
    path("runs/", include("dynamic.pages.runs_urls")),
    path("account/", include("accounts.urls")),
    path("account/api-keys/", include("apikeys.urls")),
    path("v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("v1/docs/", SwaggerView.as_view(url_name="schema"), name="docs"),
    path("v1/flow-schema.json", flow_schema, name="flow-schema"),
    path("v1/", include("apikeys.api.urls")),
    path("v1/dynamic/", include("dynamic.urls")),
    path("metrics", metrics),
    path("admin/", admin.site.urls),
]

if settings.DEMO:
    urlpatterns.append(path("demo/", include("dynamic.demo.urls")))
