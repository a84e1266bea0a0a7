"""Make the demo: a person, the two systems with a flow and a pipe, and a key of each kind."""

import secrets
from dataclasses import dataclass

from django.conf import settings

from accounts.models import User
from apikeys.models import Key
from apikeys.tokens import Kind
from dynamic.bundle import import_bundle
from dynamic.demo import systems
from dynamic.models import Pipe

EMAIL = "demo@integrator.example"
BUNDLE = settings.BASE_DIR / "examples" / "order-with-stock.yaml"
PIPE = "Order with stock"
KEY_NAMES: dict[Kind, str] = {"access_token": "Demo access token", "jwt": "Demo JWT"}
KEY_DAYS = 90


@dataclass
class Demo:
    """The password and secrets are None where they were made, and shown, earlier."""

    email: str
    password: str | None
    pipe: Pipe
    keys: dict[str, str | None]


def make_demo(*, new_keys: bool) -> Demo:
    user, password = _person()
    import_bundle(BUNDLE.read_text("utf-8"), user, _environ())
    return Demo(user.email, password, user.pipes.get(name=PIPE), _keys(user, new_keys))


def _person() -> tuple[User, str | None]:
    user = User.objects.filter(email=EMAIL).first()
    if user:
        return user, None
    password = secrets.token_urlsafe(12)
    return User.objects.create_superuser(EMAIL, password, first_name="Demo"), password


def _keys(user: User, new: bool) -> dict[str, str | None]:
    made: dict[str, str | None] = {}
    for kind, name in KEY_NAMES.items():
        there = Key.objects.live().filter(owner=user, kind=kind, name=name).exists()
        made[kind] = None
        if new or not there:
            made[kind] = Key.objects.issue(user, name, kind, KEY_DAYS)[1]
    return made


def _environ() -> dict[str, str]:
    return {
        "DEMO_URL": settings.SITE_URL,
        "DEMO_SHOP_KEY": systems.SHOP_KEY,
        "DEMO_WAREHOUSE_USER": systems.WAREHOUSE_USER,
        "DEMO_WAREHOUSE_PASSWORD": systems.WAREHOUSE_PASSWORD,
    }
