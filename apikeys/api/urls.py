from django.urls import include, path
from rest_framework.routers import SimpleRouter

from apikeys.api.views import KeyViewSet, LeakView

router = SimpleRouter()
router.register("account/api-keys", KeyViewSet, basename="api-key")

urlpatterns = [
    path("", include(router.urls)),
    # As GitHub's, which secret scanners know to call.
    path("credentials/revoke", LeakView.as_view(), name="revoke_credentials"),
]
