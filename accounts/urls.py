"""Everything under /account/ but the API keys.

Of allauth's pages only those we want, at addresses of ours, under the names allauth reverses.
"""

from allauth.account import views as allauth
from django.urls import include, path, re_path

from accounts import views

profile = ([path("", views.profile, name="profile")], "accounts")

urlpatterns = [
    path("", include(profile)),
    path("sign-in/", allauth.login, name="account_login"),
    path("sign-out/", allauth.logout, name="account_logout"),
    # Closed by the adapter; the page says who makes accounts.
    path("sign-up/", allauth.signup, name="account_signup"),
    path("switched-off/", allauth.account_inactive, name="account_inactive"),
    path("password/", allauth.password_change, name="account_change_password"),
    path("password/reset/", allauth.password_reset, name="account_reset_password"),
    path("password/reset/sent/", allauth.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/changed/",
        allauth.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
]
