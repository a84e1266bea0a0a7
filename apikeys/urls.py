from django.urls import path

from apikeys import views, views_of_key

app_name = "apikeys"

urlpatterns = [
    path("", views.key_list, name="list"),
    path("new/", views.key_create, name="create"),
    path("revoke/", views_of_key.keys_revoke, name="revoke_several"),
    path("why-denied/", views_of_key.why_denied, name="why_denied"),
    path("<str:public_id>/", views_of_key.key_detail, name="detail"),
    path("<str:public_id>/change/", views.key_change, name="change"),
    path("<str:public_id>/rotate/", views.key_rotate, name="rotate"),
    path("<str:public_id>/narrow/", views_of_key.key_narrow, name="narrow"),
    path("<str:public_id>/revoke/", views_of_key.key_revoke, name="revoke"),
]
